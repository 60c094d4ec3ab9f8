"""The register of clauses as its file says it: `bpmn/clauses.yaml`, read whole or refused with every mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from engine.errors import InvalidInput

KINDS: dict[str, tuple[str, str]] = {
    "built": ("已实现", "done by what is named"),
    "people": (
        "由人执行",
        "a duty of people that no software does for them; the note says what supports them",
    ),
    "later": ("尚未实现", "not done yet"),
    "elsewhere": ("其他制度", "a rule of another regime, or no rule at all"),
}
"""kind of clause → (Chinese, what it means)."""

PLACES = ("form", "decision", "clock", "operation", "letter", "page", "api", "data")
"""What a place may begin with, before a colon; without one it is `process` or `process.element`."""

_FIELDS = {"id", "text", "en", "kind", "where", "tests", "note"}
_PAPER_FIELDS = {"key", "name", "en", "cited", "default", "default_en", "codes"}


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule of a source. `where`: the places that do it; `tests`: those that would fail if they did not."""

    id: str
    text: str
    en: str
    kind: str
    where: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class MissingPaper:
    """What the sources cite and nobody has: where it is cited, what counts until it is found, and the codes of the clock
    register whose limits it would settle.
    """

    key: str
    name_zh: str
    name_en: str
    clause: str
    default_zh: str
    default_en: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Register:
    """All clauses in the order of the source, and the missing papers."""

    clauses: tuple[Clause, ...] = ()
    missing: tuple[MissingPaper, ...] = ()

    def by_kind(self) -> dict[str, int]:
        """How many clauses are of each kind, every kind named."""
        return {kind: sum(clause.kind == kind for clause in self.clauses) for kind in KINDS}


@lru_cache(maxsize=2)
def read_register(text: str) -> Register:
    """Read the file, once per process while it stays the same: that takes half a second. Raises InvalidInput, which lists
    every mistake by clause.

    A clause that is built names at least one place and one test; one that is done by people or elsewhere says how in its
    note; ids and keys are unique.
    """
    try:
        data = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise InvalidInput(f"The register of clauses is not YAML: {error}") from error
    if not isinstance(data, Mapping):
        raise InvalidInput("The register of clauses must hold `clauses` and `missing`.")
    mistakes: list[str] = []
    clauses = [_clause(item, mistakes) for item in _items(data, "clauses", mistakes)]
    papers = [_paper(item, mistakes) for item in _items(data, "missing", mistakes)]
    for name, keys in (
        ("clause", [one.id for one in clauses]),
        ("missing paper", [one.key for one in papers]),
    ):
        mistakes += [
            f"the {name} {key!r} stands twice" for key in sorted({k for k in keys if keys.count(k) > 1})
        ]
    if mistakes:
        raise InvalidInput(
            f"The register of clauses has {len(mistakes)} mistakes: {'; '.join(mistakes)}.", mistakes=mistakes
        )
    return Register(tuple(clauses), tuple(papers))


def _items(data: Mapping[str, Any], name: str, mistakes: list[str]) -> list[Mapping[str, Any]]:
    items = data.get(name) or []
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        mistakes.append(f"`{name}` is no list of entries")
        return []
    return items


def _clause(item: Mapping[str, Any], mistakes: list[str]) -> Clause:
    name = str(item.get("id") or "(without id)")
    clause = Clause(
        name,
        str(item.get("text") or ""),
        str(item.get("en") or ""),
        str(item.get("kind") or "built"),
        _texts(item, "where", name, mistakes),
        _texts(item, "tests", name, mistakes),
        str(item.get("note") or ""),
    )
    _refuse_unknown(item, _FIELDS, name, mistakes)
    if not item.get("id") or not clause.text or not clause.en:
        mistakes.append(f"{name} needs id, text and en")
    if clause.kind not in KINDS:
        mistakes.append(f"{name} is of the kind {clause.kind!r}; there are {', '.join(KINDS)}")
    if clause.kind == "built" and not (clause.where and clause.tests):
        mistakes.append(f"{name} is built and names no place or no test")
    if clause.kind != "built" and not clause.note:
        mistakes.append(f"{name} is {clause.kind} and says nothing in its note")
    for place in clause.where:
        if ":" in place and place.split(":", 1)[0] not in PLACES:
            mistakes.append(
                f"{name} names the place {place!r}, which begins with none of {', '.join(PLACES)}"
            )
    return clause


def _paper(item: Mapping[str, Any], mistakes: list[str]) -> MissingPaper:
    key = str(item.get("key") or "(without key)")
    _refuse_unknown(item, _PAPER_FIELDS, key, mistakes)
    name, en, cited, default, default_en = (
        str(item.get(one) or "") for one in ("name", "en", "cited", "default", "default_en")
    )
    paper = MissingPaper(key, name, en, cited, default, default_en, _texts(item, "codes", key, mistakes))
    if not all((paper.name_zh, paper.name_en, paper.clause, paper.default_zh, paper.default_en)):
        mistakes.append(f"{key} needs {', '.join(sorted(_PAPER_FIELDS - {'codes'}))}")
    return paper


def _texts(item: Mapping[str, Any], name: str, of: str, mistakes: list[str]) -> tuple[str, ...]:
    found = item.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        mistakes.append(f"`{name}` of {of} is no list of texts")
        return ()
    return tuple(found)


def _refuse_unknown(item: Mapping[str, Any], known: set[str], of: str, mistakes: list[str]) -> None:
    if unknown := sorted(map(str, set(item) - known)):
        mistakes.append(f"{of} has {', '.join(unknown)}, which is none of {', '.join(sorted(known))}")
