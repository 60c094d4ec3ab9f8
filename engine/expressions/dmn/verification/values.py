"""Values in cells that the table's own lists and types do not hold (DMN 1.5 §7.3.3, §8.2.7 allowed values)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.expressions.dmn.evaluation.table import OutputClause
from engine.expressions.dmn.verification import sorts
from engine.expressions.dmn.verification.cells import Among, Cell, Equal, Interval, Test, constant, read_cell
from engine.expressions.dmn.verification.domains import Domain, domain_of
from engine.expressions.dmn.verification.effort import Effort
from engine.expressions.dmn.verification.grid import Column, allowed_in, trees_of
from engine.expressions.dmn.verification.report import Report
from engine.expressions.dmn.verification.sources import Source
from engine.expressions.feel.chinese import of_word
from engine.expressions.feel.data.literals import parse_temporal
from engine.expressions.feel.data.temporal import InvalidTemporal
from engine.expressions.feel.data.types import FeelType, coerce
from engine.expressions.feel.data.values import MISSING, NUMBERS, kind, text_of
from engine.expressions.feel.errors import did_you_mean
from engine.expressions.feel.runtime import Run, Scope


def check_values(source: Source, columns: list[Column], report: Report, effort: Effort) -> None:
    """Report the literals of input cells, output cells and default outputs that are of another type than their column,
    or none of its allowed values."""
    told = _Told(report, effort.shown)
    for column in columns:
        _check_input(column, told)
    for index, clause in enumerate(source.table.outputs):
        _check_output(source, index, clause, told)
    told.rest()


class _Told:
    """Tells the first few findings and counts the others."""

    def __init__(self, report: Report, shown: int) -> None:
        self.report, self.left, self.more = report, {"value-not-allowed": shown, "value-wrong-type": shown}, 0

    def add(
        self, code: str, row: int, column: str, text: str, en: str, zh: str, hint: str, expression: str
    ) -> None:
        if not self.left[code]:
            self.more += 1
            return
        self.left[code] -= 1
        rows = (row + 1,) if row >= 0 else ()
        where = f"Rule {row + 1}" if row >= 0 else "The default output"
        where_zh = f"第 {row + 1} 条规则" if row >= 0 else "默认输出"
        meant = f"你是不是想写 {hint}？" if hint else ""
        self.report.add(
            self.report.finding(
                code,
                "warning",
                f'{where}, column "{column}": {text} {en}.' + (f" Did you mean {hint}?" if hint else ""),
                f"{where_zh}，列“{column}”：{text} {zh}。{meant}",
                rows=rows,
                column=column,
                example={expression: text} if expression else {},
            )
        )

    def rest(self) -> None:
        self.report.more("value-not-allowed", self.more, "values do not fit their column", "与列不符的取值")


def _check_input(column: Column, told: _Told) -> None:
    declared = column.type.kind if column.type.kind in sorts.OF_KIND else ""
    allowed_cells = [*column.allowed, *column.listed]
    if not declared and not allowed_cells:
        return
    mentioned = (value for cell in (*column.cells, *allowed_cells) for value in cell.values())
    domain = domain_of(mentioned, column.type.kind)
    allowed = allowed_in(domain, allowed_cells)
    listed = _listed(allowed_cells)
    label, text = column.clause.label, column.clause.text
    for row, cell in enumerate(column.cells):
        for test in _simple(cell):
            wrong = _wrong_kind(test, declared, column)
            if wrong is not None:
                en = f"is a {kind(wrong)}, but the input is a {declared}, so it never matches"
                zh = f"是{of_word(kind(wrong))}，而该列输入是{of_word(declared)}，永远不会匹配"
                told.add(
                    "value-wrong-type",
                    row,
                    label,
                    sorts.written(wrong),
                    en,
                    zh,
                    _retyped(wrong, declared),
                    text,
                )
            elif allowed_cells and not _reaches(domain, test, allowed.maybe):
                value = _first(test)
                en, zh = f"is none of the allowed values ({listed})", f"不在允许值（{listed}）之内"
                hint = _closest(value, allowed_cells)
                told.add("value-not-allowed", row, label, sorts.written(value), en, zh, hint, text)


def _check_output(source: Source, index: int, clause: OutputClause, told: _Told) -> None:
    table = source.table
    label = clause.name or f"{index + 1}"
    result = _result_type(source, clause)
    wanted = [one for one in (clause.type, result) if one is not None and one.kind != "any"]
    lists = [read_cell(tree, source.names) for one in wanted for tree in trees_of(one)]
    if clause.values is not None:
        lists.append(read_cell(clause.values, source.names))
    if not wanted and not lists:
        return
    entries = [(row, rule.results[index]) for row, rule in enumerate(table.rules)]
    if clause.default is not None:
        entries.append((-1, clause.default))
    read = [(row, constant(node, source.names)) for row, node in entries]
    known = [(row, value) for row, (is_constant, value) in read if is_constant]
    values = [value for _, value in known]
    domain = domain_of([*values, *(value for cell in lists for value in cell.values())], "any")
    allowed = allowed_in(domain, lists)
    listed = _listed(lists)
    for row, value in known:
        if value is None or sorts.place(value) is None:
            continue
        bare = next(
            (one for one in wanted if coerce(value, FeelType(one.kind), Run(Scope())) is MISSING), None
        )
        if bare is not None and bare.kind in sorts.OF_KIND:
            en = f"is a {kind(value)}, but the output is a {bare.kind}, so the answer is null"
            zh = f"是{of_word(kind(value))}，而该输出是{of_word(bare.kind)}，结果将为空（null）"
            told.add(
                "value-wrong-type", row, label, sorts.written(value), en, zh, _retyped(value, bare.kind), ""
            )
        elif lists and not _reaches(domain, Equal(value), allowed.maybe):
            en, zh = f"is none of the allowed values ({listed})", f"不在允许值（{listed}）之内"
            told.add(
                "value-not-allowed", row, label, sorts.written(value), en, zh, _closest(value, lists), ""
            )


def _result_type(source: Source, clause: OutputClause) -> FeelType | None:
    """What the decision's own type says of one output of its table."""
    table, found = source.table, source.result
    if table.aggregation:
        return None
    if table.policy in "CRO":
        found = found.items or FeelType("any")
    if len(table.outputs) > 1:
        return (found.fields or {}).get(clause.name)
    return found


