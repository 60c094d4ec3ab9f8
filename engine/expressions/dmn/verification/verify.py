"""All checks on all tables of a decision file."""

from __future__ import annotations

from engine.expressions.dmn.model import DecisionModel
from engine.expressions.dmn.verification.dead import check_dead
from engine.expressions.dmn.verification.effort import Effort, Spent
from engine.expressions.dmn.verification.findings import TableFinding
from engine.expressions.dmn.verification.gaps import check_gaps
from engine.expressions.dmn.verification.grid import Column, columns_of, grid_of
from engine.expressions.dmn.verification.overlaps import check_overlaps
from engine.expressions.dmn.verification.report import Report
from engine.expressions.dmn.verification.sources import Source, tables_of
from engine.expressions.dmn.verification.values import check_values


def verify(
    model: DecisionModel, decision_id: str | None = None, *, effort: Effort | None = None
) -> list[TableFinding]:
    """What an author should look at in the decision tables of a file, in the order of the file.

    decision_id: id or name of a decision or business knowledge model, when only its tables are asked for. effort: what
    the checks may cost; one purse may serve several files. Never raises for what is in the file.
    """
    purse = effort or Effort()
    sources = list(tables_of(model, decision_id))
    # The small ones first, so that one huge table does not take the effort of all.
    order = sorted(range(len(sources)), key=lambda index: _size(sources[index]))
    found: dict[int, list[TableFinding]] = {index: _check(sources[index], purse) for index in order}
    return [finding for index in range(len(sources)) for finding in found[index]]


def _size(source: Source) -> int:
    return len(source.table.rules) * len(source.table.inputs)


def _check(source: Source, effort: Effort) -> list[TableFinding]:
    report = Report(source)
    columns = columns_of(source)
    check_values(source, columns, report, effort)
    try:
        grid = grid_of(source, columns, effort)
    except Spent:
        for name in ("masked", "overlaps", "gaps"):
            report.unfinished(name)
        return report.close([])
    for name, check in (("masked", check_dead), ("overlaps", check_overlaps), ("gaps", check_gaps)):
        try:
            check(grid, report, effort)
        except Spent:
            report.unfinished(name)
    return report.close(_opaque(columns))


def _opaque(columns: list[Column]) -> list[int]:
    """The rows (from 1) with cells that cannot be judged."""
    return sorted({row + 1 for column in columns for row, cell in enumerate(column.cells) if cell.opaque})
