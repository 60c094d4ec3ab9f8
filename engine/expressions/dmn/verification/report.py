"""Collects what is said of one table, in the same form for every check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.expressions.dmn.verification.findings import TableFinding
from engine.expressions.dmn.verification.grid import Box, Grid
from engine.expressions.dmn.verification.sources import Source

_CHECKS = {
    "gaps": ("whether every input is covered", "是否覆盖全部输入"),
    "overlaps": ("whether rules match together", "规则是否重叠"),
    "masked": ("whether every rule can fire", "每条规则是否都可能命中"),
}


@dataclass(slots=True)
class Report:
    """The findings about one table."""

    source: Source
    findings: list[TableFinding] = field(default_factory=list)
    open: dict[str, list[str]] = field(default_factory=dict)
    """What stays open, by reason."""

    def add(self, finding: TableFinding) -> None:
        self.findings.append(finding)

    def finding(
        self,
        code: str,
        severity: Literal["warning", "note"],
        message: str,
        message_zh: str,
        *,
        rows: tuple[int, ...] = (),
        column: str = "",
        example: Mapping[str, str] | None = None,
    ) -> TableFinding:
        """A finding about the table, or about the rule in the first of `rows` (counted from 1)."""
        table, owner = self.source.table, self.source.owner
        rule = table.rules[rows[0] - 1] if rows else None
        return TableFinding(
            code,
            severity,
            message,
            message_zh,
            self.source.file,
            (rule.line if rule is not None else 0) or table.line,
            rule.id if rule is not None else table.id or owner.id,
            owner.name,
            owner.id,
            rows,
            column,
            dict(example or {}),
        )

    def more(self, code: str, count: int, what: str, what_zh: str) -> None:
        """Say how many findings of a kind are not told one by one."""
        if count > 0:
            self.add(
                self.finding(code, "warning", f"{count} more {what}.", f"此外还有 {count} 处{what_zh}。")
            )

    def unfinished(self, check: str) -> None:
        """A check was stopped: the table is too large for it."""
        self.open.setdefault("unfinished", []).append(check)

    def undecided(self, check: str) -> None:
        """A check hangs on what only an evaluation can tell."""
        self.open.setdefault("undecided", []).append(check)

    def close(self, opaque: list[int]) -> list[TableFinding]:
        """All findings, with what stays open last. opaque: rows with cells that cannot be judged."""
        for reason, checks in self.open.items():
            names = [_CHECKS[check] for check in dict.fromkeys(checks)]
            what, what_zh = " and ".join(name for name, _ in names), "、".join(name for _, name in names)
            if reason == "unfinished":
                self.add(
                    self.finding(
                        "table-unchecked",
                        "note",
                        f"The table is too large to find out completely {what}; what was found is told.",
                        f"决策表过大，未能完整检查{what_zh}；已发现的问题均已列出。",
                    )
                )
                continue
            rows = opaque
            listed = ", ".join(map(str, rows[:10])) + (", …" if len(rows) > 10 else "")
            because = (
                f" because of cells that only an evaluation can decide (rule{'s' if len(rows) > 1 else ''} {listed})"
                if rows
                else ""
            )
            because_zh = f"（第 {listed} 条规则的单元格需在运行时判断）" if rows else ""
            self.add(
                self.finding(
                    "table-unchecked",
                    "note",
                    f"It cannot be told beforehand {what}{because}.",
                    f"无法事先判断{what_zh}{because_zh}。",
                )
            )
        return self.findings

    def if_possible(self, grid: Grid, box: Box) -> tuple[str, str]:
        """What to add where two inputs that read the same data are both narrowed: it may never come together."""
        narrowed = {index for index, axis in enumerate(grid.axes) if axis.sure & ~box[index]}
        bound = {
            index
            for index, axis in enumerate(grid.axes)
            if any(one.allowed or one.listed for one in axis.columns)
        }
        for one, other in grid.linked:
            if {one, other} & narrowed and {one, other} <= narrowed | bound:
                first, second = grid.axes[one].text, grid.axes[other].text
                return (
                    f' ("{first}" and "{second}" read the same data: it may be that this cannot occur.)',
                    f"（“{first}”与“{second}”读取相同的数据，这种组合可能不会出现。）",
                )
        return "", ""
