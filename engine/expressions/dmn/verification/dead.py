"""Rules that can never fire: a cell lets nothing through, or other rules always come first (DMN 1.5 §8.2.11)."""

from __future__ import annotations

from collections.abc import Callable

from engine.expressions.dmn.verification import sorts
from engine.expressions.dmn.verification.answers import Answers
from engine.expressions.dmn.verification.cells import Nothing
from engine.expressions.dmn.verification.effort import Effort, Spent
from engine.expressions.dmn.verification.grid import Axis, Box, Grid, members
from engine.expressions.dmn.verification.report import Report
from engine.expressions.dmn.verification.search import Search, meeting
from engine.expressions.dmn.verification.wording import conditions, example_of, sample, told


def check_dead(grid: Grid, report: Report, effort: Effort) -> None:
    """Report rules whose cells nothing passes, and rules that others mask under a first or priority policy."""
    impossible = [row for row in range(len(grid.source.table.rules)) if _empty_axis(grid, row) is not None]
    for row in impossible[: effort.shown]:
        _tell_impossible(grid, report, row)
    report.more(
        "rule-never-fires", len(impossible) - effort.shown, "rules can never fire", "永远不会命中的规则"
    )
    before = _before(grid)
    if before is None:
        return
    masked: list[tuple[int, int]] = []
    try:
        for row in range(len(grid.source.table.rules)):
            if row not in impossible:
                by = _masked(grid, row, before(row), effort)
                if by:
                    masked.append((row, by))
    except Spent:
        report.unfinished("masked")
    for row, by in masked[: effort.shown]:
        _tell_masked(grid, report, row, by)
    report.more(
        "rule-masked", len(masked) - effort.shown, "rules are masked by others", "被其他规则遮蔽的规则"
    )


# -- cells that let nothing through -------------------------------------------------------------------------------------


def _empty_axis(grid: Grid, row: int) -> Axis | None:
    """The input at which nothing gets through to the rule, null aside where no cell asks for it."""
    return next((axis for axis in grid.axes if not axis.maybe.cover[row] & axis.possible), None)


def _tell_impossible(grid: Grid, report: Report, row: int) -> None:
    axis = _empty_axis(grid, row)
    assert axis is not None
    columns = [column for column in axis.columns if column.cells[row].tests] or axis.columns
    cell = next(
        (one for column in columns for one in column.cells[row].tests if isinstance(one, Nothing)), None
    )
    example: dict[str, str] = {}
    inputs = axis.sure or axis.possible
    known, value = sample(axis, inputs) if inputs else (False, None)
    if cell is not None and axis.holds(cell.low):
        known, value = True, cell.low
    if known:
        example = {axis.text: sorts.written(value)}
    named = "”与“".join(column.clause.label for column in columns)
    label = '" and "'.join(column.clause.label for column in columns)
    if cell is not None:
        why, why_zh = f"no value lies in {cell.text}", f"没有任何值属于 {cell.text}"
    elif len(columns) > 1:
        why, why_zh = "its columns exclude each other", "各列互相排斥"
    elif (allowed := conditions(axis, axis.possible)) == "-":
        why, why_zh = "no value passes", "任何值都不满足"
    else:
        why, why_zh = (
            f"it lets none of the possible values ({allowed}) through",
            f"可能的取值（{allowed}）都不满足",
        )
    shown, shown_zh = (
        (f" For example {told(example)} does not pass.", f"例如 {told(example)} 也不满足。")
        if example
        else ("", "")
    )
    report.add(
        report.finding(
            "rule-never-fires",
            "warning",
            f'Rule {row + 1} can never fire: in "{label}" {why}.{shown} Correct the cell or delete the rule.',
            f"第 {row + 1} 条规则永远不会命中：“{named}”中{why_zh}。{shown_zh}请改正单元格或删除规则。",
            rows=(row + 1,),
            column=columns[0].clause.label,
            example=example,
        )
    )


# -- rules that others mask ---------------------------------------------------------------------------------------------


def _before(grid: Grid) -> Callable[[int], int] | None:
    """Which rules win over a rule when both match; None when none does."""
    table = grid.source.table
    if table.policy == "F":
        return lambda row: (1 << row) - 1
    if table.policy != "P":
        return None
    # By priority, and rules of one priority in the order of the table.
    ranked = sorted((rank, row) for row, rank in enumerate(Answers(grid.source).ranks()) if rank is not None)
    above: dict[int, int] = {}
    seen = 0
    for _, row in ranked:
        above[row] = seen
        seen |= 1 << row
    return lambda row: above.get(row, 0)


def _masked(grid: Grid, row: int, before: int, effort: Effort) -> int:
    """The rules that together take every input of a rule, or none."""
    sides = [axis.surely for axis in grid.axes]
    box = tuple(axis.maybe.cover[row] for axis in grid.axes)
    rivals = meeting(sides, box, before, effort) if before else 0
    if not rivals:
        return 0
    for rival in members(rivals):
        if all(not segments & ~side.cover[rival] for side, segments in zip(sides, box, strict=True)):
            return 1 << rival
    effort.spend(rivals.bit_count())
    return rivals if Search(sides, box, rivals, effort).hole() is None else 0


def _tell_masked(grid: Grid, report: Report, row: int, by: int) -> None:
    rivals = list(members(by))
    box = tuple(axis.surely.cover[row] & axis.sure for axis in grid.axes)
    example: dict[str, str] = {}
    instead = rivals[0]
    if all(box):
        # One input of the rule, and who takes it.
        point: Box = tuple(1 << next(members(segments)) for segments in box)
        takers = [
            one
            for one in rivals
            if all(axis.surely.cover[one] & bit for axis, bit in zip(grid.axes, point, strict=True))
        ]
        instead = takers[0] if takers else instead
        example = example_of(grid, point)
    listed = ", ".join(str(one + 1) for one in rivals[:10]) + (", …" if len(rivals) > 10 else "")
    one = len(rivals) == 1
    which = f"rule {listed}" if one else f"the rules {listed} together"
    if grid.source.table.policy == "F":
        why, why_zh = f"{which}, which {'stands' if one else 'stand'} before it,", "排在前面"
    else:
        why, why_zh = f"{which}, which {'has' if one else 'have'} a higher priority,", "优先级更高"
    shown, shown_zh = (
        (
            f" For example {told(example)} goes to rule {instead + 1}.",
            f"例如 {told(example)} 由第 {instead + 1} 条规则处理。",
        )
        if example
        else ("", "")
    )
    report.add(
        report.finding(
            "rule-masked",
            "warning",
            f"Rule {row + 1} can never fire: {why} {'takes' if one else 'take'} all its inputs.{shown} Move it up, narrow them, or delete it.",
            f"第 {row + 1} 条规则永远不会命中：第 {listed} 条规则{why_zh}，已覆盖它的全部输入。{shown_zh}"
            "请上移该规则、收窄其他规则或删除它。",
            rows=(row + 1, *(one + 1 for one in rivals)),
            example=example,
        )
    )
