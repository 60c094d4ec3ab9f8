"""Limits in every unit end when the rules say, on the calendar as it was published."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from tasks.deadlines.calendar.arithmetic import SHANGHAI, OutsideCalendar
from tasks.deadlines.calendar.limits import Limit, reckon, shown
from tests.tasks.deadlines.calendar.calendars import shipped

CALENDAR = shipped()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        ("2026-02-13 10:00", "3", "wd", "2026-02-25 24:00"),
        ("2026-02-13 10:00", "5", "wd", "2026-02-27 24:00"),
        ("2026-02-13 10:00", "7", "wd", "2026-03-02 24:00"),
        ("2026-09-24 10:00", "7", "wd", "2026-10-12 24:00"),
        ("2026-09-24 10:00", "10", "cd", "2026-10-08 24:00"),
        ("2026-09-30 10:00", "7", "wd", "2026-10-15 24:00"),
        ("2026-03-02 09:00", "4", "h", "2026-03-02 13:00"),
        ("2026-03-02 10:00", "0.5", "wd", "2026-03-02 15:00"),
        ("2026-02-13 16:00", "0.5", "wd", "2026-02-14 11:00"),
        ("2026-03-02 20:00", "0.5", "wd", "2026-03-03 14:00"),
    ],
)
def test_a_limit_ends_when_the_rules_say(start: str, amount: str, unit: str, due: str) -> None:
    assert shown(reckon(CALENDAR, Limit(Decimal(amount), unit), at(start)).at) == due


def test_what_is_counted_over_an_unpublished_year_is_provisional() -> None:
    limit = Limit(Decimal(3), "wd")
    assert reckon(CALENDAR, limit, at("2026-12-30 10:00")).provisional
    assert not reckon(CALENDAR, limit, at("2026-12-28 10:00")).provisional
    with pytest.raises(OutsideCalendar, match="2004-01-01 to 2029-12-31"):
        reckon(CALENDAR, limit, at("2029-12-30 10:00"))


def test_a_pause_moves_what_lies_behind_its_beginning_by_its_own_length() -> None:
    start, limit = at("2026-02-10 10:00"), Limit(Decimal(5), "wd")
    pause = (at("2026-02-12 09:00"), at("2026-02-24 09:00"))
    worked = CALENDAR.between(date(2026, 2, 12), date(2026, 2, 24))
    assert worked == 3
    due = reckon(CALENDAR, limit, start, [pause]).at
    assert due == reckon(CALENDAR, limit.plus(Decimal(worked)), start).at
    early = reckon(CALENDAR, limit, start, [pause], Decimal("0.2")).at
    assert early == reckon(CALENDAR, limit, start, share=Decimal("0.2")).at
    hours = Limit(Decimal(48), "h")
    assert reckon(CALENDAR, hours, start, [pause]).at == start + timedelta(hours=48 + 12 * 24)


@pytest.mark.parametrize(
    ("limit", "pause", "due"),
    [
        (Limit(Decimal(1), "wd"), ("2026-03-06 09:00", "2026-03-08 10:00"), "2026-03-09 24:00"),
        (Limit(Decimal(1), "wd", rolls=False), ("2026-03-06 09:00", "2026-03-08 10:00"), "2026-03-09 24:00"),
        (Limit(Decimal("1.5"), "cd"), ("2026-03-07 08:00", "2026-03-07 20:00"), "2026-03-09 24:00"),
        (
            Limit(Decimal("1.5"), "cd", rolls=False),
            ("2026-03-07 08:00", "2026-03-07 20:00"),
            "2026-03-07 24:00",
        ),
    ],
)
def test_what_would_end_in_a_pause_ends_with_its_last_day_and_only_rests_where_it_may(
    limit: Limit, pause: tuple[str, str], due: str
) -> None:
    start = at("2026-03-05 10:00")  # a Thursday; the pauses end on a weekend
    assert shown(reckon(CALENDAR, limit, start, [(at(pause[0]), at(pause[1]))]).at) == due


def test_a_fixed_instant_is_extended_by_hours_and_shared_by_the_time_until_it() -> None:
    start, end = at("2026-03-02 09:00"), at("2026-03-02 19:00")
    limit = Limit(Decimal(1), "at", fixed=end)
    assert reckon(CALENDAR, limit, start).at == end
    assert reckon(CALENDAR, limit.plus(Decimal(2)), start).at == end + timedelta(hours=2)
    assert reckon(CALENDAR, limit, start, share=Decimal("0.9")).at == at("2026-03-02 18:00")
    assert reckon(CALENDAR, limit, end + timedelta(hours=1), share=Decimal("0.9")).at == end, "over already"


def test_a_pause_that_ends_just_when_the_limit_does_leaves_it_there() -> None:
    friday = (at("2026-03-06 10:00"), at("2026-03-07 00:00"))
    found = reckon(CALENDAR, Limit(Decimal(1), "wd"), at("2026-03-05 10:00"), [friday])
    assert shown(found.at) == "2026-03-06 24:00"


def test_a_pause_in_the_days_a_limit_rolled_over_moves_where_it_had_rolled_to() -> None:
    limit, start = Limit(Decimal(2), "cd"), at("2026-03-05 10:00")
    assert shown(reckon(CALENDAR, limit, start).at) == "2026-03-09 24:00", "from Saturday"
    two_days = (at("2026-03-08 00:00"), at("2026-03-10 00:00"))
    assert shown(reckon(CALENDAR, limit, start, [two_days]).at) == "2026-03-11 24:00"


def test_a_pause_that_ends_in_an_unpublished_year_makes_the_end_provisional() -> None:
    limit, start = Limit(Decimal(1), "wd"), at("2026-12-30 10:00")
    assert not reckon(CALENDAR, limit, start).provisional
    found = reckon(CALENDAR, limit, start, [(at("2026-12-31 09:00"), at("2027-01-02 10:00"))])
    assert (shown(found.at), found.provisional) == ("2027-01-04 24:00", True)
