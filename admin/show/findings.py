"""What a deployment is told, as a page shows it: grouped by severity, and marked in the pictures of the uploaded files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.dialect.archives import with_contents
from engine.dialect.drawing import drawn
from engine.dialect.files import SourceFile, is_archive
from engine.dialect.findings import Finding, Report, Severity
from engine.dialect.ids import drawn_id, engine_id

SEVERITIES: tuple[Severity, ...] = ("error", "binding", "warning", "note")
AT_ONCE = 20
"""Findings of a severity that are seen without unfolding."""
LARGEST_PICTURE = 1_000_000
"""Bytes of the diagrams a page carries along."""


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one severity: those seen at once, and the others, which are folded."""

    severity: Severity
    first: Sequence[Finding]
    more: Sequence[Finding]

    @property
    def count(self) -> int:
        return len(self.first) + len(self.more)


def by_severity(findings: Sequence[Finding]) -> list[Group]:
    """The findings by severity, the refusing ones first; severities without any are left out."""
    groups = []
    for severity in SEVERITIES:
        found = [one for one in findings if one.severity == severity]
        if found:
            groups.append(Group(severity, found[:AT_ONCE], found[AT_ONCE:]))
    return groups


def marked(findings: Sequence[Finding], files: Sequence[SourceFile]) -> dict[str, Any] | None:
    """Boot data of the diagram island: the diagrams among the files and in their archives, with their elements marked.

    The worst told of come first; None where nothing is drawn. The files are the author's, carried in the page: they need
    not be stored.
    """
    told: dict[str, dict[str, list[Finding]]] = {}
    for one in findings:
        if one.element_id and one.severity != "note":
            shown = drawn_id(engine_id(one.element_id))
            told.setdefault(one.file, {}).setdefault(shown, []).append(one)
    worst_of = {name: min(map(worst_rank, found.values())) for name, found in told.items()}
    everything = {file.name: file for file in with_contents(files, Report)}
    room = LARGEST_PICTURE
    diagrams: dict[str, dict[str, str]] = {}
    for file in sorted(everything.values(), key=lambda one: worst_of.get(one.name, len(SEVERITIES))):
        if len(file.content) > room or is_archive(file):
            continue
        # The viewer reads UTF-8, whatever the author wrote in.
        text = drawn(file.content).decode("utf-8-sig", "replace")
        if "BPMNDiagram" in text:
            room -= len(file.content)
            diagrams[file.name] = {"name": file.name, "xml": text}
    if not diagrams:
        return None
    return {
        "root": next(iter(diagrams)),
        "diagrams": diagrams,
        "marks": {
            name: {
                element: {_MARKS[worst(found)]: "\n".join(dict.fromkeys(one.message_zh for one in found))}
                for element, found in told.get(name, {}).items()
            }
            for name in diagrams
        },
        "events": {},
    }


_MARKS: dict[Severity, str] = {
    "error": "incident",
    "binding": "remark",
    "warning": "remark",
    "note": "remark",
}
"""Severity → how the island marks it: red, or amber."""


def worst(findings: Sequence[Finding]) -> Severity:
    """The severity that matters most."""
    return SEVERITIES[worst_rank(findings)]


def worst_rank(findings: Sequence[Finding]) -> int:
    """Its place among the severities, 0 for the refusing one."""
    return min(SEVERITIES.index(one.severity) for one in findings)
