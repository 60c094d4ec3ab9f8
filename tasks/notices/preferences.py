"""What somebody wants to be told outside the pages, and when: by cause and channel, and not at night.

Nothing here changes the page of notices. Rungs of the ladder (`LADDER`) know no quiet hours: a limit does not wait.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.audit.recording import record
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deps import Deps
from tasks.notices.tables import NoticePreference, NoticeQuiet
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.talk.causes import CAUSES, SUPERVISED, WARNED

AT_ONCE, NEVER = "at_once", "never"
HOW = (AT_ONCE, NEVER)

LADDER = frozenset({WARNED, SUPERVISED})
"""Causes that are rungs of the ladder (docs/supervision.md)."""

_PREFERENCE, _QUIET = table(NoticePreference), table(NoticeQuiet)


@dataclass(frozen=True, slots=True)
class Quiet:
    """From when to when nothing is sent, in Shanghai time; it may reach over midnight."""

    begins: time
    ends: time

    def until(self, now: datetime) -> datetime | None:
        """The end of the quiet that holds now; None where none does."""
        local = now.astimezone(SHANGHAI)
        at, today = local.time(), local.date()
        if self.begins < self.ends:
            inside, day = self.begins <= at < self.ends, today
        else:
            inside = at >= self.begins or at < self.ends
            day = today + timedelta(days=1) if at >= self.begins else today
        return datetime.combine(day, self.ends, SHANGHAI) if inside else None


@dataclass(frozen=True, slots=True)
class Preferences:
    """how: of every cause and every channel of this installation, whether it is told at once or never."""

    how: Mapping[tuple[str, str], str]
    quiet: Quiet | None


def preferences(session: Session, deps: Deps, caller: Caller) -> Preferences:
    """What the caller wants; whoever has said nothing is told of everything at once. Raises NotPermitted."""
    require(caller, "notice.prefer")
    kept = {
        (row.cause, row.channel): row.how
        for row in session.execute(sa.select(_PREFERENCE).where(_PREFERENCE.c.person_id == caller.id))
    }
    quiet = session.execute(sa.select(_QUIET).where(_QUIET.c.person_id == caller.id)).first()
    return Preferences(
        {(cause, name): kept.get((cause, name), AT_ONCE) for cause in CAUSES for name in deps.channels},
        Quiet(quiet.begins, quiet.ends) if quiet else None,
    )


def prefer(
    session: Session, deps: Deps, caller: Caller, how: Mapping[tuple[str, str], str], quiet: Quiet | None
) -> Preferences:
    """Replace what the caller wants: `how` of (cause, channel); what is not named is told at once. quiet: None for none.

    What somebody wants through a channel that is not there now is kept. Returns what holds from now on. Raises NotPermitted,
    and InvalidInput with everything that is wrong.
    """
    require(caller, "notice.prefer")
    before = preferences(session, deps, caller)
    _check(deps, how, quiet)
    session.execute(
        sa.delete(_PREFERENCE).where(
            _PREFERENCE.c.person_id == caller.id, _PREFERENCE.c.channel.in_(list(deps.channels))
        )
    )
    rows = [
        {"person_id": caller.id, "cause": cause, "channel": channel, "how": what}
        for (cause, channel), what in sorted(how.items())
        if what != AT_ONCE
    ]
    if rows:
        session.execute(insert(_PREFERENCE), rows)
    if quiet is None:
        session.execute(sa.delete(_QUIET).where(_QUIET.c.person_id == caller.id))
    else:
        values = {"begins": quiet.begins, "ends": quiet.ends}
        statement = insert(_QUIET).values(person_id=caller.id, **values)
        session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=values))
    after = preferences(session, deps, caller)
    record(
        session,
        caller.actor,
        "notice.prefer",
        at=deps.clock.now(),
        subject="person",
        subject_id=caller.id,
        before=_told(before),
        after=_told(after),
    )
    return after


def unwanted(session: Session, people: Collection[UUID]) -> frozenset[tuple[UUID, str, str]]:
    """(person, cause, channel) of what these people never want. One statement."""
    rows = session.execute(
        sa.select(_PREFERENCE.c.person_id, _PREFERENCE.c.cause, _PREFERENCE.c.channel).where(
            _PREFERENCE.c.person_id.in_(people), _PREFERENCE.c.how == NEVER
        )
    )
    return frozenset((row.person_id, row.cause, row.channel) for row in rows)


def quiet_of(session: Session, people: Collection[UUID]) -> dict[UUID, Quiet]:
    """The quiet hours of those of these people who have any. One statement."""
    rows = session.execute(sa.select(_QUIET).where(_QUIET.c.person_id.in_(people)))
    return {row.person_id: Quiet(row.begins, row.ends) for row in rows}


def quiet_until(quiet: Quiet | None, cause: str, now: datetime) -> datetime | None:
    """Until when somebody with these quiet hours is not to be told of this cause; None where they may be told now."""
    return None if quiet is None or cause in LADDER else quiet.until(now)


def _check(deps: Deps, how: Mapping[tuple[str, str], str], quiet: Quiet | None) -> None:
    wrong = [
        f"there is no cause {cause[:40]}"
        for cause in dict.fromkeys(cause for cause, _ in how)
        if cause not in CAUSES
    ]
    wrong += [
        f"there is no channel {name[:40]}"
        for name in dict.fromkeys(name for _, name in how)
        if name not in deps.channels
    ]
    wrong += [f"{what[:40]} is not {' or '.join(HOW)}" for what in sorted(set(how.values()) - set(HOW))]
    if quiet is not None and quiet.begins == quiet.ends:
        wrong.append("quiet hours begin and end at the same time")
    if wrong:
        raise InvalidInput(
            f"Preferences for notices were sent and not kept: {'; '.join(wrong)}.",
            message_zh="通知偏好没有保存：请检查通知种类、渠道和免打扰时段（起止时间不能相同）。",
        )


def _told(what: Preferences) -> dict[str, Any]:
    return {
        "never": sorted(f"{cause}/{name}" for (cause, name), how in what.how.items() if how == NEVER),
        "quiet": f"{what.quiet.begins:%H:%M}-{what.quiet.ends:%H:%M}" if what.quiet else None,
    }
