"""Whose every minute of a case was: a partition of the time from filing to the end, without gap or overlap. Pure.

Who has the ball, the first line that fits:

1. While the case stands still (waiting for the customer, mass event, waiting for the regulator: domain §1.10 #12) the time
   is nobody's inside, whoever holds work. A pause of one task's clock says so only of the time that task answers for.
2. The unit that holds the oldest open task that is not assisting 协办. The business department's clock does not pause while
   assistants or the upper tier work (domain §1.14 #24), so as long as its own task is open the time is its own.
3. Only assisting tasks are open: the unit of the oldest, reason `assisting`.
4. Nobody has a task (service steps, incidents, waiting messages): `machine`, on the unit that held last.

各环节不得推诿 (003§2.2.2): what a refusal 退单 costs is charged to who refused (domain §1.14 #8 gives refusals to us): the time
the refuser held the work, the time until it lies with whoever dispatches again, and the time that takes. Dispatching again
is the first work that begins after the refusal, unless it is for the same role or the same step as the refused: then it has
reached the next holder, whose time is their own. Every refusal counts for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from tasks.deadlines.court.tables import REFUSED
from tasks.deadlines.policies.pauses import PAUSE_REASONS

HANDLING, ASSISTING, REFUSAL, MACHINE = "handling", "assisting", "refusal", "machine"

REASONS: dict[str, tuple[str, str]] = {
    HANDLING: ("办理", "handling"),
    ASSISTING: ("协办", "assisting"),
    REFUSAL: ("退单", "refused work"),
    MACHINE: ("系统", "nobody's work was open"),
    **PAUSE_REASONS,
}
"""reason → (Chinese, English)."""


def reason_words(reason: str) -> tuple[str, str]:
    """A reason in Chinese and English; one that is not known reads as it is."""
    return REASONS.get(reason, (reason, reason))


@dataclass(frozen=True, slots=True)
class Held:
    """A holding: a row of the ledger. to_at None: it lasts. role: of its candidate group."""

    task_id: UUID
    unit: str
    role: str
    activity_id: str
    name: str
    from_at: datetime
    to_at: datetime | None = None
    outcome: str = ""
    assisting: bool = False


@dataclass(frozen=True, slots=True)
class Stood:
    """Time in which a clock stood still: of the whole case, or with `task_id` of one task."""

    reason: str
    from_at: datetime
    to_at: datetime | None = None
    task_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A time of one charged unit and one reason. unit: the path charged; empty where it is nobody's inside. holder: the path
    that had the work meanwhile. activity_id, name: of that work, empty when there was none.
    """

    from_at: datetime
    to_at: datetime
    unit: str
    reason: str
    holder: str
    activity_id: str = ""
    name: str = ""


def attribute(
    holdings: Iterable[Held], pauses: Iterable[Stood], start: datetime, end: datetime, *, filed_in: str
) -> list[Segment]:
    """The segments of the time from `start` to `end`, in order; none when it is empty. All instants are aware.

    filed_in: path of the unit that filed, which has the ball until anybody held any work. What lies outside the time is cut
    off. Neighbours of one unit, reason, holder and step are one segment.
    """
    if end <= start:
        return []
    bench = _Bench(sorted(holdings, key=lambda one: (one.from_at, str(one.task_id))), filed_in)
    stood = sorted(pauses, key=lambda one: (one.from_at, one.reason, str(one.task_id)))
    edges = {start, end}
    known = [(one.from_at, one.to_at) for one in bench.holdings] + [(one.from_at, one.to_at) for one in stood]
    edges.update(at for begun, over in known for at in (begun, over) if at is not None and start < at < end)
    found: list[Segment] = []
    moments = sorted(edges)
    for begun, over in pairwise(moments):
        segment = _paused(bench.at(begun, over), bench.picked, stood, begun)
        if found and replace(found[-1], to_at=over) == replace(segment, from_at=found[-1].from_at):
            found[-1] = replace(found[-1], to_at=over)
        else:
            found.append(segment)
    return found


class _Bench:
    """The holdings in order, and what follows from them at one moment after the other."""

    def __init__(self, holdings: Sequence[Held], filed_in: str) -> None:
        self.holdings = holdings
        self.picked: Held | None = None
        """The holding that the last answer of `at` was about."""
        self._age: dict[UUID, datetime] = {}
        for one in holdings:
            self._age.setdefault(one.task_id, one.from_at)
        self._redispatch = _redispatched(holdings)
        self._waiting = holdings
        self._open: list[Held] = []
        self._next = 0
        self._last = filed_in
        self._refused: Held | None = None

    def at(self, begun: datetime, over: datetime) -> Segment:
        """Who has the ball from `begun` to `over`, between which nothing changes. Asked in the order of time."""
        self._move_to(begun)
        own = [one for one in self._open if not one.assisting]
        self.picked = min(
            own or self._open, key=lambda one: (self._age[one.task_id], str(one.task_id)), default=None
        )
        if self.picked is None:
            reason = MACHINE if self._refused is None else REFUSAL
            return Segment(begun, over, self._last, reason, self._last)
        held = self.picked
        if held.outcome == REFUSED:
            unit, reason = held.unit, REFUSAL
        elif refuser := self._redispatch.get(held.task_id):
            unit, reason = refuser.unit, REFUSAL
        else:
            unit, reason = held.unit, ASSISTING if held.assisting else HANDLING
        return Segment(begun, over, unit, reason, held.unit, held.activity_id, held.name)

    def _move_to(self, now: datetime) -> None:
        while self._next < len(self.holdings) and self.holdings[self._next].from_at <= now:
            begun = self.holdings[self._next]
            self._open.append(begun)
            self._next += 1
        over = [one for one in self._open if one.to_at is not None and one.to_at <= now]
        for one in sorted(over, key=_ended):
            self._open.remove(one)
            self._last = one.unit
            self._refused = one if one.outcome == REFUSED else None


def _ended(one: Held) -> tuple[datetime, bool, datetime, str]:
    """Orders what has ended by when; of what ended together, assistants do not count as the last."""
    assert one.to_at is not None
    return one.to_at, not one.assisting, one.from_at, str(one.task_id)


def _redispatched(holdings: Sequence[Held]) -> dict[UUID, Held]:
    """Which tasks dispatch refused work again, and what was refused; of several refusals the last."""
    found: dict[UUID, Held] = {}
    refused = [one for one in holdings if one.outcome == REFUSED and one.to_at is not None]
    for one in sorted(refused, key=_ended):
        for following in holdings:
            if (
                one.to_at is not None
                and following.from_at >= one.to_at
                and following.task_id != one.task_id
                and not following.assisting
            ):
                if following.role != one.role and following.activity_id != one.activity_id:
                    found[following.task_id] = one
                break
    return found


def _paused(segment: Segment, picked: Held | None, pauses: Sequence[Stood], now: datetime) -> Segment:
    for one in pauses:
        if one.from_at > now:
            break
        if (one.to_at is None or one.to_at > now) and (
            one.task_id is None or (picked is not None and picked.task_id == one.task_id)
        ):
            return replace(segment, unit="", reason=one.reason)
    return segment


def whole_minutes(segments: Sequence[Segment]) -> list[int]:
    """The minutes of each segment, rounded so that their sum is that of the whole, rounded down."""
    if not segments:
        return []
    start = segments[0].from_at
    marks = [0, *(int((one.to_at - start).total_seconds() // 60) for one in segments)]
    return [later - earlier for earlier, later in pairwise(marks)]
