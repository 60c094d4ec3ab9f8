"""The organisation as files: CSV in UTF-8 with a mark, so that Excel reads it, or XLSX with one sheet per table.

Phones are there for who maintains the whole company. In other files the column is missing, which an import takes for no change.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from sqlalchemy.orm import Session

from tasks.organisation.changing.changes import plain
from tasks.organisation.changing.chart import Chart, SeatData, read_chart
from tasks.organisation.changing.reach import Reach
from tasks.organisation.exchange.columns import TABLES, heading, neutral
from tasks.people.caller import Caller
from tasks.permissions.matrix import may, require


def export_xlsx(session: Session, caller: Caller | None) -> bytes:
    """A workbook with the sheets units, posts and people. caller None: the machine itself."""
    chart, phones = _readable(session, caller)
    return workbook_of(chart, phones=phones)


def export_csv(session: Session, caller: Caller | None, table: str) -> bytes:
    """One table, such as `units`, as CSV."""
    chart, phones = _readable(session, caller)
    return csv_of(chart, table, phones=phones)


def export_zip(session: Session, caller: Caller | None) -> bytes:
    """All tables as CSV files in one archive."""
    chart, phones = _readable(session, caller)
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for table in TABLES:
            archive.writestr(f"{table}.csv", csv_of(chart, table, phones=phones))
    return made.getvalue()


def _readable(session: Session, caller: Caller | None) -> tuple[Chart, bool]:
    """The chart, and whether its phones may be read."""
    if caller is not None:
        require(caller, "organisation.read")
    chart = read_chart(session)
    maintains = caller is None or may(caller, "organisation.manage")
    return chart, maintains and Reach(caller, chart, date.min).whole


def workbook_of(chart: Chart, *, phones: bool = True) -> bytes:
    """The chart as XLSX. Every cell is text, so that 001 stays 001 when the file is opened and saved."""
    made = BytesIO()
    book = xlsxwriter.Workbook(
        made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True})
    for table, (chinese, _) in TABLES.items():
        columns = _columns(table, phones)
        sheet = book.add_worksheet(f"{chinese} {table}")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, 18)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, heading(column), bold)
        for number, row in enumerate(_rows(chart, table, columns), start=1):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, neutral(cell))
    book.close()
    return made.getvalue()


def csv_of(chart: Chart, table: str, *, phones: bool = True) -> bytes:
    """One table of the chart as CSV."""
    columns = _columns(table, phones)
    made = StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow([heading(column) for column in columns])
    writer.writerows([neutral(cell) for cell in row] for row in _rows(chart, table, columns))
    return made.getvalue().encode("utf-8-sig")


def _columns(table: str, phones: bool) -> list[str]:
    return [column for column in TABLES[table][1] if phones or column != "phone"]


def _rows(chart: Chart, table: str, columns: Sequence[str]) -> Iterator[list[str]]:
    if table == "people":
        for person in chart.people.values():
            for seat in person.seats or (SeatData(),):
                values = {**plain(person), **plain(seat)}
                yield [_text(values[column]) for column in columns]
        return
    for thing in (chart.units if table == "units" else chart.posts).values():
        values = plain(thing)
        yield [_text(values[column]) for column in columns]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return "; ".join(value) if isinstance(value, list) else str(value)
