"""The final table of a demo run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from redress.demo.notes import Notes
from redress.demo.rows import Row
from redress.demo.telling import Limit, Told
from tasks.deadlines.calendar.limits import shown


def report(console: Console, rows: Sequence[Row], notes: Notes, told: Sequence[Told], note: str) -> None:
    """Print what became of every case, the rows that were refused with their mistakes, and the demo's note."""
    table = Table(
        title=f"{len(notes.archived)} archived 已归档 · {len(notes.standing)} left open to look at 在办待看",
        title_justify="left",
        box=SIMPLE_HEAD,
        show_lines=True,
    )
    table.add_column("case 案件", no_wrap=True)
    table.add_column("path taken 经过", ratio=1, overflow="fold")
    table.add_column("outcome 结果", overflow="fold", max_width=13)
    table.add_column("due 到期", no_wrap=True)
    for case in told:
        links = [f"← {number}" for _, number in case.links]
        kinds = [f"[dim]{kind}[/]" for kind, _ in case.links]
        both = [line for pair in zip(links, kinds, strict=True) for line in pair]
        path = f"[bold]{case.script}[/] ({len(case.path)}): {' → '.join(case.path)}"
        besides = f"\n[italic]+ {', '.join(case.besides)}[/]" if case.besides else ""
        state = f"tasks late 超时任务 ×{case.late}" if case.late else "in time 按时"
        table.add_row(
            "\n".join([f"{case.number}", f"{case.regime}", *both]),
            path + besides,
            f"[bold]open 在办[/]: {'、'.join(case.standing)}" if case.standing else case.outcome,
            "\n".join([*map(_limit, case.limits), state]),
        )
    console.print(table)
    by_key = {row.key: row for row in rows}
    for key, lines in notes.mistakes.items():
        row = by_key[key]
        console.print(
            f"[bold red]{row.regime} row {row.number} refused 第 {row.number} 行被拒绝[/]: {row.title}",
            highlight=False,
        )
        for line in lines:
            console.print(f"  · {line}", highlight=False, markup=False)
    if note:
        console.print(f"\n{note.strip()}", highlight=False, markup=False, soft_wrap=True)


def _limit(limit: Limit) -> str:
    if limit.paused:
        return f"{limit.code} stands still 暂停"
    due = shown(datetime.fromisoformat(limit.due))[5:] if limit.due else "—"
    return f"{limit.code} {due}{' late 超时' if limit.late else ''}"
