"""Whether what the register of clauses names is really there: elements, forms, tables, clocks, letters, pages, tests."""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from lxml import etree

from engine.dialect.safe_xml import parse
from redress.content import CLAUSES
from tasks.clauses.register import Clause, Register, read_register


@dataclass(frozen=True, slots=True)
class Gap:
    """A place or test that a clause names and that is not there."""

    clause: str
    named: str
    kind: str
    """place or test."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The register and what is wrong with it. `unnamed`: elements of the diagrams that no clause names."""

    register: Register
    gaps: tuple[Gap, ...]
    unnamed: tuple[str, ...]


def coverage(
    folder: Path, *, tests: Path | None = None, known: Mapping[str, Iterable[str]] | None = None
) -> Coverage:
    """Compare the register of a content folder with the folder; with `tests`, the root of a checkout, with its tests too.

    known: names of other kinds of places (page, api, operation) that exist; a kind that is not given is not checked.
    Raises InvalidInput for a register with mistakes.
    """
    path = folder / CLAUSES
    register = read_register(path.read_text(encoding="utf-8") if path.exists() else "")
    elements = _elements(folder)
    places: dict[str, set[str]] = {
        "": elements,
        "form": _forms(folder),
        "decision": _decisions(folder),
        "clock": _clocks(folder),
        "letter": {file.stem for file in folder.glob("letters/*")},
        **{kind: set(names) for kind, names in (known or {}).items()},
    }
    gaps = [
        Gap(clause.id, place, "place")
        for clause in register.clauses
        for place in clause.where
        if not _is_there(place, places, folder)
    ]
    gaps += _untested(register.clauses, tests) if tests is not None else []
    named = {place for clause in register.clauses for place in clause.where if ":" not in place}
    whole = {place for place in named if "." not in place}
    unnamed = sorted(e for e in elements if "." in e and e not in named and e.split(".")[0] not in whole)
    return Coverage(register, tuple(gaps), tuple(unnamed))


def _is_there(place: str, places: Mapping[str, set[str]], folder: Path) -> bool:
    kind, _, name = place.rpartition(":") if ":" in place else ("", "", place)
    if kind == "data":
        return (folder / name).exists()
    return kind not in places or name in places[kind]


def _elements(folder: Path) -> set[str]:
    found: set[str] = set()
    for file in sorted(folder.rglob("*.bpmn")):
        root = parse(file.read_bytes())
        for process in root.iter("{*}process"):
            key = process.get("id", "")
            found.add(key)
            found |= {f"{key}.{each.get('id')}" for each in process.iterdescendants() if _is_node(each)}
    return found


def _is_node(element: etree._Element) -> bool:
    tag = etree.QName(element).localname if isinstance(element.tag, str) else ""
    return bool(element.get("id")) and (
        tag.endswith(("Task", "task", "Event", "Gateway", "Activity")) or tag == "subProcess"
    )


def _forms(folder: Path) -> set[str]:
    found: set[str] = set()
    for file in folder.rglob("*.form"):
        found |= {file.stem, *(f"{file.stem}.{key}" for key in _keys(orjson.loads(file.read_bytes())))}
    return found


def _keys(component: Mapping[str, Any]) -> Iterator[str]:
    for each in component.get("components") or ():
        if isinstance(each.get("key"), str):
            yield each["key"]
        yield from _keys(each)


def _decisions(folder: Path) -> set[str]:
    found: set[str] = set()
    for file in folder.rglob("*.dmn"):
        for decision in parse(file.read_bytes()).iter("{*}decision"):
            key = decision.get("id", "")
            found.add(key)
            found |= {f"{key}#{rule.get('id')}" for rule in decision.iter("{*}rule")}
    return found


def _clocks(folder: Path) -> set[str]:
    path = folder / "organisation" / "clocks.csv"
    if not path.exists():
        return set()
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return {row["code"] for row in csv.DictReader(lines)}


def _untested(clauses: Iterable[Clause], root: Path) -> list[Gap]:
    functions: dict[str, set[str]] = {}
    gaps = []
    for clause in clauses:
        for test in clause.tests:
            file, _, name = test.partition("::")
            if file not in functions:
                path = root / file
                functions[file] = _functions(path) if path.is_file() else set()
            if name not in functions[file]:
                gaps.append(Gap(clause.id, test, "test"))
    return gaps


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
