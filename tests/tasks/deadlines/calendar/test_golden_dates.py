"""The dates everybody can look up, the odd cases, and the calendar the product ships, day by day."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import chinese_calendar
import holidays
import pytest

from tasks.deadlines.calendar.arithmetic import SHANGHAI, OfficeHours, OutsideCalendar, end_of
from tasks.deadlines.calendar.asking import add, read_start
from tasks.deadlines.calendar.limits import Limit, reckon, shown
from tasks.deadlines.calendar.reading import read_hours, written_hours
from tests.tasks.deadlines.calendar.calendars import FILE, PUBLISHED, shipped

CALENDAR = shipped()

MAKE_UP_2026 = ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2026-02-13", "3", "wd", "2026-02-25"),
        ("2026-02-13", "5", "wd", "2026-02-27"),
        ("2026-02-13", "7", "wd", "2026-03-02"),
        ("2026-09-24", "7", "wd", "2026-10-12"),
        ("2026-09-24", "10", "cd", "2026-10-08"),
        ("2026-09-30", "7", "wd", "2026-10-15"),
        # odd cases: the start, the amount, where it ends
        ("2026-03-02T10:00", "0.5", "wd", "2026-03-02 15:00"),  # over lunch
        ("2026-03-02T09:00", "0.5", "wd", "2026-03-02 14:00"),
        ("2026-03-02T13:00", "0.5", "wd", "2026-03-02 17:00"),
        ("2026-03-02T11:59", "0.5", "wd", "2026-03-02 16:59"),  # just before lunch
        ("2026-03-02T12:30", "0.5", "wd", "2026-03-02 17:00"),  # at lunch
        ("2026-03-02T18:00", "0.5", "wd", "2026-03-03 14:00"),  # at closing time
        ("2026-03-02T14:00", "0.5", "wd", "2026-03-02 18:00"),  # ends at closing time
        ("2026-03-02T14:01", "0.5", "wd", "2026-03-03 09:01"),
        ("2026-03-06T19:30", "0.5", "wd", "2026-03-09 14:00"),  # Friday evening
        ("2026-02-13T16:00", "0.5", "wd", "2026-02-14 11:00"),  # the Saturday after is worked
        ("2026-02-14T16:00", "0.5", "wd", "2026-02-24 11:00"),  # before the holiday
        ("2026-02-14T16:00", "1", "wd", "2026-02-24 24:00"),
        ("2026-02-14T16:00", "1.5", "wd", "2026-02-25 14:00"),
        ("2026-03-02T10:00", "1", "half", "2026-03-02 15:00"),
        ("2026-03-02", "0.5", "wd", "2026-03-02 14:00"),  # a day without a time begins at 00:00
        ("2026-03-02T24:00", "1", "wd", "2026-03-04 24:00"),  # 24:00 is the next day
        ("2026-03-02T23:59", "1", "wd", "2026-03-03 24:00"),
        ("2026-03-02T00:00", "24", "h", "2026-03-02 24:00"),
        ("2026-03-02T20:30", "3.5", "h", "2026-03-02 24:00"),
        ("2026-02-17", "1", "wd", "2026-02-24"),  # begins on a rest day
        ("2026-02-17", "7", "cd", "2026-02-24"),
        ("2026-02-13", "1", "wd", "2026-02-14"),
        ("2026-12-31", "1", "wd", "2027-01-04"),  # over the year end
        ("2026-12-30", "3", "wd", "2027-01-05"),
        ("2025-12-31", "1", "wd", "2026-01-04"),
        ("2024-02-28", "1", "wd", "2024-02-29"),  # leap days
        ("2024-02-29", "1", "wd", "2024-03-01"),
        ("2024-02-29", "365", "cd", "2025-02-28"),
        ("2024-02-28", "1", "cd", "2024-02-29"),
        ("2028-02-28", "1", "wd", "2028-02-29"),
        ("2028-02-29", "1", "cd", "2028-03-01"),
        ("2026-10-01", "7", "cd", "2026-10-08"),
        ("2026-10-02", "7", "cd", "2026-10-09"),
        ("2026-09-24T10:00", "24", "h", "2026-09-25 10:00"),  # hours know no holiday
    ],
)  # fmt: skip
def test_a_limit_ends_when_the_rules_say(start: str, amount: str, unit: str, end: str) -> None:
    assert add(CALENDAR, start, amount, unit).text == end


def test_calendar_days_that_do_not_roll_end_on_the_rest_day() -> None:
    assert add(CALENDAR, "2026-09-24", "10", "cd", rolls=False).text == "2026-10-04"
    assert reckon(CALENDAR, Limit(Decimal(10), "cd"), read_start("2026-09-24").at).at == end_of(
        date(2026, 10, 8)
    )


def test_the_make_up_workdays_of_2026_are_worked() -> None:
    worked = {
        day for n in range(365) if CALENDAR.works(day := date(2026, 1, 1) + timedelta(days=n)) and day.weekday() > 4
    }  # fmt: skip
    assert worked == {date.fromisoformat(f"2026-{day}") for day in MAKE_UP_2026}


@pytest.mark.parametrize("day", ["2026-03-08", "2026-03-09", "2026-11-01", "2026-11-02"])
def test_a_start_in_a_zone_that_changes_its_clocks_counts_as_the_instant_it_is(day: str) -> None:
    for hour in (0, 1, 3, 12, 23):
        there = datetime.fromisoformat(f"{day}T{hour:02}:30").replace(tzinfo=ZoneInfo("America/New_York"))
        here = there.astimezone(SHANGHAI)
        for limit in (
            Limit(Decimal("0.5"), "wd"),
            Limit(Decimal(7), "wd"),
            Limit(Decimal(10), "cd"),
            Limit(Decimal(30), "h"),
        ):
            assert reckon(CALENDAR, limit, there) == reckon(CALENDAR, limit, here)
    assert add(CALENDAR, "2026-03-01T21:00-05:00", "0.5").text == "2026-03-02 15:00"


def test_the_zone_has_no_daylight_saving_in_the_years_that_are_counted() -> None:
    day = datetime(2004, 1, 1, tzinfo=SHANGHAI)
    while day.year < 2030:
        assert day.utcoffset() == timedelta(hours=8)
        day += timedelta(days=1)


def test_an_office_that_works_until_24_00_closes_with_the_day() -> None:
    hours = read_hours("00:00-24:00")
    assert hours == OfficeHours(hours.spans) and written_hours(hours) == "00:00-24:00"
    round_the_clock = shipped(hours)
    assert hours.minutes == 1440
    friday = datetime(2026, 3, 6, 22, 0, tzinfo=SHANGHAI)
    assert shown(reckon(round_the_clock, Limit(Decimal("0.5"), "wd"), friday).at) == "2026-03-09 02:00"


def test_the_shipped_calendar_is_what_both_libraries_say_day_by_day() -> None:
    """They differ on 2005-12-31 alone: the notice for 2006 made that Saturday a working day, and one library misses it."""
    china = holidays.country_holidays("CN", years=PUBLISHED)
    differ = []
    day = date(PUBLISHED[0], 1, 1)
    while day.year <= PUBLISHED[-1]:
        if chinese_calendar.is_workday(day) != CALENDAR.works(day):
            differ.append(day)
        assert china.is_working_day(day) == CALENDAR.works(day), day
        day += timedelta(days=1)
    assert differ == [date(2005, 12, 31)]
    assert CALENDAR.works(date(2005, 12, 31))


def test_the_file_lists_only_what_differs_from_monday_to_friday_in_order() -> None:
    with FILE.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    days = [date.fromisoformat(row["day"]) for row in rows]
    assert days == sorted(set(days))
    assert all(
        (day.weekday() < 5) == (row["kind"] == "rest") and row["name"]
        for day, row in zip(days, rows, strict=True)
    )
    assert {day.year for day in days} == set(PUBLISHED)


def test_seven_working_days_against_ten_calendar_days_over_every_start_of_2026() -> None:
    """Domain §1.10 #2: every complaint to the regulator has two clocks, because either may end first.

    The document's 35 % and 23 % are of the 355 starts whose ten days end in 2026 (1 January to 21 December; rest days
    count as starts): 125 end later than the plain tenth day, 80 (22.5 %) later than the tenth day rolled to a working day.
    With the ten starts that reach into the provisional 2027 they are 131 (35.9 %) and 84 (23.0 %) of 365.
    """
    starts = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]

    def later(days: list[date]) -> tuple[int, int]:
        ends = [(CALENDAR.add(day, 7), day + timedelta(days=10)) for day in days]
        return sum(end > ten for end, ten in ends), sum(end > CALENDAR.on_or_after(ten) for end, ten in ends)

    within = [day for day in starts if (day + timedelta(days=10)).year == 2026]
    assert (len(within), later(within)) == (355, (125, 80))
    assert [round(100 * count / 355) for count in later(within)] == [35, 23]
    assert later(starts) == (131, 84)
    longest = max(starts, key=lambda day: CALENDAR.add(day, 7) - day)
    assert (CALENDAR.add(longest, 7) - longest).days == 18
    assert not CALENDAR.provisional(within[0], CALENDAR.add(within[-1], 7))


def test_beyond_the_calendar_is_a_clear_refusal() -> None:
    with pytest.raises(OutsideCalendar, match="2004-01-01 to 2029-12-31"):
        add(CALENDAR, "2003-12-31", "1")
    with pytest.raises(OutsideCalendar, match="2004-01-01 to 2029-12-31"):
        add(CALENDAR, "2029-12-30", "10")
