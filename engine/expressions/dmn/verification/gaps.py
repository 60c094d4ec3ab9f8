"""Inputs that no rule covers (completeness, DMN 1.5 §8.2.11)."""

from __future__ import annotations

from engine.expressions.dmn.verification.effort import Effort, Spent
from engine.expressions.dmn.verification.findings import TableFinding
from engine.expressions.dmn.verification.grid import Box, Grid, Side
from engine.expressions.dmn.verification.report import Report
from engine.expressions.dmn.verification.search import Search, widened
from engine.expressions.dmn.verification.wording import area_of, example_of, told


def check_gaps(grid: Grid, report: Report, effort: Effort) -> None:
    """Report the largest boxes of inputs that no rule covers and how many more there are.

    Silent where nothing needs to match: a default output answers, or the table collects a list or a count. Other tables
    that collect may well be meant to answer null, so of them it is a note.
    """
    table = grid.source.table
    if any(one.default is not None for one in table.outputs):
        return
    if table.policy == "C" and table.aggregation in ("", "COUNT"):
        return
    found, more = _largest(grid, tuple(axis.whole for axis in grid.axes), [], effort, report)
    for box in found:
        report.add(_gap(grid, report, box))
    if more:
        report.add(_more(report, more))
        return
    fractions, _ = _largest(grid, tuple(axis.sure for axis in grid.axes), found, effort, report)
    for box in fractions[:1]:
        report.add(_fraction(grid, box, report))
    if not found and not fractions:
        _open(grid, report, effort)


def _largest(
    grid: Grid, whole: Box, known: list[Box], effort: Effort, report: Report
) -> tuple[list[Box], int]:
    """The largest holes besides the known ones, each as wide as can be, and how many boxes are left then."""
    sides = [Side(list(axis.maybe.cover), list(axis.maybe.at)) for axis in grid.axes]
    rules, found = grid.rules, list[Box]()
    for box in known:
        rules = _fill(sides, box, rules)
    while True:
        share = effort.share(2)
        try:
            count, boxes = Search(sides, whole, rules, share).holes()
        except Spent:
            # Too much to see all of it; one gap may still be easy to find.
            report.unfinished("gaps")
            hole = None if found else Search(sides, whole, rules, effort).hole()
            return found if hole is None else [widened(sides, hole, whole, rules, effort)], 0
        finally:
            effort.refund(share)
        if not count or len(found) == effort.shown:
            return found, count
        found.append(widened(sides, boxes[0], whole, rules, effort))
        rules = _fill(sides, found[-1], rules)


def _fill(sides: list[Side], hole: Box, rules: int) -> int:
    """What is told already counts as covered, by one rule more."""
    rule = rules.bit_length()
    for side, segments in zip(sides, hole, strict=True):
        side.cover.append(segments)
        side.at = [at | 1 << rule if segments >> one & 1 else at for one, at in enumerate(side.at)]
    return rules | 1 << rule


def _open(grid: Grid, report: Report, effort: Effort) -> None:
    """Say so when only an evaluation can tell whether something is left over."""
    sides = [axis.surely for axis in grid.axes]
    possible = tuple(axis.possible for axis in grid.axes)
    if any(axis.maybe is not axis.surely or axis.sure != axis.possible for axis in grid.axes) and (
        Search(sides, possible, grid.rules, effort).hole() is not None
    ):
        report.undecided("gaps")


def _nothing(grid: Grid) -> tuple[str, str]:
    table = grid.source.table
    what = f"the {table.aggregation.lower()} is null" if table.aggregation else "the answer is null"
    return what, "结果为空（null）"


def _gap(grid: Grid, report: Report, box: Box) -> TableFinding:
    example, area = example_of(grid, box), area_of(grid, box)
    what, what_zh = _nothing(grid)
    where, where_zh = (
        (f"No rule covers {area}", f"没有规则覆盖 {area}")
        if area
        else ("No rule covers anything", "没有任何规则覆盖输入")
    )
    shown = f"; for example {told(example)}" if example else ""
    shown_zh = f"；例如 {told(example)}" if example else ""
    maybe, maybe_zh = report.if_possible(grid, box)
    return report.finding(
        "table-gap",
        "note" if maybe or grid.source.table.policy in "CRO" else "warning",
        f"{where}{shown}: there {what}. Add a rule or a default output.{maybe}",
        f"{where_zh}{shown_zh}：此时{what_zh}。请补充规则或默认输出。{maybe_zh}",
        example=example,
    )


def _more(report: Report, more: int) -> TableFinding:
    return report.finding(
        "table-gap",
        "warning",
        f"There {'is' if more == 1 else 'are'} {more} more {'gap' if more == 1 else 'gaps'} besides those told.",
        f"此外还有 {more} 处未覆盖的输入。",
    )


def _fraction(grid: Grid, box: Box, report: Report) -> TableFinding:
    example, area = example_of(grid, box), area_of(grid, box)
    return report.finding(
        "table-gap",
        "note",
        f"Only fractions are not covered: {area}; for example {told(example)}. Where they can occur, let the ranges "
        'meet (`[10..20)`); where only whole numbers can, give the input the type "integer".',
        f"只有小数部分未被覆盖：{area}；例如 {told(example)}。如可能出现小数，请让区间相接（如 [10..20)）；"
        "如只有整数，请把输入类型设为 integer。",
        example=example,
    )
