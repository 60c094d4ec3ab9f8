"""A clock begins: its terms are copied from the register and from what the diagram says, its first instants reckoned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from engine.actor import SYSTEM
from engine.errors import InvalidInput, RedressError
from engine.ids import NewId
from tasks.deadlines.calendar.arithmetic import OutsideCalendar, end_of
from tasks.deadlines.calendar.limits import FIXED, HOURS, Limit, in_our_time, plain, reckon
from tasks.deadlines.clocks.arming import behind_at_first, first_warning, next_rung, rung_instants
from tasks.deadlines.clocks.instants import read_beginning, read_day, read_instant
from tasks.deadlines.clocks.stood import credited, stood_until
from tasks.deadlines.clocks.tables import CASE
from tasks.deadlines.policies.choosing import chosen_by
from tasks.deadlines.policies.register import NoSuchPolicy, Policy
from tasks.deadlines.policies.rows import MOST
from tasks.deadlines.policies.rungs import read_rungs
from tasks.memo import CaseMemo, Stood
from tasks.organisation.office import Snapshot

LIMIT, WARN = "sla.limit", "sla.warnRatio"
FROM, DUE = "sla.from", "sla.due"
"""Also of one code: `sla.from.R03.reg`."""
IMPOSSIBLE = (NoSuchPolicy, OutsideCalendar, InvalidInput, OverflowError)
"""What a clock may fail to begin for. Who completed what led here cannot repair the register: it is said, not raised."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """Since when a case waits for somebody outside, and what keeps it waiting (`reason:id`, the first counts)."""

    since: datetime
    held_by: tuple[str, ...]

    def reason_for(self, pausable: tuple[str, ...]) -> str:
        """The first of its reasons for which a clock with these terms stands still; empty where it goes on."""
        reasons = (holder.partition(":")[0] for holder in self.held_by)
        return next((reason for reason in reasons if reason in pausable), "")

    def holding(self, reason: str) -> list[str]:
        """What keeps it waiting for this reason."""
        return [holder for holder in self.held_by if holder.partition(":")[0] == reason]


@dataclass(frozen=True, slots=True)
class Ground:
    """What all clocks of an instance have in common that begin at one moment."""

    snapshot: Snapshot
    instance_id: UUID
    number: str
    behind: CaseMemo | None
    at: datetime
    new_id: NewId
    standstill: Standstill | None = None

    def waited(self, *, still: bool) -> tuple[Stood, ...]:
        """The times the case has stood still before this moment. still: what asks goes on standing, so that the wait which
        lasts is in its ledger anyway; else one that ends now is over.
        """
        if (behind := self.behind) is None:
            return ()
        if still:
            return behind.stood_still
        return stood_until(behind.stood_still, behind.paused_at, behind.paused_by, self.at)


@dataclass(frozen=True, slots=True)
class Thing:
    """What a clock is of: a case, a stage or a task. `properties` and `variables` are evaluated, as a port hands them."""

    kind: str
    token_id: UUID
    activity_id: str
    name: str
    holder: str
    region: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    fixed: datetime | None = None
    """The due date the diagram gives the task, instead of an amount."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The row of a new clock and of what belongs to it; `due_at`, also of one that stands still from the beginning."""

    row: dict[str, Any]
    due_at: datetime
    pauses: tuple[dict[str, Any], ...] = ()
    revisions: tuple[dict[str, Any], ...] = ()
    promises: tuple[dict[str, Any], ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is no clock, or not the one asked for: a sentence in English and Chinese."""

    text: str
    zh: str


def begin(ground: Ground, code: str, thing: Thing, *, before: datetime | None = None) -> Begun | None:
    """Begin a clock of `code`; None where it would not be due `before` then. Raises one of IMPOSSIBLE where its limit cannot be
    said or counted.
    """
    facts = ground.behind.facts if ground.behind else {}
    policy = ground.snapshot.policies.find(code, **chosen_by({**thing.variables, "case": facts}))
    policy, limit = _limit(policy, code, thing)
    own = ground.behind and ground.behind.instance_id in (None, ground.instance_id)
    entered = ground.behind.filed_at if thing.kind == CASE and own and ground.behind else ground.at
    start = _beginning(code, thing) or entered
    calendar = ground.snapshot.calendars.of(thing.region)
    reason = ground.standstill.reason_for(policy.pauses) if ground.standstill else ""
    # Of an instant the diagram gives, it has said itself what it is.
    waited = ground.waited(still=bool(reason)) if limit.unit != FIXED else ()
    stood = credited(waited, policy.pauses, start, ground.at)
    pauses = [pause for _, pause in stood]
    due = reckon(calendar, limit, start, pauses)
    if before is not None and due.at >= before:
        return None
    rungs, problem = _rungs(policy, thing.properties.get(WARN))
    instants = rung_instants(calendar, limit, rungs, start, pauses, due=due.at)
    coming = next_rung(instants, behind=behind_at_first(instants, ground.at), now=ground.at, ever=())
    clock_id = ground.new_id()
    row = {
        "id": clock_id,
        "kind": thing.kind,
        "code": code,
        "policy_id": policy.id,
        "name": policy.name_zh or thing.name,
        "case_id": ground.behind.id if ground.behind else None,
        "number": ground.number,
        "instance_id": ground.instance_id,
        "token_id": thing.token_id,
        "activity_id": thing.activity_id,
        "region": thing.region,
        "holder": thing.holder,
        "amount": limit.amount,
        "unit": limit.unit,
        "rolls": limit.rolls,
        "fixed_at": limit.fixed,
        "target": policy.target,
        "extended": Decimal(0),
        "rungs": rungs,
        "pausable": list(policy.pauses),
        "stops_on": policy.stops_on,
        "started_at": start,
        "due_at": due.at,
        "warn_at": first_warning(instants, rungs),
        "provisional": due.provisional,
        "promised_at": due.at if policy.promised else None,
        "revision": 1,
        "next_rung": coming[0] if coming else None,
        "next_at": coming[1] if coming else None,
        "queued_at": None,
        "paused_at": None,
        "pause_reason": "",
        "stopped_at": None,
        "stop_reason": "",
    }
    promised = (_promise(ground, clock_id, due.at),) if policy.promised else ()
    ledger = tuple(_paused(ground, row, why, pause) for why, pause in stood)
    begun = Begun(row, due.at, pauses=ledger, promises=promised, problem=problem)
    return _standing_still(ground, begun, reason, coming) if reason else begun


def begin_or_say(
    ground: Ground, code: str, thing: Thing, *, before: datetime | None = None
) -> tuple[Begun | None, Problem | None]:
    """The same with what is wrong instead of an exception."""
    try:
        begun = begin(ground, code, thing, before=before)
    except RedressError as error:
        if not isinstance(error, IMPOSSIBLE):
            raise
        return None, Problem(str(error), str(error.facts.get("message_zh") or error))
    except OverflowError:
        return None, Problem(f"The limit of {code} is too far away.", f"时限 {code} 过于遥远，无法计算。")
    return begun, begun.problem if begun else None


def _said(name: str, code: str, thing: Thing) -> Any:
    """What the diagram says of this code, else of all; None where it says nothing, or nothing of this case."""
    for each in (f"{name}.{code}", name):
        if thing.properties.get(each) not in (None, ""):
            return thing.properties[each]
    return None


def _beginning(code: str, thing: Thing) -> datetime | None:
    """Since when the diagram has the clock run; None where it does not say. Raises InvalidInput for what is no time."""
    given = _said(FROM, code, thing)
    at = read_beginning(given)
    if given is not None and at is None:
        raise _no_time(FROM, given, code, thing)
    return at


def _fixed(policy: Policy, code: str, thing: Thing) -> Limit | None:
    """The instant the diagram gives instead of an amount: of a day its end, rolling where the policy rolls. None where it
    gives none. Raises InvalidInput.
    """
    given = _said(DUE, code, thing)
    if given is not None:
        day, at = read_day(given), read_instant(given)
        if day is None and at is None:
            raise _no_time(DUE, given, code, thing)
        if day is not None:
            return Limit(policy.amount, FIXED, policy.rolls and policy.unit != HOURS, end_of(day))
        return Limit(policy.amount, FIXED, False, at)
    if thing.fixed is None:
        return None
    if not in_our_time(thing.fixed):
        raise InvalidInput(
            f"The due date {thing.fixed.isoformat()} of {thing.activity_id} was given; no limit is so far."
        )
    return Limit(policy.amount, FIXED, False, thing.fixed)


def _no_time(name: str, given: Any, code: str, thing: Thing) -> InvalidInput:
    shown = f"{given!r:.80}"
    return InvalidInput(
        f"{name} of {thing.activity_id} gave {shown} for {code}, which is no date and no date and time.",
        message_zh=f"{thing.activity_id} 的 {name}（{code}）给出 {shown}，既不是日期，也不是日期时间。",
    )


def _limit(policy: Policy, code: str, thing: Thing) -> tuple[Policy, Limit]:
    if (fixed := _fixed(policy, code, thing)) is not None:
        return policy, fixed
    if thing.properties.get(LIMIT) is None:  # not said, or by a decision that says nothing of this case
        return policy, policy.limit
    amount = read_amount(thing.properties[LIMIT])
    most = MOST[policy.unit]
    if amount is None or not 0 < amount <= most:
        raise InvalidInput(
            f"The limit {thing.properties[LIMIT]!r} was given to {thing.activity_id} instead of that of {policy.code}, "
            f"but a limit is a number above 0 and up to {most} {policy.unit}.",
            message_zh=f"{thing.activity_id} 的时限 {thing.properties[LIMIT]!r} 不对：应为大于 0、至多 {most} {policy.unit} 的数。",
        )
    target = policy.target if policy.target is None or policy.target <= amount else None
    return replace(policy, target=target), replace(policy.limit, amount=amount)


def _rungs(policy: Policy, ratio: Any) -> tuple[str, Problem | None]:
    """The rungs with the first warning at `ratio` (0 to 1) instead of the register's; a sentence where that is no ratio."""
    if ratio in (None, ""):
        return policy.rungs, None
    share = read_amount(ratio)
    percent = (share * 100).quantize(Decimal("0.01")) if share is not None and 0 < share <= 1 else Decimal(0)
    if percent <= 0:
        return policy.rungs, Problem(
            f"The warning ratio {ratio!r} was given, but it is a number above 0 and up to 1.",
            f"预警比例 {ratio!r} 不对：应为大于 0、至多 1 的数。",
        )
    rungs = read_rungs(policy.rungs)
    after = [
        rung.text
        for number, rung in enumerate(rungs)
        if rung.share is None or (rung.share * 100 > percent and not (number == 0 and rung.warns))
    ]
    return " ".join([f"{plain(percent)}%", *after]), None


def read_amount(value: Any) -> Decimal | None:
    """A finite number to three decimals, as amounts are kept; None for what is none."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value))
        return number.quantize(Decimal("0.001")) if number.is_finite() else None
    except InvalidOperation:
        return None


def _standing_still(ground: Ground, begun: Begun, reason: str, coming: tuple[int, datetime] | None) -> Begun:
    """coming: the rung it would wait for, which it keeps: those before it were over when it began."""
    assert ground.standstill is not None
    row = begun.row
    credited_until = [pause["to_at"] for pause in begun.pauses]
    since = min(ground.at, max(row["started_at"], ground.standstill.since, *credited_until))
    first = revision_row(row, ground.at, "start")
    row.update(due_at=None, warn_at=None, next_rung=coming[0] if coming else None, next_at=None, revision=2)
    row.update(paused_at=since, pause_reason=reason)
    pause = _paused(ground, row, reason, (since, None), ground.standstill.holding(reason))
    second = revision_row(row, ground.at, f"pause:{reason}")
    return replace(begun, pauses=(*begun.pauses, pause), revisions=(first, second))


def _paused(
    ground: Ground,
    row: Mapping[str, Any],
    reason: str,
    pause: tuple[datetime, datetime | None],
    held_by: Sequence[str] = (),
) -> dict[str, Any]:
    """The row of a pause in the ledger: of one that is over, or, without its end, of one that is not."""
    return {
        "id": ground.new_id(),
        "clock_id": row["id"],
        "reason": reason,
        "note": "",
        "from_at": pause[0],
        "to_at": pause[1],
        "begun_by": SYSTEM.id,
        "ended_by": SYSTEM.id if pause[1] else "",
        "held_by": list(held_by),
    }


def revision_row(row: Mapping[str, Any], at: datetime, cause: str, by: str = SYSTEM.id) -> dict[str, Any]:
    """The row of the revision a clock row is in."""
    return {
        "clock_id": row["id"],
        "revision": row["revision"],
        "due_at": row["due_at"],
        "provisional": row["provisional"],
        "cause": cause,
        "at": at,
        "by": by,
    }


def _promise(ground: Ground, clock_id: UUID, due: datetime) -> dict[str, Any]:
    return {
        "id": ground.new_id(),
        "clock_id": clock_id,
        "promised_at": due,
        "made_at": ground.at,
        "made_by": SYSTEM.id,
        "text": "",
    }
