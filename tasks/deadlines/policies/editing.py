"""Changing the clock register: add a row, change it, end it. Every edit is a new version, whole or not at all.

Each verb needs `policy.manage`, names the version it was made on, and tells every mistake at once. Running clocks keep the
version they started with, unless the edit asks to have them counted again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine import jobs
from engine.errors import NotFound, WrongState
from tasks.audit.recording import record
from tasks.deadlines.calendar.arithmetic import SHANGHAI, day_of
from tasks.deadlines.calendar.changed import RECOMPUTE
from tasks.deadlines.policies.rows import (
    Key,
    Mistake,
    RegisterRefused,
    Terms,
    check_text,
    label,
    read_row,
    sayable,
)
from tasks.deadlines.policies.versions import Fresh, Version, add_versions, all_versions, line_of
from tasks.deps import Deps
from tasks.organisation.revision import lock_office
from tasks.people.caller import Caller
from tasks.permissions.matrix import require

VERB = "policy.manage"
EARLIEST = date(2000, 1, 1)
AHEAD = timedelta(days=3_650)
"""How far ahead a version may be planned."""


class StaleRow(WrongState):
    """The row of the clock register has a newer version than the one the edit was made on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When and why. effective_from: the first day (Shanghai), as a date or ISO text; None or empty is today; a day that
    has passed corrects what was wrong and needs a note. replaces: what was planned gives way, and what counts today goes
    on until that day; without it the version follows on what is planned.
    recompute: running clocks of the code are counted again by what the register then says, as soon as it does.
    """

    effective_from: date | str | None = None
    note: str = ""
    replaces: bool = False
    recompute: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit does to one row: `before` is None for a new one, `after` has `ended` for one that ends."""

    before: Version | None
    after: Fresh

    @property
    def kind(self) -> str:
        if self.after.ended:
            return "ended"
        return "added" if self.before is None or self.before.ended else "changed"

    @property
    def label(self) -> str:
        return label(self.after.terms.key)

    @property
    def differs(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The columns that differ, before and after; of a new row all of them."""
        after = self.after.terms.plain()
        if self.before is None:
            return {}, after
        before = self.before.terms.plain()
        names = [name for name in after if after[name] != before[name]]
        return {name: before[name] for name in names}, {name: after[name] for name in names}


@dataclass(frozen=True, slots=True)
class Edited:
    """What came of an edit: the changes, and the versions they became (none for a mere check)."""

    changes: list[Change]
    versions: list[Version]


@dataclass(frozen=True, slots=True)
class Desk:
    """An edit under way: all versions of all rows under the lock."""

    stored: Mapping[Key, list[Version]]
    today: date
    caller: Caller

    def newest(self, version_id: UUID) -> Version:
        """The version with this id. Raises NotFound, and StaleRow if its row has a newer one."""
        for versions in self.stored.values():
            if any(version.id == version_id for version in versions):
                newest = versions[-1]
                if newest.id != version_id:
                    raise StaleRow(
                        f"An edit of an older version of {label(newest.terms.key)} was asked for; it is at version "
                        f"{newest.version}, by {newest.changed_by_name or 'the file'}: look again.",
                        message_zh=f"{label(newest.terms.key)} 在您查看之后已有第 {newest.version} 版，请刷新后重试。",
                        version=newest.version,
                    )
                return newest
        raise no_such_row(version_id)


def no_such_row(version_id: UUID) -> NotFound:
    """The refusal for a version that is not there."""
    return NotFound(
        f"The version {version_id} of the clock register was asked for; there is none.",
        message_zh="时限登记中没有这一版本。",
    )


def add_row(
    session: Session, deps: Deps, caller: Caller, values: Mapping[str, Any], plan: Plan, *, dry: bool = False
) -> Edited:
    """Add a row; `values` by the columns of `words.COLUMNS`. One that has ended may be added again.

    dry: only check it. Raises RegisterRefused with every mistake.
    """

    def change(desk: Desk) -> list[Wish]:
        terms, mistakes = read_row(values)
        return [Wish(None, terms, mistakes, adds=True)]

    return _edit(session, deps, caller, change, plan, dry)


def change_row(
    session: Session,
    deps: Deps,
    caller: Caller,
    version_id: UUID,
    values: Mapping[str, Any],
    plan: Plan,
    *,
    dry: bool = False,
) -> Edited:
    """Change a row; what `values` does not name stays as in the version with this id, which must be the newest. A row
    whose end is planned or past goes on. dry: only check it.

    Raises NotFound, StaleRow, and RegisterRefused with every mistake.
    """

    def change(desk: Desk) -> list[Wish]:
        base = desk.newest(version_id)
        terms, mistakes = read_row(values, base=base.terms)
        return [Wish(base, terms, mistakes)]

    return _edit(session, deps, caller, change, plan, dry)


def end_row(
    session: Session, deps: Deps, caller: Caller, version_id: UUID, plan: Plan, *, dry: bool = False
) -> Edited:
    """End a row: from `effective_from` on there is none. Raises as `change_row`; WrongState if it has ended already."""

    def change(desk: Desk) -> list[Wish]:
        base = desk.newest(version_id)
        if base.ended:
            raise WrongState(
                f"Ending {label(base.terms.key)} was asked for; it ends with {base.effective_from} already.",
                message_zh=f"{label(base.terms.key)} 已自 {base.effective_from} 起停用。",
            )
        return [Wish(base, base.terms, [], ended=True)]

    return _edit(session, deps, caller, change, plan, dry)


def keep_row(
    session: Session, deps: Deps, caller: Caller, version_id: UUID, plan: Plan, *, dry: bool = False
) -> Edited:
    """Take back everything that is planned for a row: what counts today goes on, and a row that was to begin does not.

    Of `plan` only the note counts. Raises as `change_row`; WrongState if nothing is planned.
    """

    def change(desk: Desk) -> list[Wish]:
        base = desk.newest(version_id)
        current, following = line_of(desk.stored[base.terms.key], desk.today)
        if not following:
            raise WrongState(
                f"Taking back what is planned for {label(base.terms.key)} was asked for; nothing is.",
                message_zh=f"{label(base.terms.key)} 没有已排定的版本。",
            )
        if current is None:
            return [Wish(base, base.terms, ended=True)]
        return [Wish(base, current.terms, ended=current.ended)]

    return _edit(session, deps, caller, change, Plan(note=plan.note, replaces=True), dry)


@dataclass(frozen=True, slots=True)
class Wish:
    """One row as it is to be, or why it could not be read. base: the version it was made on. adds: there must be none."""

    base: Version | None
    terms: Terms | None
    mistakes: Sequence[Mistake] = ()
    ended: bool = False
    adds: bool = False
    where: str = ""


def open_desk(session: Session, deps: Deps, caller: Caller) -> tuple[Desk, int]:
    """The register under the lock, for whoever may change it, and the office's revision."""
    require(caller, VERB)
    revision = lock_office(session)
    return Desk(all_versions(session), day_of(deps.clock.now()), caller), revision


def _edit(
    session: Session,
    deps: Deps,
    caller: Caller,
    change: Callable[[Desk], list[Wish]],
    plan: Plan,
    dry: bool,
) -> Edited:
    desk, _ = open_desk(session, deps, caller)
    wishes = change(desk)
    changes = changes_of(desk, wishes, plan)
    if dry:
        return Edited(changes, [])
    edited = apply(session, deps, desk, changes, plan)
    if plan.recompute and not changes:
        _recompute_alone(session, deps, caller, {wish.terms.code for wish in wishes if wish.terms})
    return edited


def changes_of(desk: Desk, wishes: Iterable[Wish], plan: Plan) -> list[Change]:
    """What the wishes change; one that changes nothing is left out. Raises RegisterRefused with every mistake."""
    mistakes: list[Mistake] = []
    changes: list[Change] = []
    day, wrong = _day_and_note(plan, desk.today)
    mistakes += wrong
    for wish in wishes:
        mistakes += wish.mistakes
        if wish.terms is None:
            continue
        versions = desk.stored.get(wish.terms.key, [])
        base = versions[-1] if versions else None
        if wish.adds and base is not None and not base.ended:
            mistakes.append(
                Mistake(
                    wish.where, label(wish.terms.key), "code", "there is such a row already.", "已有这一行。"
                )
            )
        if day is None:
            continue
        current, following = line_of(versions, desk.today)
        if not plan.replaces:
            mistakes += _displaced(wish, following, day)
        elif following and (begins := following[0].effective_from) < day:
            goes_on = current.terms if current is not None else following[0].terms
            none = current is None or current.ended
            changes.append(Change(base, Fresh(goes_on, begins, none, plan.note.strip())))
        if not _says_the_same(wish, base, day, desk.today):
            changes.append(Change(base, Fresh(wish.terms, day, wish.ended, plan.note.strip())))
    if mistakes:
        raise RegisterRefused(mistakes)
    return changes


def apply(session: Session, deps: Deps, desk: Desk, changes: Sequence[Change], plan: Plan) -> Edited:
    """Write the changes, record each, and have running clocks counted again where the plan says so."""
    now, actor = deps.clock.now(), desk.caller.actor
    versions = add_versions(
        session, desk.stored, [one.after for one in changes], at=now, by=actor.id, by_name=actor.name
    )
    for change, version in zip(changes, versions, strict=True):
        before, after = change.differs
        record(
            session,
            actor,
            "policy.manage",
            at=now,
            subject="policy",
            subject_id=change.label,
            before=before,
            after={
                **after,
                "version": version.version,
                "effective_from": version.effective_from.isoformat(),
                "ended": version.ended,
                "note": version.note,
                "recompute": plan.recompute,
            },
        )
    if plan.recompute:
        for code, day in sorted({(one.after.terms.code, one.after.effective_from) for one in changes}):
            recompute(session, code, day, now)
    return Edited(list(changes), versions)


def recompute(session: Session, code: str, day: date, now: datetime) -> None:
    """Have a job count the running clocks of `code` again, once `day` has begun."""
    begins = datetime.combine(day, time.min, SHANGHAI)
    later = begins > now
    jobs.defer(
        session,
        RECOMPUTE,
        {"code": code, "cause": "policy"},
        # A job that waits for its day would hold up all later ones of the same lock.
        lock=f"{RECOMPUTE}:{code}:{day}" if later else RECOMPUTE,
        not_before=begins if later else None,
    )


def _recompute_alone(session: Session, deps: Deps, caller: Caller, codes: Iterable[str]) -> None:
    """Count running clocks again by what the register says already."""
    now = deps.clock.now()
    for code in sorted(codes):
        record(
            session,
            caller.actor,
            "policy.manage",
            at=now,
            subject="policy",
            subject_id=code,
            after={"recompute": True},
        )
        recompute(session, code, day_of(now), now)


def _day_and_note(plan: Plan, today: date) -> tuple[date | None, list[Mistake]]:
    """The first day of the plan, and what is wrong with day and note."""
    mistakes: list[Mistake] = []

    def wrong(column: str, message: str, message_zh: str) -> None:
        mistakes.append(Mistake("", "", column, message, message_zh))

    if found := check_text("note", plan.note):
        wrong("note", *found)
    day: date | None = today
    if isinstance(plan.effective_from, date):
        day = plan.effective_from
    elif plan.effective_from:
        try:
            day = date.fromisoformat(plan.effective_from.strip())
        except ValueError:
            told = sayable(plan.effective_from[:40])
            wrong(
                "effective_from",
                f"'{told}' is no day such as 2026-03-02.",
                f"“{told}”不是日期，应如 2026-03-02。",
            )
            return None, mistakes
    if day is None or not EARLIEST <= day <= today + AHEAD:
        wrong(
            "effective_from",
            f"{day} is not between {EARLIEST} and ten years from now.",
            f"{day} 不在 {EARLIEST} 到十年之内。",
        )
    elif day < today and not plan.note.strip():
        wrong(
            "effective_from",
            f"{day} has passed: a correction of what counted before today needs a note.",
            f"{day} 已过去：更正过去的时限须写明说明。",
        )
    return day, mistakes


def _displaced(wish: Wish, following: Iterable[Version], day: date) -> Iterable[Mistake]:
    """Planned versions that would give way unsaid."""
    for version in following:
        if wish.terms is not None and version.effective_from >= day:
            yield Mistake(
                wish.where,
                label(wish.terms.key),
                "effective_from",
                f"version {version.version} is planned for {version.effective_from}, and one from {day} on would take its "
                "place: say that it replaces what is planned, or choose a later day.",
                f"第 {version.version} 版已定于 {version.effective_from} 生效，自 {day} 起的新版会取代它："
                "请注明取代已排定的版本，或另选日期。",
            )


def _says_the_same(wish: Wish, base: Version | None, day: date, today: date) -> bool:
    if base is None or base.ended != wish.ended or base.terms != wish.terms:
        return False
    return day == base.effective_from or (base.effective_from <= today and day >= base.effective_from)
