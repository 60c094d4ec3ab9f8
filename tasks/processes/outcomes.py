"""What a check or a deployment is told, as plain data: the same for the pages, the API, the command line and the desktop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.dialect.findings import WalkStep
from engine.dialect.outcome import Outcome


def outcome_body(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON."""
    return {
        "ok": outcome.ok,
        "counts": outcome.counts,
        "files": [
            {"name": one.name, "kind": one.kind, "size": one.size, "sha256": one.sha256}
            for one in outcome.files
        ],
        "processes": [
            {
                "key": one.key,
                "name": one.name,
                "file": one.file,
                "line": one.line,
                "state": one.state,
                "needs": [
                    {
                        "key": need.key,
                        "kind": need.kind,
                        "element": need.element,
                        "event": need.event,
                        "asked": need.asked,
                    }
                    for need in one.needs
                ],
                "counts": one.counts,
            }
            for one in outcome.processes
        ],
        "findings": [
            finding_body(finding, outcome.process_of.get(number, ""))
            for number, finding in enumerate(outcome.findings)
        ],
    }


def finding_body(finding: Any, process: str = "") -> dict[str, Any]:
    """A finding as JSON; process: the key of the process it is about."""
    return {
        "severity": finding.severity,
        "code": finding.code,
        "file": finding.file,
        "line": finding.line,
        "element_id": finding.element_id,
        "element_name": finding.element_name,
        "message": finding.message,
        "message_zh": finding.message_zh,
        "expression": finding.expression,
        "position": finding.position,
        "expression_line": finding.expression_line,
        "expression_column": finding.expression_column,
        "row": finding.row,
        "column": finding.column,
        "example": dict(finding.example),
        "walk": walk_body(finding.walk),
        "process": process,
    }


def walk_body(walk: Sequence[WalkStep]) -> list[dict[str, list[str]]]:
    """A counter-example as JSON."""
    return [{"at": list(step.at), "took": list(step.took)} for step in walk]
