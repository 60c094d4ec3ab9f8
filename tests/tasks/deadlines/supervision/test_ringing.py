"""A rung rings once per due revision: in order, after down-time too, whatever became of the clock meanwhile."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from engine.actor import SYSTEM
from tasks.deadlines.supervision.ringing import ring_clock, ring_clocks
from tasks.deadlines.supervision.sweep import RING, RINGS, queue_again, sweep_clocks
from tasks.deadlines.supervision.work import performers
from tests.tasks.deadlines.supervision import hung
from tests.tasks.office import TestOffice

HOUR = timedelta(hours=1)


@pytest.fixture
def office(settled: TestOffice) -> TestOffice:
    return settled


def test_each_rung_rings_when_it_comes_and_once(office: TestOffice) -> None:
    clock = hung.hang(office, hung.quiet_case(office))
    seen = []
    for hours in (8.9, 0.2, 0, 0.8, 0.2, 3.8, 0.2, 19.8, 0.2, 48):
        office.clock.advance(timedelta(hours=hours))
        office.settle()
        seen.append(hung.rung(office, clock))
    assert seen == [
        [],
        ["90%"],
        ["90%"],
        ["90%"],
        ["90%", "100%"],
        ["90%", "100%"],
        ["90%", "100%", "+4h"],
        ["90%", "100%", "+4h"],
        ["90%", "100%", "+4h", "+24h"],
        ["90%", "100%", "+4h", "+24h"],
    ]
    left = hung.read(office, clock)
    assert (left.next_rung, left.next_at, left.queued_at) == (None, None, None)


def test_after_down_time_every_missed_rung_rings_once_and_in_order(office: TestOffice) -> None:
    clock = hung.hang(office, hung.quiet_case(office))
    start = office.clock.now()
    office.clock.advance(timedelta(days=5))
    office.settle()
    found = hung.rings(office, clock)
    assert [ring.step for ring in found] == ["90%", "100%", "+4h", "+24h"]
    assert [ring.planned_at - start for ring in found] == [9 * HOUR, 10 * HOUR, 14 * HOUR, 34 * HOUR]
    assert {ring.rung_at for ring in found} == {office.clock.now()}


def test_a_job_that_comes_again_rings_nothing_and_tells_nobody(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    office.clock.advance(9.5 * HOUR)
    office.settle()
    before = (hung.rung(office, clock), hung.notices(office, filed.number))
    for _ in range(3):
        with office.deps.sessions.begin() as session:
            ring_clock(session, {"clock_id": str(clock), "revision": 1, "rung": 0}, deps=office.deps)
    assert (hung.rung(office, clock), hung.notices(office, filed.number)) == before
    assert before[0] == ["90%"]


def test_two_workers_with_the_same_rung_ring_it_once(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    office.clock.advance(9.5 * HOUR)
    together, failed = Barrier(2), []

    def work() -> None:
        try:
            with office.deps.sessions.begin() as session:
                together.wait()
                ring_clock(session, {"clock_id": str(clock), "revision": 1, "rung": 0}, deps=office.deps)
        except Exception as error:
            failed.append(error)

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert hung.rung(office, clock) == ["90%"]
    assert len(hung.notices(office, filed.number)) == 1


def test_two_sweeps_never_take_the_same_clock(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    hung.hang(office, filed)
    office.clock.advance(9.5 * HOUR)
    now = office.clock.now()
    with office.deps.sessions.begin() as one, office.deps.sessions.begin() as other:
        assert sweep_clocks(one, now) == 1
        hung.hang(office, filed, hours=0.001)
        assert sweep_clocks(other, now + HOUR) == 1
    assert office.scalar(sa.text(f"select count(*) from procrastinate_jobs where task_name = '{RING}'")) == 2


@pytest.mark.parametrize("meanwhile", ["stopped", "paused", "moved"])
def test_what_became_of_a_clock_between_sweep_and_job_counts(office: TestOffice, meanwhile: str) -> None:
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    office.clock.advance(9.5 * HOUR)
    with office.deps.sessions.begin() as session:
        assert sweep_clocks(session, office.clock.now()) == 1
    if meanwhile == "stopped":
        hung.stop(office, clock)
    elif meanwhile == "paused":
        hung.pause(office, clock)
    else:
        hung.move(office, clock, extended=Decimal(10))
    office.settle()
    assert hung.rung(office, clock) == []
    assert hung.notices(office, filed.number) == []
    assert hung.read(office, clock).queued_at is None


def test_nothing_rings_for_a_clock_that_stands_still_and_the_rest_comes_later(office: TestOffice) -> None:
    clock = hung.hang(office, hung.quiet_case(office))
    office.clock.advance(5 * HOUR)
    hung.pause(office, clock)
    office.clock.advance(timedelta(days=30))
    office.settle()
    assert hung.rung(office, clock) == []
    hung.move(office, clock)
    office.clock.advance(4.1 * HOUR)
    office.settle()
    assert hung.rung(office, clock) == ["90%"]


def test_a_moved_due_rings_passed_rungs_again_only_where_it_passes_them_again(office: TestOffice) -> None:
    clock = hung.hang(office, hung.quiet_case(office))
    office.clock.advance(9.5 * HOUR)
    office.settle()
    hung.move(office, clock, extended=Decimal("0.5"))  # its 90 % lie at 9.45 h: behind us, and it has rung
    office.settle()
    assert hung.rung(office, clock) == ["90%"]
    hung.move(office, clock, extended=Decimal(10))
    office.clock.advance(8.6 * HOUR)
    office.settle()
    found = hung.rings(office, clock)
    assert [(ring.revision, ring.step) for ring in found] == [(1, "90%"), (3, "90%")]


def test_a_suspended_case_goes_on_ringing_because_its_clocks_go_on(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    with office.deps.sessions.begin() as session:
        office.deps.engine.suspend(session, filed.instance_id, reason="查", actor=SYSTEM)
    office.clock.advance(9.5 * HOUR)
    office.settle()
    assert hung.rung(office, clock) == ["90%"]


@pytest.mark.parametrize("how", ["completed", "cancelled"])
def test_a_clock_whose_instance_is_over_rings_no_more(office: TestOffice, how: str) -> None:
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    if how == "cancelled":
        with office.deps.sessions.begin() as session:
            office.deps.engine.cancel(session, filed.instance_id, reason="误立", actor=SYSTEM)
    else:
        task = office.task("work", filed.number)
        office.claim("wang_lei", task.id)
        office.complete("wang_lei", task.id, {})
    hung.change(office, clock, stopped_at=None, next_rung=0, next_at=office.clock.now())
    office.clock.advance(20 * HOUR)
    office.settle()
    assert hung.rung(office, clock) == []
    assert hung.read(office, clock).next_at is None


def test_what_a_job_has_given_up_is_swept_again(office: TestOffice) -> None:
    clock = hung.hang(office, hung.quiet_case(office))
    office.clock.advance(9.5 * HOUR)
    hung.change(office, clock, queued_at=office.clock.now())  # its job failed three times
    office.settle()
    assert hung.rung(office, clock) == []
    office.clock.advance(HOUR)
    with office.deps.sessions.begin() as session:
        assert queue_again(session, office.clock.now()) == 1
    office.settle()
    assert hung.rung(office, clock) == ["90%", "100%"]


def test_what_still_waits_for_its_job_is_not_swept_again(office: TestOffice) -> None:
    hung.hang(office, hung.quiet_case(office))
    office.clock.advance(9.5 * HOUR)
    with office.deps.sessions.begin() as session:
        assert sweep_clocks(session, office.clock.now()) == 1
    office.clock.advance(2 * HOUR)
    with office.deps.sessions.begin() as session:
        assert queue_again(session, office.clock.now()) == 0


def test_many_rungs_share_jobs_and_each_rings_once(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    clocks = [hung.hang(office, filed, hours=10 + number / 1000, rungs="100%") for number in range(40)]
    office.clock.advance(11 * HOUR)
    with office.deps.sessions.begin() as session:
        assert sweep_clocks(session, office.clock.now()) == 40
    shared = office.scalar(
        sa.text(f"select array_agg(jsonb_array_length(args -> 'items')) from procrastinate_jobs "
                f"where task_name = '{RINGS}'")
    )  # fmt: skip
    assert shared == [2] * 20
    with (
        office.deps.sessions.begin() as busy
    ):  # somebody is at work on their instance: each waits in a job of its own
        busy.execute(
            sa.text("select from process_instance where id = :id for update"), {"id": filed.instance_id}
        )
        run_jobs(office, RINGS)
    assert [hung.rung(office, clock) for clock in clocks] == [[]] * 40
    office.settle()
    assert [hung.rung(office, clock) for clock in clocks] == [["100%"]] * 40


def test_a_rung_that_fails_is_tried_alone_and_holds_none_of_the_others_up(
    office: TestOffice,
) -> None:
    filed = hung.quiet_case(office)
    bad = hung.hang(office, filed, rungs="100%")
    hung.change(office, bad, rungs="no rung at all")
    good = hung.hang(office, filed, rungs="100%")
    items = [{"clock_id": str(each), "revision": 1, "rung": 0} for each in (bad, good)]
    office.clock.advance(11 * HOUR)
    with office.deps.sessions.begin() as session:
        ring_clocks(session, {"items": items}, deps=office.deps)
    assert (hung.rung(office, bad), hung.rung(office, good)) == ([], ["100%"])
    alone = sa.text(f"select args ->> 'clock_id' from procrastinate_jobs where task_name = '{RING}'")
    assert office.scalar(alone) == str(bad)


def run_jobs(office: TestOffice, task: str) -> None:
    """Do the waiting jobs of one name."""
    with office.deps.sessions.begin() as session:
        rows = session.execute(
            sa.text("delete from procrastinate_jobs where task_name = :task returning args"), {"task": task}
        ).all()
    for row in rows:
        with office.deps.sessions.begin() as session:
            performers(office.deps)[task](session, row.args)


def test_without_the_process_people_are_told_all_the_same(office: TestOffice) -> None:
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    office.clock.advance(10.5 * HOUR)
    office.settle()
    assert hung.told(office, clock) == [["provincial_centre@/hq/henan/henan_centre/"], ["person@sun_qiang"]]
    assert hung.supervisions(office, filed.number) == []


def test_a_job_that_comes_before_its_rung_rings_nothing(office: TestOffice) -> None:
    clock = hung.hang(office, hung.quiet_case(office))
    office.clock.advance(8 * HOUR)
    with office.deps.sessions.begin() as session:
        ring_clock(session, {"clock_id": str(clock), "revision": 1, "rung": 0}, deps=office.deps)
    left = hung.read(office, clock)
    assert (hung.rung(office, clock), left.next_rung) == ([], 0)
    assert left.next_at == left.started_at + 9 * HOUR


def test_a_step_that_rings_again_presses_the_same_superior_and_not_the_next(office: TestOffice) -> None:
    clock = hung.hang(office, hung.quiet_case(office), rungs="100% +4h")
    office.clock.advance(11 * HOUR)
    office.settle()
    hung.move(office, clock, extended=Decimal(10))
    office.clock.advance(10 * HOUR)
    office.settle()
    first, again = hung.rings(office, clock)
    assert (first.step, again.step) == ("100%", "100%")
    assert first.told == again.told
