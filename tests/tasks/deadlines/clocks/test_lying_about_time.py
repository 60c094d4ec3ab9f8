"""Who tells a pause late cannot excuse by it what is over: that is more time, and a supervisor decides on it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import NotPermitted
from tests.tasks.deadlines.clocks.timekeeping import clock_of, filed, ledger, pause, revisions
from tests.tasks.office import TestOffice


@pytest.mark.parametrize("whole_case", [True, False])
def test_a_clerk_cannot_excuse_an_overdue_clock_by_a_pause_told_late(
    office: TestOffice, whole_case: bool
) -> None:
    number = filed(office)
    clock = clock_of(office, number)
    of = number if whole_case else clock.id
    office.clock.advance(timedelta(hours=4))  # due just now
    with pytest.raises(NotPermitted, match="who decides on more time tells it"):
        pause(office, of, from_at=clock.due_at - timedelta(minutes=1))
    assert ledger(office, clock.id) == [] and len(revisions(office, clock.id)) == 0
    pause(office, of, login="sun_qiang", from_at=clock.due_at - timedelta(minutes=1))
    assert clock_of(office, number).paused_at == clock.due_at - timedelta(minutes=1)


def test_a_clerk_may_tell_a_pause_late_while_the_clock_runs_and_stop_an_overdue_one_from_now_on(
    office: TestOffice,
) -> None:
    number = filed(office)
    office.clock.advance(timedelta(hours=3))
    pause(office, clock_of(office, number).id, from_at=office.clock.now() - timedelta(hours=2))
    other = filed(office)
    office.clock.advance(timedelta(hours=5))
    pause(office, other)
    assert clock_of(office, other).paused_at == office.clock.now()
