"""The register as a file, out and in: CSV or XLSX with the columns of `clocks.csv`. An import is first a report."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.deadlines.policies.browsing import register
from tasks.deadlines.policies.editing import (
    Change,
    Desk,
    Edited,
    Plan,
    StaleRow,
    Wish,
    apply,
    changes_of,
    open_desk,
)
from tasks.deadlines.policies.rows import (
    WARN_RATIO,
    Key,
    Mistake,
    RegisterRefused,
    Terms,
    label,
    read_row,
    sayable,
)
from tasks.deadlines.policies.words import COLUMNS
from tasks.deps import Deps
from tasks.organisation.exchange.columns import neutral, restored
from tasks.organisation.exchange.reading import cells_of
from tasks.people.caller import Caller

MOST_ROWS = 2_000
"""Of one import: ten times the register of domain §1.13. Each may have several mistakes, and all of them are told."""

_NAMED = {**{chinese: column for column, chinese in COLUMNS.items()}, WARN_RATIO: WARN_RATIO}


@dataclass(frozen=True, slots=True)
class Report:
    """What an import would do. fingerprint: stands for the file, the plan and the office they were compared with; carrying
    out asks for it. With mistakes nothing can be carried out.
    """

    fingerprint: str
    changes: list[Change]
    unchanged: int
    mistakes: list[Mistake]


def export_csv(session: Session, deps: Deps, caller: Caller, *, day: date | None = None) -> bytes:
    """What counts on a day (today if None) as CSV in UTF-8 with a mark, so that Excel reads it."""
    made = StringIO(newline="")
    csv.writer(made).writerows(_table(session, deps, caller, day))
    return made.getvalue().encode("utf-8-sig")


def export_xlsx(session: Session, deps: Deps, caller: Caller, *, day: date | None = None) -> bytes:
    """The same as a workbook; every cell is text."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("时限登记 clocks")
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(COLUMNS) - 1, 16)
    for number, row in enumerate(_table(session, deps, caller, day)):
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell)
    book.close()
    return made.getvalue()


def dry_run(session: Session, deps: Deps, caller: Caller, name: str, content: bytes, plan: Plan) -> Report:
    """Compare a file with the register as `carry_out` would change it; changes nothing."""
    desk, revision = open_desk(session, deps, caller)
    wishes = _wishes(desk, name, content)
    try:
        changes, mistakes = changes_of(desk, wishes, plan), []
    except RegisterRefused as refusal:
        changes, mistakes = [], refusal.problems
    touched = {one.label for one in changes}
    unchanged = 0 if mistakes else len(wishes) - len(touched)
    return Report(_fingerprint(content, plan, revision), changes, unchanged, mistakes)


def carry_out(
    session: Session, deps: Deps, caller: Caller, name: str, content: bytes, plan: Plan, expected: str
) -> Edited:
    """Do what the report with the fingerprint `expected` said, whole: rows of the file are added or changed; a row that the
    file does not name stays. Raises StaleRow when file, plan or office are others by now, RegisterRefused.
    """
    desk, revision = open_desk(session, deps, caller)
    if expected != _fingerprint(content, plan, revision):
        raise StaleRow(
            f"Carrying out the import {sayable(expected[:80])} was asked for; the file or the register has changed since: "
            "look at a new report.",
            message_zh="文件或时限登记在核对之后已有变动，请重新核对。",
        )
    return apply(session, deps, desk, changes_of(desk, _wishes(desk, name, content), plan), plan)


def _table(session: Session, deps: Deps, caller: Caller, day: date | None) -> Iterator[list[str]]:
    yield [f"{chinese} {column}" for column, chinese in COLUMNS.items()]
    for row in register(session, deps, caller, day=day).rows:
        if row.current is not None:
            yield [neutral(_text(value)) for value in row.current.terms.plain().values()]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, list) else str(value or "")


def _wishes(desk: Desk, name: str, content: bytes) -> list[Wish]:
    wishes: list[Wish] = []
    seen: set[Key] = set()
    for where, row, extra in _rows(name, content):
        if len(wishes) >= MOST_ROWS:
            raise InvalidInput(
                f"Importing {sayable(name[:100])} was asked for; it has more than {MOST_ROWS} rows of the clock register.",
                message_zh=f"文件“{sayable(name[:100])}”超过 {MOST_ROWS} 行时限。",
            )
        terms, mistakes = read_row(row, where=where)
        if extra:
            mistakes.append(
                Mistake(where, "", "", "a cell stands outside the headings.", "有单元格超出了表头范围。")
            )
        if terms is not None and terms.key in seen:
            mistakes.append(_twice(where, terms))
        elif terms is not None:
            seen.add(terms.key)
        versions = desk.stored.get(terms.key, []) if terms is not None else []
        wishes.append(Wish(versions[-1] if versions else None, terms, mistakes, where=where))
    if not wishes:
        raise InvalidInput(
            f"Importing {sayable(name[:100])} was asked for; it has no rows below a line of headings with {', '.join(COLUMNS)}.",
            message_zh=f"文件“{sayable(name[:100])}”没有可导入的行。",
        )
    return wishes


def _twice(where: str, terms: Terms) -> Mistake:
    return Mistake(where, label(terms.key), "code", "this row stands there twice.", "该行出现了两次。")


def _rows(name: str, content: bytes) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Where each row stands, its cells by column (a heading nobody knows under its own name), and whether there are more."""
    for sheet, lines in cells_of(name, content, lambda cell: _column_of(cell) is not None):
        numbered = ((number, line) for number, line in enumerate(lines, start=1) if any(map(_cell, line)))
        headings = next(numbered, (0, []))[1]
        columns = [_column_of(cell) or _cell(cell) for cell in headings]
        for number, line in numbered:
            cells = [_cell(cell) for cell in line]
            row = {column: cell for column, cell in zip(columns, cells, strict=False) if column}
            beyond = [*zip(columns, cells, strict=False)]
            extra = any(cells[len(columns) :]) or any(cell and not column for column, cell in beyond)
            yield f"{sheet[:60]} {number}", row, extra


def _column_of(cell: object) -> str | None:
    """The column a heading names, in English, in Chinese or in both."""
    words = str(cell if cell is not None else "").strip().lower().split()
    return next(
        (word if word in COLUMNS else _NAMED[word] for word in words if word in _NAMED or word in COLUMNS),
        None,
    )


def _cell(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return restored(str(cell).strip())


def _fingerprint(content: bytes, plan: Plan, revision: int) -> str:
    told = repr((str(plan.effective_from or ""), plan.note, plan.replaces, plan.recompute)).encode()
    return f"{revision}-{sha256(sha256(content).digest() + told).hexdigest()[:32]}"
