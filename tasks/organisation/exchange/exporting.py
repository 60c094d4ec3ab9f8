"""The organisation as files: CSV in UTF-8 with a mark, so that Excel reads it, or XLSX with one sheet per table."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from sqlalchemy.orm import Session

from tasks.organisation.changing.changes import plain
from tasks.organisation.changing.chart import Chart, SeatData, read_chart
from tasks.organisation.exchange.columns import TABLES, heading, neutral
from tasks.people.caller import Caller
from tasks.permissions.matrix import require


def export_xlsx(session: Session, caller: Caller | None) -> bytes:
    """A workbook with the sheets units, posts and people. caller None: the machine itself."""
    return workbook_of(_readable(session, caller))


def export_csv(session: Session, caller: Caller | None, table: str) -> bytes:
    """One table, such as `units`, as CSV."""
    return csv_of(_readable(session, caller), table)


def export_zip(session: Session, caller: Caller | None) -> bytes:
    """All tables as CSV files in one archive."""
    chart = _readable(session, caller)
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for table in TABLES:
            archive.writestr(f"{table}.csv", csv_of(chart, table))
    return made.getvalue()


def _readable(session: Session, caller: Caller | None) -> Chart:
    if caller is not None:
        require(caller, "organisation.read")
    return read_chart(session)


def workbook_of(chart: Chart) -> bytes:
    """The chart as XLSX. Every cell is text, so that 001 stays 001 when the file is opened and saved."""
    made = BytesIO()
    book = xlsxwriter.Workbook(
        made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True})
    for table, (chinese, columns) in TABLES.items():
        sheet = book.add_worksheet(f"{chinese} {table}")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, 18)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, heading(column), bold)
        for number, row in enumerate(_rows(chart, table), start=1):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, neutral(cell))
    book.close()
    return made.getvalue()


def csv_of(chart: Chart, table: str) -> bytes:
    """One table of the chart as CSV."""
    made = StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow([heading(column) for column in TABLES[table][1]])
    writer.writerows([neutral(cell) for cell in row] for row in _rows(chart, table))
    return made.getvalue().encode("utf-8-sig")


def _rows(chart: Chart, table: str) -> Iterator[list[str]]:
    columns = TABLES[table][1]
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
