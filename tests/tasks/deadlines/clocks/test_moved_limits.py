"""Pause, extension and promise on a saved case: the clock, its task and the timer that is bound to it move as one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import InvalidInput, NotFound, NotPermitted, WrongState
from tasks.user_task import NEVER
from tests.tasks.deadlines.clocks.timekeeping import (
    ask,
    clock_of,
    decide,
    extend,
    filed,
    ledger,
    pause,
    promise,
    register,
    requests,
    resume,
    revisions,
    timed,
    timer_of,
)
from tests.tasks.office import TestOffice

HOUR = timedelta(hours=1)


def test_a_bound_timer_fires_when_its_clock_is_due(office: TestOffice) -> None:
    number = filed(office, timed("bound"))
    assert timer_of(office, number) == clock_of(office, number).due_at == office.clock.now() + 4 * HOUR


def test_a_pause_takes_due_away_and_going_on_moves_it_by_what_stood_still(office: TestOffice) -> None:
    number = filed(office, timed("bound"))
    due = clock_of(office, number).due_at
    office.clock.advance(HOUR)
    pause(office, number)
    clock, task = clock_of(office, number), office.task("work")
    assert (clock.due_at, clock.warn_at, clock.next_at) == (None, None, None)
    assert (task.due_at, task.paused_at, task.sort_at) == (None, office.clock.now(), NEVER)
    assert timer_of(office, number) is None, "while it stands still no timer row"
    office.clock.advance(10 * HOUR)
    office.settle()
    assert office.task("late") is None
    resume(office, number)
    clock, task = clock_of(office, number), office.task("work")
    assert clock.due_at == task.due_at == task.sort_at == timer_of(office, number) == due + 10 * HOUR
    assert clock.warn_at == task.warn_at == clock.next_at == due + 8 * HOUR
    assert [each.revision for each in revisions(office, clock.id)] == [1, 2, 3]
    assert [each.cause for each in revisions(office, clock.id)] == [
        "start",
        "pause:customer",
        "resume:customer",
    ]
    office.clock.advance(3 * HOUR)
    office.settle()
    assert office.task("late") is not None


def test_a_plain_task_moves_with_its_clock_too(office: TestOffice) -> None:
    number = filed(office)
    clock = clock_of(office, number)
    pause(office, clock.id, note="客户出差")
    office.clock.advance(2 * HOUR)
    resume(office, clock.id)
    assert office.task("check_request").due_at == clock.due_at + 2 * HOUR
    (stood,) = ledger(office, clock.id)
    assert (stood.reason, stood.note, stood.to_at - stood.from_at) == ("customer", "客户出差", 2 * HOUR)


def test_a_suspended_case_moves_its_clocks_and_timers(office: TestOffice) -> None:
    number = filed(office, timed("bound"))
    clock = clock_of(office, number)
    with office.acting("sun_qiang") as (session, caller):
        office.deps.engine.suspend(session, clock.instance_id, reason="x", actor=caller.actor)
    pause(office, number)
    office.clock.advance(HOUR)
    resume(office, number)
    assert timer_of(office, number) == clock_of(office, number).due_at == clock.due_at + HOUR


def test_a_pause_told_late_begins_when_it_began(office: TestOffice) -> None:
    clock = clock_of(office, filed(office))
    office.clock.advance(3 * HOUR)
    pause(office, clock.id, from_at=office.clock.now() - 2 * HOUR)
    resume(office, clock.id)
    assert clock_of(office, clock.number).due_at == clock.due_at + 2 * HOUR


def test_a_clock_that_begins_while_the_case_waits_begins_standing_still(office: TestOffice) -> None:
    register(office, {"code": "T.next", "limit": "2", "unit": "h", "pauses": "customer"})
    number = filed(office)
    task = office.task("check_request")
    pause(office, number)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {"outcome": "forward", "unit": "henan_network"})
    first = clock_of(office, number)
    assert first.stop_reason == "done"
    assert first.due_at is not None and ledger(office, first.id)[0].to_at == office.clock.now()


def test_more_time_moves_due_when_somebody_else_approves(office: TestOffice) -> None:
    number = filed(office, timed("bound"))
    clock = clock_of(office, number)
    request = ask(office, clock.id, "1.5")
    assert clock_of(office, number).due_at == clock.due_at, "asking alone moves nothing"
    decide(office, clock.id, request)
    moved = clock_of(office, number)
    assert moved.due_at == timer_of(office, number) == office.task("work").due_at == clock.due_at + 1.5 * HOUR
    assert moved.warn_at == clock.started_at + 2.75 * HOUR, "half of five and a half hours"
    (kept,) = requests(office, clock.id)
    assert (kept.state, kept.due_after, kept.decided_by_name) == ("approved", moved.due_at, "孙强")


def test_an_overdue_clock_may_be_given_more_time(office: TestOffice) -> None:
    number = filed(office)
    clock = clock_of(office, number)
    office.clock.advance(6 * HOUR)
    extend(office, clock.id, 4)
    moved = clock_of(office, number)
    assert moved.due_at == clock.due_at + 4 * HOUR
    assert moved.next_at == clock.started_at + 4 * HOUR, "the warning never rang, so it does now"


def test_what_is_approved_while_it_stands_still_counts_when_it_goes_on(office: TestOffice) -> None:
    clock = clock_of(office, filed(office))
    pause(office, clock.id)
    extend(office, clock.id, 1)
    assert clock_of(office, clock.number).due_at is None
    office.clock.advance(HOUR)
    resume(office, clock.id)
    assert clock_of(office, clock.number).due_at == clock.due_at + 2 * HOUR


def test_who_asked_does_not_decide_and_nobody_decides_twice(office: TestOffice) -> None:
    clock = clock_of(office, filed(office))
    request = ask(office, clock.id, 1, login="sun_qiang")
    with pytest.raises(NotPermitted, match="somebody else"):
        decide(office, clock.id, request)
    clock = clock_of(office, filed(office))
    request = ask(office, clock.id, 1)
    decide(office, clock.id, request, approve=False)
    with pytest.raises(WrongState, match="refused by 孙强"):
        decide(office, clock.id, request)
    assert clock_of(office, clock.number).due_at == clock.due_at


def test_a_promise_stands_beside_the_limit_and_moves_nothing(office: TestOffice) -> None:
    clock = clock_of(office, filed(office))
    until = office.clock.now() + 20 * HOUR
    promise(office, clock.id, until)
    later = clock_of(office, clock.number)
    assert (later.promised_at, later.due_at, later.revision) == (until, clock.due_at, 1)


@pytest.mark.parametrize("amount", [0, -1, "nonsense", 5, "NaN", None])
def test_more_time_is_an_amount_above_nothing_and_at_most_as_much_again(
    office: TestOffice, amount: object
) -> None:
    clock = clock_of(office, filed(office))
    with pytest.raises(InvalidInput, match=r"amount|more than"):
        ask(office, clock.id, amount)


def test_only_one_request_is_open_at_a_time(office: TestOffice) -> None:
    clock = clock_of(office, filed(office))
    ask(office, clock.id, 1)
    with pytest.raises(WrongState, match="still to be decided"):
        ask(office, clock.id, 1)


def test_every_mistake_of_a_pause_is_told_at_once(office: TestOffice) -> None:
    clock = clock_of(office, filed(office))
    tomorrow = office.clock.now() + 24 * HOUR
    with pytest.raises(InvalidInput) as refused:
        pause(office, clock.id, from_at=tomorrow, note="x" * 2000)
    assert len(refused.value.facts["wrong"]) == 2
    with pytest.raises(InvalidInput, match="no reason"):
        pause(office, clock.id, "holiday")
    with pytest.raises(InvalidInput, match="before the beginning"):
        pause(office, clock.id, from_at=datetime(2000, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidInput, match="does not stand still for regulator"):
        pause(office, clock.id, "regulator", login="sun_qiang")
    assert ledger(office, clock.id) == []


def test_no_two_pauses_of_a_clock_overlap(office: TestOffice) -> None:
    clock = clock_of(office, filed(office))
    pause(office, clock.id)
    with pytest.raises(WrongState, match="stands still since"):
        pause(office, clock.id)
    office.clock.advance(HOUR)
    resume(office, clock.id)
    with pytest.raises(WrongState, match="does not stand still"):
        resume(office, clock.id)
    office.clock.advance(HOUR)
    with pytest.raises(InvalidInput, match="overlap"):
        pause(office, clock.id, from_at=office.clock.now() - 1.5 * HOUR)
    pause(office, clock.id, from_at=office.clock.now() - HOUR)


def test_a_stopped_clock_and_a_closed_case_refuse_every_verb(office: TestOffice) -> None:
    number = filed(office)
    clock = clock_of(office, number)
    with office.acting("sun_qiang") as (session, caller):
        office.deps.engine.cancel(session, clock.instance_id, reason="x", actor=caller.actor)
    for verb in (
        lambda: pause(office, clock.id),
        lambda: resume(office, clock.id),
        lambda: ask(office, clock.id, 1),
        lambda: promise(office, clock.id, office.clock.now() + HOUR),
    ):
        with pytest.raises(WrongState, match="stopped at"):
            verb()
    for verb in (lambda: pause(office, number), lambda: resume(office, number)):
        with pytest.raises(WrongState, match="cancelled"):
            verb()


def test_a_promise_is_for_what_is_still_to_come(office: TestOffice) -> None:
    clock = clock_of(office, filed(office))
    with pytest.raises(InvalidInput, match="is over"):
        promise(office, clock.id, office.clock.now())


def test_mass_events_stop_clocks_only_for_supervisors_and_nobody_reaches_far(office: TestOffice) -> None:
    number = filed(office)
    clock = clock_of(office, number)
    with pytest.raises(NotPermitted, match=r"clock\.pause_widely"):
        pause(office, number, "mass_event")
    pause(office, number, "mass_event", login="sun_qiang")
    with pytest.raises(NotPermitted, match=r"clock\.pause_widely"):
        resume(office, number)
    with pytest.raises(NotFound):
        resume(office, clock.id, login="chen_yu")
    resume(office, number, login="sun_qiang")
