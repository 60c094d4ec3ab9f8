"""What holds for every day from 2004 to 2026, on the nation's calendar and on any region's."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tasks.deadlines.calendar.arithmetic import SHANGHAI, Calendar, OfficeHours, day_of
from tasks.deadlines.calendar.limits import Limit, Pause, last_day, reckon
from tasks.deadlines.clocks.arming import rung_instants
from tests.tasks.deadlines.calendar.calendars import shipped

NATION = shipped()
RUNGS = "10% 50% 75% 90% 99.5% 100% +0.5h +24h"
COUNTS = st.integers(1, 60)
DAYS = st.dates(date(2004, 1, 1), date(2026, 12, 31))
SEASON = st.dates(date(2025, 11, 1), date(2026, 4, 30))
AROUND = {day: NATION.works(day) for day in (date(2025, 1, 1) + timedelta(days=n) for n in range(1095))}
few = settings(max_examples=60)


@st.composite
def office_hours(draw: st.DrawFn) -> OfficeHours:
    """One to three spans of at least an hour together, at any minute; the last one may end at 24:00."""
    edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    hours = OfficeHours(tuple((_time(begin), _time(end)) for begin, end in spans))
    assume(hours.minutes >= 60)
    return hours


def _time(minute: int) -> time:
    return time(*divmod(minute % 1440, 60))


@st.composite
def anywhere(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """The nation's calendar with any minute of 23 years, or a region with days and office hours of its own with any
    minute of the months in which it differs.
    """
    minute = _time(draw(st.integers(0, 1439)))
    if draw(st.booleans()):
        return NATION, datetime.combine(draw(DAYS), minute, SHANGHAI)
    own = draw(st.dictionaries(SEASON, st.booleans(), max_size=40))
    calendar = Calendar(AROUND | own, (2025, 2026, 2027), (2025, 2026), draw(office_hours()))
    return calendar, datetime.combine(draw(SEASON), minute, SHANGHAI)


@st.composite
def limits(draw: st.DrawFn) -> Limit:
    unit = draw(st.sampled_from(("h", "cd", "wd")))
    amount = draw(
        st.decimals("0.1", "40", places=1) | st.integers(1, 40).map(Decimal) | st.just(Decimal("0.5"))
    )
    return Limit(amount, unit, draw(st.booleans()))


@st.composite
def pauses_after(draw: st.DrawFn, start: datetime) -> list[Pause]:
    """Up to four pauses that do not overlap, the first not before the start."""
    minutes = sorted(draw(st.sets(st.integers(0, 60 * 24 * 40), max_size=8)))
    at = [start + timedelta(minutes=minute) for minute in minutes]
    return list(zip(at[::2], at[1::2], strict=False))


@few
@given(anywhere(), COUNTS)
def test_counting_back_undoes_counting_on_from_a_working_day(
    place: tuple[Calendar, datetime], n: int
) -> None:
    calendar, day = place[0], day_of(place[1])
    worked = calendar.on_or_after(day)
    assert calendar.subtract(calendar.add(worked, n), n) == worked


@few
@given(anywhere(), COUNTS)
def test_between_counts_what_add_has_added_from_any_day(place: tuple[Calendar, datetime], n: int) -> None:
    calendar, day = place[0], day_of(place[1])
    end = calendar.add(day, n)
    assert calendar.between(day, end) == n
    assert calendar.between(end, day) == -n
    assert calendar.works(end)


@few
@given(anywhere(), COUNTS)
def test_a_later_start_or_a_longer_limit_never_ends_earlier(place: tuple[Calendar, datetime], n: int) -> None:
    calendar, day = place[0], day_of(place[1])
    assert calendar.add(day, n) <= calendar.add(day + timedelta(days=1), n)
    assert calendar.add(day, n) < calendar.add(day, n + 1)


@few
@given(anywhere(), st.integers(0, 60 * 60))
def test_office_time_measures_what_was_added(place: tuple[Calendar, datetime], minutes: int) -> None:
    calendar, start = place
    given_time = timedelta(minutes=minutes)
    end = calendar.add_office_time(start, given_time)
    assert calendar.office_time(start, end) == given_time
    assert calendar.office_time(end, start) == -given_time


@few
@given(anywhere(), limits(), st.data())
def test_rungs_come_in_order_whatever_the_unit_the_pauses_and_the_extension(
    place: tuple[Calendar, datetime], limit: Limit, data: st.DataObject
) -> None:
    calendar, start = place
    longer = limit.plus(data.draw(st.sampled_from((Decimal(0), Decimal(1), Decimal("2.5")))))
    pauses = data.draw(pauses_after(start))
    places = rung_instants(calendar, longer, RUNGS, start, pauses)
    assert list(places) == sorted(places)
    assert start <= places[0]
    assert places[-3] == reckon(calendar, longer, start, pauses).at


@few
@given(anywhere(), limits(), st.data())
def test_no_limit_that_was_running_ends_before_its_last_pause_does(
    place: tuple[Calendar, datetime], limit: Limit, data: st.DataObject
) -> None:
    calendar, start = place
    pauses = data.draw(pauses_after(start))
    due = reckon(calendar, limit, start, pauses).at
    for number, (begin, end) in enumerate(pauses):
        if reckon(calendar, limit, start, pauses[:number]).at > begin:
            assert due >= end


@few
@given(anywhere(), st.integers(1, 400), st.integers(0, 400), st.integers(1, 2000))
def test_a_pause_moves_a_limit_of_hours_by_its_own_length(
    place: tuple[Calendar, datetime], hours: int, before: int, minutes: int
) -> None:
    start = place[1]
    limit, begin = Limit(Decimal(hours), "h"), start + timedelta(hours=before)
    assume(before < hours)
    pause = (begin, begin + timedelta(minutes=minutes))
    moved = reckon(NATION, limit, start, [pause]).at - reckon(NATION, limit, start).at
    assert moved == timedelta(minutes=minutes)


@few
@given(anywhere(), st.integers(1, 40), st.integers(0, 39), st.integers(0, 40))
def test_a_pause_moves_a_limit_of_calendar_days_by_its_calendar_days(
    place: tuple[Calendar, datetime], days: int, before: int, pause: int
) -> None:
    calendar, start = place
    assume(before < days)
    begin = start + timedelta(days=before)
    paused = [(begin, begin + timedelta(days=pause))]
    hard = Limit(Decimal(days), "cd", rolls=False)
    moved = reckon(calendar, hard, start, paused).at - reckon(calendar, hard, start).at
    assert moved == timedelta(days=pause)
    rolled = reckon(calendar, Limit(Decimal(days), "cd"), start, paused).at
    assert last_day(rolled) == calendar.on_or_after(last_day(reckon(calendar, hard, start, paused).at))


@few
@given(anywhere(), st.integers(1, 30), st.data())
def test_a_pause_moves_a_limit_of_working_days_by_its_working_days(
    place: tuple[Calendar, datetime], days: int, data: st.DataObject
) -> None:
    calendar, start = place
    limit = Limit(Decimal(days), "wd")
    due = reckon(calendar, limit, start).at
    begin = start + data.draw(st.floats(0, 0.99)) * (due - start)
    end = begin + timedelta(minutes=data.draw(st.integers(0, 60 * 24 * 30)))
    assume(calendar.works(day_of(end)))
    moved = reckon(calendar, limit, start, [(begin, end)]).at
    assert calendar.between(last_day(due), last_day(moved)) == calendar.between(day_of(begin), day_of(end))


@few
@given(anywhere(), st.data())
def test_a_pause_moves_half_a_working_day_by_its_office_time(
    place: tuple[Calendar, datetime], data: st.DataObject
) -> None:
    calendar, start = place
    limit = Limit(Decimal("0.5"), "wd")
    due = reckon(calendar, limit, start).at
    begin = start + data.draw(st.floats(0, 0.99)) * (due - start)
    end = begin + timedelta(minutes=data.draw(st.integers(0, 60 * 24 * 10)))
    moved = reckon(calendar, limit, start, [(begin, end)]).at
    assert calendar.office_time(start, moved) == timedelta(hours=4) + calendar.office_time(begin, end)
