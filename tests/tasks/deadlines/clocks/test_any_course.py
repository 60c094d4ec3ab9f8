"""Whatever happens to a clock, in any order: its due instant is what the ledger says, and timer and task are in step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from tasks.deadlines.calendar.limits import Limit, reckon
from tasks.user_task import NEVER
from tests.tasks.deadlines.clocks.timekeeping import (
    clock_of,
    decide_day,
    extend,
    ledger,
    pause,
    promise,
    resume,
    revisions,
    timed,
    timer_of,
)
from tests.tasks.office import TestOffice

CODES = {"T.check": (4, "h"), "T.working": (3, "wd")}
DAYS = [date(2026, 3, day) for day in range(3, 13)]


@dataclass
class Expected:
    """The simple story of a clock: what the oracle reckons from."""

    code: str
    started: datetime
    extended: Decimal = Decimal(0)
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)
    open_since: datetime | None = None
    floor: datetime | None = None
    promised: bool = False

    def limit(self) -> Limit:
        amount, unit = CODES[self.code]
        return Limit(Decimal(amount), unit).plus(self.extended)


class AnyCourse(RuleBasedStateMachine):
    """One case with one clock and the timer bound to it."""

    office: TestOffice

    @initialize(code=st.sampled_from(sorted(CODES)))
    def begin(self, code: str) -> None:
        self.number = self.office.file(regime=code.replace(".", "_"), facts={}).number
        self.expected = Expected(code, self.office.clock.now())
        self.id = clock_of(self.office, self.number, code).id
        self.over = False
        self.expected.floor = self.due()

    def clock(self) -> Any:
        return clock_of(self.office, self.number, self.expected.code)

    def due(self) -> datetime:
        """When it is due by the ledger and today's calendar, never before what was promised."""
        with self.office.deps.sessions() as session:
            calendar = self.office.deps.office.current(session).calendars.of("/hq/henan/henan_hotline/")
        expected = self.expected
        due = reckon(calendar, expected.limit(), expected.started, expected.pauses).at
        return max(due, expected.floor) if expected.promised and expected.floor else due

    @rule(minutes=st.integers(1, 900))
    def time_passes(self, minutes: int) -> None:
        self.office.clock.advance(timedelta(minutes=minutes))
        self.office.settle()
        self.over = self.clock().stopped_at is not None

    @precondition(lambda self: not self.over and self.expected.open_since is None)
    @rule(by_case=st.booleans(), back=st.integers(0, 300))
    def pause(self, by_case: bool, back: int) -> None:
        now = self.office.clock.now()
        last = max([self.expected.started, *(end for _, end in self.expected.pauses)])
        since = max(last, now - timedelta(minutes=back))
        pause(self.office, self.number if by_case else self.id, from_at=since)
        self.by_case, self.expected.open_since = by_case, since

    @precondition(lambda self: not self.over and self.expected.open_since is not None)
    @rule()
    def resume(self) -> None:
        resume(self.office, self.number if self.by_case else self.id)
        assert self.expected.open_since is not None
        self.expected.pauses.append((self.expected.open_since, self.office.clock.now()))
        self.expected.open_since = None

    @precondition(lambda self: not self.over and self.expected.extended < 2)
    @rule(amount=st.sampled_from(["0.5", "1"]))
    def extend(self, amount: str) -> None:
        extend(self.office, self.id, amount)
        self.expected.extended += Decimal(amount)

    @precondition(lambda self: not self.over)
    @rule(hours=st.integers(1, 99))
    def promise(self, hours: int) -> None:
        promise(self.office, self.id, self.office.clock.now() + timedelta(hours=hours))
        self.expected.promised = True

    @rule(day=st.sampled_from(DAYS), kind=st.sampled_from(["rest", "work"]))
    def the_calendar_changes(self, day: date, kind: str) -> None:
        decide_day(self.office, "henan", day, kind)
        if not self.over:
            self.over = self.clock().stopped_at is not None

    @precondition(lambda self: not self.over)
    @rule()
    def complete(self) -> None:
        task = self.office.task("work", self.number)
        self.office.claim("li_na", task.id)
        self.office.complete("li_na", task.id, {})
        self.over = True
        self.office.settle()
        if self.expected.open_since is not None:  # it is due as if it had gone on just then
            self.expected.pauses.append((self.expected.open_since, self.office.clock.now()))
        assert self.clock().due_at == self.office.task("work", self.number).due_at == self.due()

    @invariant()
    def everything_is_in_step(self) -> None:
        clock, expected = self.clock(), self.expected
        rows, told = ledger(self.office, self.id), revisions(self.office, self.id)
        ends = [(row.from_at, row.to_at) for row in rows]
        assert all(end <= begin for (_, end), (begin, _) in pairwise(ends))
        assert [each.revision for each in told] in ([], list(range(1, clock.revision + 1)))
        assert clock.revision == max(len(told), 1)
        if self.over:
            assert clock.stopped_at is not None and clock.next_at is None
            assert timer_of(self.office, self.number) is None
            assert all(end is not None for _, end in ends)
            return
        task = self.office.task("work", self.number)
        assert (task.due_at, task.paused_at) == (clock.due_at, clock.paused_at)
        assert (task.warn_at, task.sort_at) == (clock.warn_at, clock.due_at or NEVER)
        if expected.open_since is not None:
            assert clock.paused_at == expected.open_since
            assert clock.due_at is None and timer_of(self.office, self.number) is None
            return
        due = self.due()
        assert clock.due_at == due == timer_of(self.office, self.number)
        expected.floor = due


def test_any_course_of_a_clock_is_what_its_ledger_says(office: TestOffice) -> None:
    for code in CODES:
        office.deploy(timed(code.replace(".", "_"), code))
    machine = type("AnyCourseHere", (AnyCourse,), {"office": office})
    run(
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
