"""How the command line shows what files come to: every finding, where it is, in both languages; then every process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

SEVERITIES = {
    "error": ("错误", "red"),
    "binding": ("待绑定", "magenta"),
    "warning": ("提醒", "yellow"),
    "note": ("说明", "cyan"),
}
"""Severity → its Chinese name and its colour, in the order they are shown."""

STATES = {
    "runs": ("可运行 runs", "green"),
    "needs-binding": ("待绑定 needs binding", "magenta"),
    "drawing": ("仅作为图保存 drawing only", "yellow"),
    "refused": ("已拒绝 refused", "red"),
}


def show_findings(console: Console, findings: Iterable[Any]) -> None:
    """All findings by file, then severity, then line. Nothing is cut off, and a line begins with `file:line`, as
    editors and grep like it. On a terminal sentences are folded to its width.
    """
    order = list(SEVERITIES)
    rows = sorted(findings, key=lambda one: (one.file, order.index(one.severity), one.line or 0))
    for file, group in groupby(rows, key=lambda one: one.file):
        found = list(group)
        console.print(Text.assemble((file, "bold"), f": {counted(found)}"), soft_wrap=True, highlight=False)
        for finding in found:
            _show(console, finding)


def counted(findings: Sequence[Any]) -> str:
    """How many of each severity, in words; severities without any are left out."""
    counts = {name: sum(one.severity == name for one in findings) for name in SEVERITIES}
    return ", ".join(f"{count} {name}(s)" for name, count in counts.items() if count) or "no remark"


def _show(console: Console, finding: Any) -> None:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    chinese, colour = SEVERITIES[finding.severity]
    element = " ".join(part for part in (finding.element_id, finding.element_name) if part)
    head = Text.assemble(
        (place, "bold"),
        "  ",
        element or "—",
        "  ",
        finding.code,
        "  ",
        (f"{finding.severity} {chinese}", colour),
    )
    console.print(head, soft_wrap=True, highlight=False)
    from engine.dialect.findings import walked

    steps = getattr(finding, "walk", ())  # decision files have none
    walk = [f"走法 walk: {walked(steps)}"] if steps else []
    for sentence in (finding.message_zh, finding.message, *walk):
        if console.is_terminal:
            console.print(Padding(Text(sentence, overflow="fold"), (0, 0, 0, 4), expand=False))
        else:
            # Who greps wants the sentence in one line.
            console.print(Text(f"    {sentence}"), soft_wrap=True)


def show_processes(console: Console, processes: Iterable[Any]) -> None:
    """Every process: whether it runs, what it needs bound, or that it is only a drawing."""
    for one in processes:
        words, colour = STATES[one.state]
        place = f"{one.file}:{one.line}" if one.line else one.file
        line = Text.assemble((place, "bold"), "  ", one.key or "—", "  ", (words, colour))
        if one.needs:
            line.append(": " + ", ".join(need.key for need in one.needs))
        console.print(line, soft_wrap=True, highlight=False)
