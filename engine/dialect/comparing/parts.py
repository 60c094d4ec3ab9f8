"""Compares the files of two versions: each with the file that takes its place in the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.dialect import safe_xml
from engine.dialect.comparing.decisions import compare_decisions
from engine.dialect.comparing.diagrams import compare_diagrams
from engine.dialect.comparing.forms import compare_forms
from engine.dialect.comparing.model import Comparison, What
from engine.dialect.refusal import Refused
from engine.dialect.safe_xml import local_name, namespace
from engine.dialect.tables.elements import BPMN

_ENDINGS = {".bpmn": "bpmn", ".bpmn20.xml": "bpmn", ".dmn": "dmn", ".form": "form"}
_COMPARED = {"bpmn": compare_diagrams, "dmn": compare_decisions, "form": compare_forms}


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a version. key: by which it is found again in the other one; kind: bpmn, dmn, form or other."""

    key: str
    kind: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PartComparison:
    """One file of either version. what: None where both say the same."""

    key: str
    kind: str
    what: What | None
    before: Part | None
    after: Part | None
    comparison: Comparison

    @property
    def name(self) -> str:
        """The name of the file, of the later one where there is one."""
        part = self.after or self.before
        return part.name if part else self.key


def compare_parts(before: Iterable[Part], after: Iterable[Part]) -> tuple[PartComparison, ...]:
    """Return every file of both versions with what differs in it: diagrams first, then decisions, forms and others."""
    ours = {(one.kind, one.key): one for one in before}
    theirs = {(one.kind, one.key): one for one in after}
    order = ["bpmn", "dmn", "form", "other"]
    return tuple(
        _compared(kind, key, ours.get((kind, key)), theirs.get((kind, key)))
        for kind, key in sorted(ours.keys() | theirs.keys(), key=lambda one: (order.index(one[0]), one[1]))
    )


def _compared(kind: str, key: str, before: Part | None, after: Part | None) -> PartComparison:
    if before is None or after is None:
        return PartComparison(
            key, kind, "added" if before is None else "removed", before, after, Comparison()
        )
    compare = _COMPARED.get(kind)
    found = compare(before.content, after.content) if compare else Comparison()
    same = not found if compare else before.content == after.content
    return PartComparison(key, kind, None if same else "changed", before, after, found)


def part_of(name: str, content: bytes, key: str = "") -> Part:
    """Return a file with what it is by its name or, where that does not tell, by its content."""
    kind = next((kind for ending, kind in _ENDINGS.items() if name.lower().endswith(ending)), "")
    return Part(key or name, kind or _kind_of(name, content), name, content)


def _kind_of(name: str, content: bytes) -> str:
    if name.lower().endswith(".json"):
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            return "other"
        return (
            "form" if isinstance(found, dict) and isinstance(found.get("components"), Sequence) else "other"
        )
    if not name.lower().endswith(".xml"):
        return "other"
    try:
        root = safe_xml.parse(content)
    except Refused:
        return "other"
    if local_name(root) != "definitions":
        return "other"
    return "bpmn" if namespace(root) == BPMN else "dmn" if "/DMN/" in namespace(root) else "other"
