"""FEEL and DMN can be taken out of the project: DMN imports FEEL, and neither anything of the rest."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import engine.expressions

ROOT = Path(engine.expressions.__file__).parent
MAY_IMPORT = {"feel": {"feel"}, "dmn": {"dmn", "feel"}}
LIBRARIES = {"lxml", "regex"}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(one.name for one in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_it_imports_only_what_it_would_be_published_with(package: str) -> None:
    own = tuple(f"engine.expressions.{name}" for name in MAY_IMPORT[package])
    strangers = {
        (path.name, name)
        for path in (ROOT / package).rglob("*.py")
        for name in imported(path)
        if not (
            name in own
            or name.startswith(tuple(f"{one}." for one in own))
            or name.split(".")[0] in LIBRARIES | sys.stdlib_module_names
        )
    }
    assert strangers == set()


def test_it_never_runs_python_given_to_it() -> None:
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "compile", "__import__", "setattr"}, path