def _simple(cell: Cell) -> Iterator[Equal | Interval]:
    for test in cell.tests:
        if isinstance(test, Among):
            yield from test.items
        elif isinstance(test, Equal | Interval):
            yield test


def _first(test: Equal | Interval) -> Any:
    if isinstance(test, Equal):
        return test.value
    return test.high if test.low is None else test.low


def _wrong_kind(test: Equal | Interval, declared: str, column: Column) -> Any | None:
    """The value of a test that no value of the column's type can be compared with."""
    value = _first(test)
    placed = sorts.place(value)
    if not declared or value is None or placed is None:
        return None
    kin = sorts.EQUATABLE[placed[0]] if isinstance(test, Equal) else sorts.COMPARABLE[placed[0]]
    return None if kin & set(sorts.OF_KIND[declared]) else value


def _reaches(domain: Domain, test: Test, allowed: int) -> bool:
    """Can the test tell anything about an allowed value?"""
    if isinstance(test, Equal):
        test = Equal(test.value)
    return bool(domain.cover(Cell((test,))).maybe & allowed)


def _listed(lists: list[Cell]) -> str:
    parts: list[str] = []
    for cell in lists:
        for test in _simple(cell):
            if isinstance(test, Equal):
                parts.append(sorts.written(test.value))
            else:
                low = "" if test.low is None else sorts.written(test.low)
                high = "" if test.high is None else sorts.written(test.high)
                parts.append(
                    f"{'[' if test.low_closed else '('}{low}..{high}{']' if test.high_closed else ')'}"
                )
    return ", ".join(parts[:8]) + (", …" if len(parts) > 8 else "")


def _closest(value: Any, lists: list[Cell]) -> str:
    """The listed text most like a text, as it is written."""
    if type(value) is not str:
        return ""
    texts = [one for cell in lists for one in cell.values() if type(one) is str]
    hint = did_you_mean(value[:80], [one for one in texts if len(one) <= 80][:200])
    return hint.removeprefix("Did you mean ").removesuffix("?")


def _retyped(value: Any, wanted: str) -> str:
    """How the same would be written in the wanted type, where that is plain."""
    if wanted == sorts.STRING:
        return sorts.written(str(value)) if type(value) is not bool else sorts.written(text_of(value))
    if type(value) is not str:
        return ""
    if wanted == sorts.BOOLEAN:
        return value if value in ("true", "false") else ""
    try:
        meant = NUMBERS.create_decimal(value) if wanted == sorts.NUMBER else parse_temporal(value)
    except (ArithmeticError, InvalidTemporal):
        return ""
    placed = sorts.place(meant)
    return sorts.written(meant) if placed is not None and placed[0] in sorts.OF_KIND[wanted] else ""
