"""What the tests of soundness share: a diagram written as text, and what is said of its runs."""

from __future__ import annotations

from engine.dialect import compile_files
from engine.dialect.findings import Finding
from tests.engine.diagrams import process

CODES = ("join-waits-for-ever", "runs-twice", "not-explored")


def played(*lines: str) -> list[Finding]:
    """Return what is said of the runs of one process called p."""
    found = compile_files([process("p", *lines)], operations={"op"})
    assert not found.errors, [one.message for one in found.errors]
    return [one for one in found.findings if one.code in CODES]


def told(*lines: str) -> list[tuple[str, str]]:
    """Return only codes and elements."""
    return [(one.code, one.element_id) for one in played(*lines)]
