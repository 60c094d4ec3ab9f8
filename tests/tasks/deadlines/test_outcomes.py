"""How clocks were kept: each rate from its own instant, and nothing counted twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from engine.clock import FrozenClock
from engine.errors import InvalidInput, NotPermitted
from tasks.core import table
from tasks.deadlines.clocks.tables import Clock, ClockRevision
from tasks.deadlines.outcomes import Outcome, outcomes, period
from tasks.deadlines.policies.tables import ClockPolicy
from tasks.deadlines.supervision.tables import ClockRing
from tests.tasks.deadlines.court.test_holdings import a_clock
from tests.tasks.office import TestOffice

HENAN_CHIEF, ZHEJIANG_CHIEF, CLERK = "sun_qiang", "lin_hai", "li_na"
HOUR = timedelta(hours=1)


@pytest.fixture
def stopped(office: TestOffice, clock: FrozenClock) -> Any:
    """Puts a clock into the database that was begun now and has stopped after so many hours."""
    office.file()
    task = office.task("check_request")
    begun = clock.now()

    def put(hours: float, **more: Any) -> Any:
        row = {
            **a_clock(task, clock), "id": uuid4(), "code": "T.kept", "token_id": uuid4(),
            "stopped_at": begun + hours * HOUR, "stop_reason": "done", **more,
        }  # fmt: skip
        with office.deps.sessions.begin() as session:
            session.execute(sa.insert(table(Clock)).values(row))
        return row["id"]

    return put


def figures(office: TestOffice, login: str = HENAN_CHIEF, **more: Any) -> list[Outcome]:
    with office.acting(login) as (session, caller):
        return outcomes(session, office.deps, caller, code=more.pop("code", "T.kept"), **more)


def test_each_rate_counts_by_its_own_instant(office: TestOffice, clock: FrozenClock, stopped: Any) -> None:
    now = clock.now()
    stopped(3)
    stopped(4, promised_at=now + 2 * HOUR)  # in the limit to the second, after the promise
    stopped(6, promised_at=now + 8 * HOUR)  # late by two hours, within the promise
    stopped(8)
    (found,) = figures(office)
    assert (found.count, found.in_limit, found.late, found.limit_rate) == (4, 2, 2, 0.5)
    assert (found.promised, found.in_promise, found.promise_rate) == (2, 1, 0.5)
    assert found.delay == 3 * HOUR


def test_what_was_withdrawn_is_kept_apart_and_nothing_of_nothing_is_no_rate(
    office: TestOffice, stopped: Any
) -> None:
    stopped(9, stop_reason="cancelled")
    stopped(9, stop_reason="terminated")
    stopped(1, due_at=None)
    (found,) = figures(office)
    assert (found.count, found.withdrawn, found.late) == (0, 3, 0)
    assert (found.limit_rate, found.promise_rate, found.delay) == (None, None, None)


def test_extended_and_recomputed_clocks_count_with_the_due_they_had_in_the_end(
    office: TestOffice, clock: FrozenClock, stopped: Any
) -> None:
    stopped(6, extended=4, due_at=clock.now() + 8 * HOUR)
    moved, paused = stopped(1), stopped(1)
    with office.deps.sessions.begin() as session:
        for clock_id, revision, cause in (
            (moved, 1, "start"),
            (moved, 2, "calendar"),
            (paused, 2, "pause:customer"),
        ):
            session.execute(
                sa.insert(table(ClockRevision)).values(
                    clock_id=clock_id, revision=revision, cause=cause, at=clock.now(), by="system", provisional=False
                )
            )  # fmt: skip
    (found,) = figures(office)
    assert (found.in_limit, found.extended, found.recomputed) == (3, 1, 1)


def test_a_warning_before_due_is_counted_and_the_ladder_after_it_is_not(
    office: TestOffice, clock: FrozenClock, stopped: Any
) -> None:
    for step in ("90%", "100%", "+4h"):
        with office.deps.sessions.begin() as session:
            session.execute(
                sa.insert(table(ClockRing)).values(
                    id=uuid4(), clock_id=stopped(1), revision=1, rung=0, step=step, planned_at=clock.now(), rung_at=clock.now(),
                    holder="", path="", told=[],
                )
            )  # fmt: skip
    (found,) = figures(office)
    assert (found.count, found.warned) == (3, 1)


def test_the_delay_of_limits_in_working_days_is_office_time(
    office: TestOffice, clock: FrozenClock, stopped: Any
) -> None:
    friday = datetime(2026, 3, 6, 10, 0, tzinfo=UTC)  # 18:00 in Shanghai
    stopped(0, unit="wd", due_at=friday, stopped_at=datetime(2026, 3, 9, 3, 0, tzinfo=UTC))  # Monday, 11:00
    clock.advance(timedelta(days=8))
    (found,) = figures(office)
    assert found.delay == 2 * HOUR


def test_figures_are_split_by_unit_and_by_the_level_of_the_limit(
    office: TestOffice, clock: FrozenClock, stopped: Any
) -> None:
    policy = uuid4()
    with office.deps.sessions.begin() as session:
        session.execute(
            sa.insert(table(ClockPolicy)).values(
                id=policy, code="T.kept", level="province", amount=4, unit="h", rungs="100%", pauses=[],
                effective_from=date(2026, 1, 1), changed_at=clock.now(),
            )
        )  # fmt: skip
    stopped(1, region="/hq/henan/henan_network/", policy_id=policy)
    stopped(9, region="/hq/henan/henan_network/")
    stopped(1, region="/hq/henan/henan_billing/")
    split = {
        (one.unit.split("/")[-2], one.level): (one.count, one.late)
        for one in figures(office, by=["unit", "level"])
    }
    assert split == {
        ("henan_network", "province"): (1, 0),
        ("henan_network", ""): (1, 1),
        ("henan_billing", ""): (1, 0),
    }
    assert {one.level: one.count for one in figures(office, by=["level"])} == {"province": 1, "": 2}


def test_everybody_has_the_figures_of_the_units_in_their_own_reach(office: TestOffice, stopped: Any) -> None:
    stopped(1)
    stopped(1, region="/hq/zhejiang/zhejiang_centre/")
    stopped(1, region="/hq/henan_two/")
    assert [one.count for one in figures(office)] == [1]
    assert [one.count for one in figures(office, ZHEJIANG_CHIEF)] == [1]
    assert [one.count for one in figures(office, "gu_heng")] == [3]
    with pytest.raises(NotPermitted):
        figures(office, CLERK)


def test_a_clock_counts_on_the_day_it_stopped_in_shanghai(office: TestOffice, stopped: Any) -> None:
    stopped(0, stopped_at=datetime(2026, 3, 4, 15, 59, tzinfo=UTC))
    stopped(0, stopped_at=datetime(2026, 3, 4, 16, 0, tzinfo=UTC))
    on = [figures(office, first=date(2026, 3, day), last=date(2026, 3, day)) for day in (4, 5)]
    assert [[one.count for one in found] for found in on] == [[1], [1]]


def test_a_period_is_this_month_so_far_unless_asked_for() -> None:
    today = date(2026, 3, 17)
    shanghai = timedelta(hours=8)

    def days(*asked: date | None) -> tuple[str, str]:
        begin, end = period(*asked, today=today)
        return str((begin + shanghai).date()), str((end + shanghai).date())

    assert days(None, None) == ("2026-03-01", "2026-03-18")
    assert days(None, date(2026, 2, 10)) == ("2026-02-01", "2026-02-11")
    assert days(date(2026, 1, 5), None) == ("2026-01-05", "2026-03-18")
    with pytest.raises(InvalidInput):
        days(date(2026, 3, 2), date(2026, 3, 1))
    with pytest.raises(InvalidInput):
        days(date(2025, 3, 1), date(2026, 3, 2))
