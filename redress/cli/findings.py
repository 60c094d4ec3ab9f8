"""How the command line shows what is wrong with files: every finding, where it is, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def show_findings(console: Console, findings: Iterable[Any]) -> None:
    """All findings, errors first: where, then what is wrong in both languages. Nothing is cut off, and a line
    begins with `file:line`, as editors and grep like it. On a terminal sentences are folded to its width.
    """
    rows = sorted(
        findings, key=lambda finding: (finding.severity != "error", finding.file, finding.line or 0)
    )
    for finding in rows:
        place = f"{finding.file}:{finding.line}" if finding.line else finding.file
        severity = (finding.severity, _COLOURS.get(finding.severity, "white"))
        element = "".join(f" {part}" for part in (finding.element_id, finding.element_name) if part)
        head = Text.assemble((place, "bold"), " ", severity, element)
        console.print(head, soft_wrap=True, highlight=False)
        for sentence in (finding.message_zh, finding.message):
            if console.is_terminal:
                console.print(Padding(Text(sentence, overflow="fold"), (0, 0, 0, 4), expand=False))
            else:
                # Who greps wants the sentence in one line.
                console.print(Text(f"    {sentence}"), soft_wrap=True)
