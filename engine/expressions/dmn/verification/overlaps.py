"""Rules that match together where the hit policy does not want it (DMN 1.5 §8.2.11: unique, any), or to no purpose."""

from __future__ import annotations

from collections.abc import Callable

from engine.expressions.dmn.verification.answers import Answers
from engine.expressions.dmn.verification.effort import Effort, Spent
from engine.expressions.dmn.verification.grid import Box, Grid, members
from engine.expressions.dmn.verification.report import Report
from engine.expressions.dmn.verification.search import meeting
from engine.expressions.dmn.verification.wording import example_of, told


def check_overlaps(grid: Grid, report: Report, effort: Effort) -> None:
    """Report, rule by rule, with which others it overlaps; the rule that overlaps most comes first.

    Silent for the policies that want overlaps; collecting tables are asked only whether they hold a rule twice.
    """
    policy = grid.source.table.policy
    if policy not in "UACRO":
        return
    answers = Answers(grid.source)
    if policy in "CRO":
        _redundant(grid, report, effort, [pair for pair in _twins(grid) if answers.agree(*pair)])
        return
    pairs = _pairs(grid, report, effort)
    if policy == "U":
        _tell(grid, report, effort, pairs, "table-overlap")
    else:
        conflicts = [pair for pair in pairs if answers.differ(*pair)]
        _tell(grid, report, effort, conflicts, "table-conflict")
        _redundant(grid, report, effort, [pair for pair in pairs if answers.agree(*pair)])
    if not pairs and _undecided(grid, effort, answers.agree if policy == "A" else None):
        report.undecided("overlaps")


Pair = tuple[int, int]


def _pairs(grid: Grid, report: Report, effort: Effort) -> list[Pair]:
    """The pairs of rules that surely match together at some input."""
    sides = [axis.surely for axis in grid.axes]
    found: list[Pair] = []
    try:
        for row in range(len(grid.source.table.rules)):
            box = tuple(axis.surely.cover[row] & axis.sure for axis in grid.axes)
            if not all(box):
                continue
            later = grid.rules >> row + 1 << row + 1
            partners = meeting(sides, box, later, effort)
            effort.spend(partners.bit_count() // 2)
            found += [(row, partner) for partner in members(partners)]
    except Spent:
        report.unfinished("overlaps")
    return found


def _twins(grid: Grid) -> list[Pair]:
    """Rules with the same cells, each with the first of its kind."""
    first: dict[Box, int] = {}
    pairs = [
        (first.setdefault(tuple(axis.surely.cover[row] for axis in grid.axes), row), row)
        for row in range(len(grid.source.table.rules))
    ]
    return [(one, other) for one, other in pairs if one != other]


def _common(grid: Grid, one: int, other: int) -> Box:
    return tuple(axis.surely.cover[one] & axis.surely.cover[other] & axis.sure for axis in grid.axes)


def _undecided(grid: Grid, effort: Effort, fine: Callable[[int, int], bool] | None) -> bool:
    """Can two rules match together that do not surely do? fine: pairs of which that would not matter."""
    sides = [axis.maybe for axis in grid.axes]
    if all(axis.maybe is axis.surely and axis.sure == axis.possible for axis in grid.axes):
        return False
    for row in range(len(grid.source.table.rules)):
        box = tuple(side.cover[row] & axis.possible for side, axis in zip(sides, grid.axes, strict=True))
        later = grid.rules >> row + 1 << row + 1
        partners = meeting(sides, box, later, effort) if all(box) else 0
        if any(fine is None or not fine(row, one) for one in members(partners)):
            return True
    return False


def _tell(grid: Grid, report: Report, effort: Effort, pairs: list[Pair], code: str) -> None:
    partners: dict[int, list[int]] = {}
    for one, other in pairs:
        partners.setdefault(one, []).append(other)
        partners.setdefault(other, []).append(one)
    left = len(pairs)
    for _ in range(effort.shown):
        if not left:
            break
        # Of those that overlap equally often, the later rule is the likelier mistake.
        hub = max(partners, key=lambda row: (len(partners[row]), row))
        others = sorted(partners.pop(hub))
        left -= len(others)
        for other in others:
            partners[other].remove(hub)
        box = _common(grid, hub, others[0])
        example = example_of(grid, box)
        rows = (hub + 1, *(other + 1 for other in others))
        maybe, maybe_zh = report.if_possible(grid, box)
        listed = ", ".join(map(str, rows[1:11])) + (", …" if len(rows) > 11 else "")
        each = f"rule {rows[1]}" if len(rows) == 2 else f"each of the rules {listed}"
        at, at_zh = (f" at {told(example)}", f"（{told(example)}）") if example else ("", "")
        if code == "table-overlap":
            en = f"the hit policy is unique, so there the answer is null. Make the conditions exclude each other.{maybe}"
            zh = f"唯一命中策略下此时结果为空（null）。请使条件互斥。{maybe_zh}"
        else:
            en = f"the hit policy is any, but they answer differently, so there the answer is null.{maybe}"
            zh = f"命中策略 ANY 要求结果一致，但两者输出不同，此时结果为空（null）。{maybe_zh}"
        report.add(
            report.finding(
                code,
                "note" if maybe else "warning",
                f"Rule {rows[0]} and {each} match the same input{' (rule ' + str(rows[1]) + ')' if len(rows) > 2 else ''}{at}; {en}",
                f"第 {rows[0]} 条规则与第 {listed} 条规则会同时命中{at_zh}：{zh}",
                rows=rows,
                example=example,
            )
        )
    report.more(code, left, "pairs of rules match together", "规则重叠")


def _redundant(grid: Grid, report: Report, effort: Effort, pairs: list[Pair]) -> None:
    """Rules inside another that answers the same."""
    sides = [axis.maybe for axis in grid.axes]
    found: dict[int, int] = {}
    for one, other in pairs:
        for inner, outer in ((other, one), (one, other)):
            if inner in found or outer in found:
                continue
            if all(
                not side.cover[inner] & ~axis.surely.cover[outer]
                for side, axis in zip(sides, grid.axes, strict=True)
            ):
                found[inner] = outer
    for inner, outer in sorted(found.items())[: effort.shown]:
        box = tuple(axis.surely.cover[inner] & axis.sure for axis in grid.axes)
        if grid.source.table.policy == "A":
            en, zh = "says the same and covers all of it; it can be deleted", "已完全覆盖且输出相同，可以删除"
        else:
            en, zh = "is the same, so its output is collected twice", "完全相同，其输出会被重复收集"
        report.add(
            report.finding(
                "rule-redundant",
                "note",
                f"Rule {inner + 1} adds nothing: rule {outer + 1} {en}.",
                f"第 {inner + 1} 条规则多余：第 {outer + 1} 条规则{zh}。",
                rows=(inner + 1, outer + 1),
                example=example_of(grid, box) if all(box) else {},
            )
        )
