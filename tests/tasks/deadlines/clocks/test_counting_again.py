"""A changed calendar or register moves what it concerns and nothing else; a promise is not shortened without review."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine import jobs
from tasks.deadlines.calendar.changed import RECOMPUTE, calendar_changed
from tasks.deadlines.calendar.keeping import set_day
from tasks.deadlines.clocks.changing import recomputing
from tasks.deadlines.clocks.changing.recomputing import recompute
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.policies.loading import load_policies
from tests.tasks.deadlines.clocks.timekeeping import (
    clock_of,
    decide,
    decide_day,
    filed,
    pause,
    promise,
    publish,
    requests,
    resume,
    revisions,
    timed,
    timer_of,
)
from tests.tasks.office import CLOCKS, TestOffice

DAY = timedelta(days=1)
TUESDAY = date(2026, 3, 3)


def test_a_day_off_moves_clock_task_and_bound_timer(office: TestOffice) -> None:
    number = filed(office, timed("bound", "T.working"))
    before = clock_of(office, number, "T.working")
    assert before.due_at == datetime(2026, 3, 5, 16, tzinfo=UTC)
    decide_day(office, "henan", TUESDAY, "rest")
    clock = clock_of(office, number, "T.working")
    assert clock.due_at == timer_of(office, number) == office.task("work").due_at == before.due_at + DAY
    assert revisions(office, clock.id)[0].cause == "start"
    assert clock.revision == len(revisions(office, clock.id)) == 2


def test_other_regions_and_other_units_of_time_stay_as_they_are(office: TestOffice) -> None:
    here = filed(office, timed("bound", "T.working"))
    hours = filed(office)
    decide_day(office, "zhejiang", TUESDAY, "rest")
    decide_day(office, "henan", date(2026, 3, 9), "rest")
    assert clock_of(office, here, "T.working").revision == 1
    assert clock_of(office, hours).revision == 1


def test_what_is_published_later_is_no_longer_provisional(office: TestOffice) -> None:
    number = filed(office, timed("bound", "T.working"))
    assert clock_of(office, number, "T.working").provisional
    publish(office, 2026, rest=[TUESDAY])
    clock = clock_of(office, number, "T.working")
    assert (clock.provisional, clock.due_at) == (False, datetime(2026, 3, 6, 16, tzinfo=UTC))
    assert timer_of(office, number) == clock.due_at


def test_a_clock_that_stands_still_counts_by_the_new_calendar_when_it_goes_on(office: TestOffice) -> None:
    number = filed(office, timed("bound", "T.working"))
    pause(office, number)
    decide_day(office, "henan", TUESDAY, "rest")
    assert clock_of(office, number, "T.working").due_at is None
    resume(office, number)
    assert clock_of(office, number, "T.working").due_at == datetime(2026, 3, 6, 16, tzinfo=UTC)


def shortened(office: TestOffice) -> tuple[str, Any]:
    """A promised clock whose calendar then gives a day back."""
    decide_day(office, "henan", TUESDAY, "rest")
    number = filed(office, timed("bound", "T.working"))
    clock = clock_of(office, number, "T.working")
    promise(office, clock.id, clock.due_at)
    decide_day(office, "henan", TUESDAY, "work")
    return number, clock


def test_a_promise_is_not_shortened_before_a_supervisor_says_so(office: TestOffice) -> None:
    number, before = shortened(office)
    kept = clock_of(office, number, "T.working")
    assert (kept.due_at, kept.revision) == (before.due_at, 1)
    assert timer_of(office, number) == before.due_at
    (asked,) = requests(office, kept.id)
    assert (asked.kind, asked.state, asked.due_after) == ("shortening", "requested", before.due_at - DAY)
    decide(office, kept.id, asked.id)
    moved = clock_of(office, number, "T.working")
    assert moved.due_at == timer_of(office, number) == before.due_at - DAY


def test_a_refused_shortening_stays_refused_through_pauses_and_the_same_calendar(office: TestOffice) -> None:
    number, before = shortened(office)
    (asked,) = requests(office, before.id)
    decide(office, before.id, asked.id, approve=False)
    pause(office, number)
    resume(office, number)
    with office.deps.sessions.begin() as session:
        calendar_changed(session, TUESDAY, TUESDAY, "henan")
    office.settle()
    assert clock_of(office, number, "T.working").due_at == before.due_at
    assert timer_of(office, number) == before.due_at
    assert [each.state for each in requests(office, before.id)] == ["refused"]


def test_without_a_promise_a_limit_becomes_shorter_too(office: TestOffice) -> None:
    decide_day(office, "henan", TUESDAY, "rest")
    number = filed(office, timed("bound", "T.working"))
    due = clock_of(office, number, "T.working").due_at
    decide_day(office, "henan", TUESDAY, "work")
    assert clock_of(office, number, "T.working").due_at == timer_of(office, number) == due - DAY


def test_a_changed_register_counts_for_running_clocks_only_when_asked(office: TestOffice) -> None:
    plain, own = filed(office, timed("bound")), filed(office, timed("owned", sla_limit="=10"))
    started = clock_of(office, plain).started_at
    changed = [{**row, "limit": "6"} if row is CLOCKS[0] else row for row in CLOCKS]
    with office.deps.sessions.begin() as session:
        load_policies(session, changed, now=office.clock.now())
    assert clock_of(office, plain).revision == 1
    with office.deps.sessions.begin() as session:
        jobs.defer(session, RECOMPUTE, {"code": "T.check", "cause": "policy"})
    office.settle()
    assert clock_of(office, plain).due_at == timer_of(office, plain) == started + timedelta(hours=6)
    assert clock_of(office, own).due_at == started + timedelta(hours=10), "the diagram's own amount stays"


def test_a_batch_that_is_killed_is_done_again_and_goes_on(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recomputing, "BATCH", 2)
    numbers = [filed(office, timed("bound", "T.working"))]
    numbers += [office.file(regime="bound", facts={}).number for _ in range(4)]
    arguments = {"first": "2026-03-03", "last": "2026-03-03", "region": "henan", "cause": "calendar"}
    with office.deps.sessions.begin() as session:
        set_day(session, office.deps, None, "henan", TUESDAY, "rest", reason="台风")
    with office.deps.sessions() as session:
        recompute(session, arguments, deps=office.deps)
        session.rollback()
    assert {clock_of(office, number, "T.working").revision for number in numbers} == {1}
    office.settle()
    moved = [clock_of(office, number, "T.working") for number in numbers]
    assert {clock.revision for clock in moved} == {2}
    assert {clock.due_at for clock in moved} == {datetime(2026, 3, 6, 16, tzinfo=UTC)}
    with office.deps.sessions.begin() as session:
        recompute(session, arguments, deps=office.deps)
    assert office.scalar(sa.select(sa.func.max(Clock.revision))) == 2, "done twice it changes nothing"
