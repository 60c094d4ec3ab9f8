"""Two things happen to a clock at the same moment: one of them counts, nothing hangs, nothing half happens."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial

from engine.errors import RedressError
from tasks.deadlines.clocks.changing.recomputing import recompute
from tests.tasks.deadlines.clocks.timekeeping import (
    clock_of,
    extend,
    filed,
    ledger,
    pause,
    resume,
    revisions,
    timed,
    timer_of,
)
from tests.tasks.office import TestOffice

ROUNDS = 4


def at_once(*verbs: Callable[[], object]) -> list[str]:
    """Do all at the same moment; the name of the refusal of each, empty where there was none."""

    def done(verb: Callable[[], object]) -> str:
        try:
            verb()
        except RedressError as refusal:
            return type(refusal).__name__
        return ""

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(done, verbs))


def test_of_two_who_pause_one_is_told_that_it_stands_still(office: TestOffice) -> None:
    for _ in range(ROUNDS):
        number = filed(office)
        clock = clock_of(office, number)
        told = at_once(partial(pause, office, clock.id), partial(pause, office, number, login="he_jing"))
        assert sorted(told) in (["", ""], ["", "WrongState"]), told
        assert len(ledger(office, clock.id)) == 1
        assert len(revisions(office, clock.id)) == clock_of(office, number).revision == 2


def test_a_pause_and_a_completion_never_leave_a_pause_open(office: TestOffice) -> None:
    office.deploy(timed("bound"))
    for _ in range(ROUNDS):
        number = office.file(regime="bound", facts={}).number
        task, clock = office.task("work", number), clock_of(office, number)
        office.claim("li_na", task.id)
        told = at_once(
            partial(office.complete, "li_na", task.id, {}),
            partial(pause, office, clock.id, login="he_jing"),
        )
        assert told in (["", ""], ["", "WrongState"]), told
        stopped = clock_of(office, number)
        assert stopped.stop_reason == "done" and stopped.paused_at is None and stopped.due_at is not None
        assert all(row.to_at is not None for row in ledger(office, clock.id))
        assert timer_of(office, number) is None


def test_going_on_more_time_and_counting_again_all_count(office: TestOffice) -> None:
    office.deploy(timed("bound", "T.working"))
    day = date(2026, 3, 3).isoformat()

    def count_again() -> None:
        with office.deps.sessions.begin() as session:
            recompute(session, {"first": day, "last": day, "region": "", "cause": "x"}, deps=office.deps)

    for _ in range(ROUNDS):
        number = office.file(regime="bound", facts={}).number
        clock = clock_of(office, number, "T.working")
        pause(office, clock.id)
        told = at_once(
            partial(resume, office, clock.id), partial(extend, office, clock.id, 1), count_again, count_again
        )
        assert told == ["", "", "", ""]
        moved = clock_of(office, number, "T.working")
        assert moved.due_at == clock.due_at + timedelta(days=1) == timer_of(office, number)
        assert [each.revision for each in revisions(office, clock.id)] == [*range(1, moved.revision + 1)]
