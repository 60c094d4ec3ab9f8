"""Every verb of the matrix that changes something is recorded by the code that does it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tasks.permissions.matrix import VERBS

TASKS = Path(__file__).resolve().parents[3] / "tasks"
TELLING = ("record", "_recorded", "_noted", "noted")
READING = (".read", ".read_confidential")


def calls() -> Iterator[tuple[str, str]]:
    """(function, verb) of every call in the package that is given a verb."""
    for file in TASKS.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                for given in [*node.args, *(keyword.value for keyword in node.keywords)]:
                    if isinstance(given, ast.Constant) and given.value in VERBS:
                        yield name, str(given.value)


def test_every_verb_that_changes_something_is_recorded() -> None:
    told = {verb for name, verb in calls() if name in TELLING}
    changing = {verb for verb in VERBS if not verb.endswith(READING)}
    assert changing <= told, changing - told
