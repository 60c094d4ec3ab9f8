"""Whatever is done to a clock in whatever order, each rung rings once per due revision, in order, and never early."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tasks.deadlines.supervision.ringing import ring_clock
from tasks.deadlines.supervision.sweep import queue_again, sweep_clocks
from tests.tasks.deadlines.supervision import hung
from tests.tasks.office import TestOffice

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pass"), st.sampled_from([0.5, 1, 4, 9, 26])),
        st.tuples(st.just("settle"), st.none()),
        st.tuples(st.just("sweep"), st.none()),  # and the job is lost with its worker
        st.tuples(st.just("recover"), st.none()),
        st.tuples(st.just("extend"), st.sampled_from([0, 1, 5, 30])),
        st.tuples(st.just("pause"), st.none()),
        st.tuples(st.just("resume"), st.none()),
        st.tuples(st.just("repeat"), st.sampled_from([0, 1, 2, 3])),
    ),
    min_size=4,
    max_size=14,
)


@given(STEPS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_rung_rings_once_per_revision_in_order_and_never_early(
    settled: TestOffice, script: list[tuple[str, Any]]
) -> None:
    office = settled
    filed = hung.quiet_case(office)
    clock = hung.hang(office, filed)
    for verb, value in script:
        _do(office, clock, verb, value)
    if hung.read(office, clock).paused_at is not None:
        hung.move(office, clock)
    office.clock.advance(timedelta(days=9))
    _do(office, clock, "recover", None)
    office.settle()

    found = hung.rings(office, clock)
    assert len({(ring.revision, ring.rung) for ring in found}) == len(found)
    assert {ring.rung for ring in found} == {0, 1, 2, 3}  # none is lost
    assert all(ring.planned_at <= ring.rung_at for ring in found)
    revisions = [ring.revision for ring in found]
    assert revisions == sorted(revisions)
    for revision in set(revisions):
        rungs = [ring.rung for ring in found if ring.revision == revision]
        assert rungs == sorted(rungs)
    # A rung rings again only where its new instant lay ahead when due moved.
    for before, again in (
        (a, b) for a in found for b in found if a.rung == b.rung and a.revision < b.revision
    ):
        assert again.planned_at > before.rung_at
    left = hung.read(office, clock)
    assert (left.next_rung, left.next_at, left.queued_at) == (None, None, None)


def _do(office: TestOffice, clock: Any, verb: str, value: Any) -> None:
    row = hung.read(office, clock)
    before = len(hung.rings(office, clock))
    if verb == "pass":
        office.clock.advance(timedelta(hours=value))
    elif verb == "settle":
        office.settle()
        if row.paused_at is not None:
            assert len(hung.rings(office, clock)) == before, "a clock that stands still has rung"
    elif verb == "sweep":
        with office.deps.sessions.begin() as session:
            sweep_clocks(session, office.clock.now())
            _lose_jobs(session)
    elif verb == "recover":
        with office.deps.sessions.begin() as session:
            queue_again(session, office.clock.now() + timedelta(hours=2))
    elif verb == "extend" and row.paused_at is None:
        hung.move(office, clock, extended=row.extended + Decimal(value))
    elif verb == "pause" and row.paused_at is None:
        hung.pause(office, clock)
    elif verb == "resume" and row.paused_at is not None:
        hung.move(office, clock)
    elif verb == "repeat":
        with office.deps.sessions.begin() as session:
            ring_clock(
                session, {"clock_id": str(clock), "revision": row.revision, "rung": value}, deps=office.deps
            )


def _lose_jobs(session: Session) -> None:

    session.execute(sa.text("delete from procrastinate_jobs where task_name = 'redress.ring_clock'"))
