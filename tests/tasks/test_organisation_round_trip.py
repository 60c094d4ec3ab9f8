"""Whatever may stand in the organisation goes out into files and comes back as it was."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.core import storable
from tasks.organisation.changing.changes import changes_between
from tasks.organisation.changing.chart import Chart, PersonData, PostData, SeatData, UnitData
from tasks.organisation.changing.checking import HANDLED, UNREADABLE, check
from tasks.organisation.changing.rows import wished
from tasks.organisation.exchange.columns import TABLES
from tasks.organisation.exchange.exporting import csv_of, workbook_of
from tasks.organisation.exchange.reading import read_files

TODAY = date(2026, 3, 2)

TEXTS = (
    st.text(max_size=12).filter(lambda text: storable(text) and not UNREADABLE.search(text))
    | st.sampled_from(["=1+1", "'=1", "_x0041_", "001", "1e3", "2026-03-01", "是", "a\u2028b", "a\x85b", "'"])
).map(str.strip)
NAMES = TEXTS.filter(bool)
WORDS = st.lists(st.from_regex(r"[a-z0-9][\w.\-]{0,5}", fullmatch=True), max_size=3, unique=True).map(tuple)
TAKEN = st.text(min_size=1, max_size=6).filter(lambda text: bool(HANDLED.match(text)) and storable(text))
DAYS = st.lists(st.dates(), min_size=2, max_size=2).map(sorted)
OPEN = (None, None)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    units = {"hq": UnitData(code="hq", name="总部", kind="headquarters", id=1)}
    for number, code in enumerate(("001", "河南", "1e5"), start=2):
        days = draw(DAYS) if code == "1e5" else OPEN
        units[code] = UnitData(
            code=code,
            name=draw(NAMES),
            name_en=draw(TEXTS),
            parent=draw(st.sampled_from([one for one in units if one != "1e5"])),
            roles=draw(WORDS),
            handles=draw(st.lists(TAKEN, max_size=3, unique=True).map(tuple)),
            valid_from=days[0],
            valid_until=days[1],
            id=number,
        )
    rank = draw(st.integers(0, 1000))
    posts = {"007": PostData("007", draw(NAMES), draw(TEXTS), draw(WORDS), ("supervisor",), rank)}
    people = {}
    places = [(unit, post) for unit in units for post in (None, "007")]
    for first, login in ((10, "li_na"), (20, "0042")):
        chosen = draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True))
        seats = []
        for number, (unit, post) in enumerate(chosen):
            days = draw(st.just(OPEN) | DAYS)
            seats.append(SeatData(days[0], days[1], unit, post, draw(TEXTS), id=first + number))
        people[login] = PersonData(login, draw(NAMES), active=draw(st.booleans()), seats=tuple(seats))
    chart = Chart(units, posts, people)
    assert check(chart) == []
    return chart


@settings(max_examples=40)
@given(charts())
def test_what_is_exported_and_imported_again_is_no_change(chart: Chart) -> None:
    for files in ([("all.xlsx", workbook_of(chart))], [(f"{one}.csv", csv_of(chart, one)) for one in TABLES]):
        wish = wished(chart, read_files(files), TODAY)
        assert wish.mistakes == []
        assert wish.chart == chart
        assert changes_between(chart, wish.chart, TODAY) == []


def test_the_longest_list_of_words_comes_back_whole() -> None:
    handles = tuple(f"{number:03}/{'x' * 96}" for number in range(100))
    unit = UnitData(code="hq", name="总部", kind="headquarters", handles=handles, id=1)
    chart = Chart({"hq": unit})
    assert check(chart) == []
    for files in ([("all.xlsx", workbook_of(chart))], [("units.csv", csv_of(chart, "units"))]):
        assert wished(chart, read_files(files), TODAY).chart.units["hq"].handles == handles


@pytest.mark.parametrize("separator", [" ", ",", ";", "，", "；", "、"])
def test_what_separates_words_in_a_cell_stands_in_no_word(separator: str) -> None:
    unit = UnitData(code="hq", name="总部", kind="headquarters", handles=(f"宽带{separator}固话/故障",))
    assert [one.column for one in check(Chart({"hq": unit}))] == ["handles"]


def test_a_sheets_own_days_and_numbers_are_read_and_leading_zeros_are_never_lost() -> None:
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    day, zeros = book.add_format({"num_format": "yyyy/m/d"}), book.add_format({"num_format": "000"})
    page = book.add_worksheet()
    page.write_row(0, 0, ["code", "name", "parent", "from"])
    page.write_row(1, 0, [371, 12345, "hq"])
    page.write_datetime(1, 3, date(2026, 3, 1), day)
    page.write_row(2, 0, ["001", "文本", "hq", "2026/3/1"])
    page.write_number(3, 0, 2, zeros)
    page.write_row(3, 1, ["数字", "hq"])
    book.close()
    before = Chart(
        {"hq": UnitData(code="hq", name="总部", kind="headquarters"), "002": UnitData(code="002", name="二")}
    )

    wish = wished(before, read_files([("x.xlsx", made.getvalue())]), TODAY)

    assert wish.mistakes == []
    found = wish.chart.units
    assert (found["371"].name, found["371"].valid_from) == ("12345", date(2026, 3, 1))
    assert (found["001"].name, found["001"].valid_from) == ("文本", date(2026, 3, 1))
    assert [(one.path, one.message[:12]) for one in check(wish.chart)] == [
        ("Sheet1 4 · unit 2 · code", "there is 002")
    ]
