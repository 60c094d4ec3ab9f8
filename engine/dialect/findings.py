"""What a check has to say: one finding per problem, all problems at once."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.dialect.ids import LONGEST_ID, author_id
from engine.expressions import feel as expressions
from engine.expressions.dmn.verification import TableFinding

Severity = Literal["error", "binding", "warning", "note"]


@dataclass(frozen=True, slots=True)
class WalkStep:
    """One step of a counter-example: tokens left by `took` (ids of flows and elements) and are now `at` these elements.

    Ids as the author wrote them; an element stands twice in `at` where two tokens are at it. The first step has no `took`.
    """

    at: tuple[str, ...]
    took: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem (or remark) about one element of one file.

    severity: "error" refuses the deployment; "binding" lets it be stored, and not started before what it names is bound
    here; "warning" is shown and does neither; "note" reports a conversion that keeps the meaning (a missing id was
    generated, JUEL was read as FEEL).
    code: stable, kebab-case, for example "unknown-element".
    message: an English sentence: what is wrong, of which element, what to do; message_zh: the same, Chinese.
    expression: the text of the expression it is about, or empty; position, expression_line and expression_column: the
    place in that text, counted from 1 (0: the whole of it). row and column: in a decision table, the number of the rule
    from 1 (0: none) and the label of the input or the name of the output. example: inputs that show what is meant, each
    an expression and the FEEL text of a value. walk: how tokens come to what is told of, step by step; empty where nothing
    moves.
    """

    code: str
    message: str
    message_zh: str
    file: str
    line: int = 0
    element_id: str = ""
    element_name: str = ""
    severity: Severity = "error"
    expression: str = ""
    position: int = 0
    expression_line: int = 0
    expression_column: int = 0
    row: int = 0
    column: str = ""
    example: tuple[tuple[str, str], ...] = ()
    walk: tuple[WalkStep, ...] = ()


MOST_OF_A_KIND = 200
"""Findings of one code that one file keeps; what comes after them is counted."""

LONGEST_SENTENCE = 2_000
"""Characters of a sentence; what an author wrote into it may be of any length."""

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

LONGEST_QUOTE = 2_000
"""Characters of an expression that a finding carries."""

MARK = "▸"
"""Stands before the place meant, in a quote of an expression."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the text of an expression; `offset` counts characters from 0, everything shown counts from 1."""

    text: str
    offset: int

    @property
    def line(self) -> int:
        """The line of the text, from 1."""
        return self.text.count("\n", 0, self.offset) + 1

    @property
    def column(self) -> int:
        """The column in its line, from 1."""
        return self.offset - self.text.rfind("\n", 0, self.offset)

    @property
    def quote(self) -> str:
        """The line around the place, with a mark before it."""
        begin = self.text.rfind("\n", 0, self.offset) + 1
        end = self.text.find("\n", self.offset)
        end = len(self.text) if end < 0 else end
        left, right = max(begin, self.offset - 30), min(end, self.offset + 30)
        return (
            ("…" if left > begin else "")
            + self.text[left : self.offset]
            + MARK
            + self.text[self.offset : right]
            + ("…" if right < end else "")
        )

    def __format__(self, language: str) -> str:
        """Return where the place is, as a reader counts: `f"{spot:en}"`, `f"{spot:zh}"`."""
        if language == "zh":
            where = (
                f"第 {self.line} 行第 {self.column} 列"
                if "\n" in self.text
                else f"第 {self.offset + 1} 个字符"
            )
            return f"{where}，{self.quote}"
        where = (
            f"line {self.line}, column {self.column}" if "\n" in self.text else f"character {self.offset + 1}"
        )
        return f"{where}, {self.quote}"


def where(spot: Spot | None) -> tuple[str, str]:
    """Return the place in brackets for a sentence, in English and Chinese; empty where there is none."""
    return (f" ({spot:en})", f"（{spot:zh}）") if spot is not None else ("", "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding belongs: an element (or a whole file) and how to call it in both languages.

    `id` is the one the engine keeps; what a reader is told is the author's (see `ids`).
    """

    line: int = 0
    id: str = ""
    name: str = ""
    en: str = ""
    zh: str = ""

    def __format__(self, language: str) -> str:
        """Return the element as a reader knows it: `f"{place:en}"`, `f"{place:zh}"`."""
        identity = author_id(self.id)
        if language == "zh":
            named = f"“{self.name}”" if self.name else ""
            return f"{self.zh}{named}（{identity}）" if identity else f"{self.zh}{named}"
        named = f' "{self.name}"' if self.name else ""
        return f"{self.en}{named} ({identity})" if identity else f"{self.en}{named}"


@dataclass(slots=True)
class Report:
    """Collects the findings of one file."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    comparisons_left: int = 50_000
    """How many names may still be compared to guess what was meant: a hostile file must not make this slow."""
    counts: Counter[tuple[Severity, str]] = field(default_factory=Counter)

    def told(self) -> list[Finding]:
        """Return the findings; where a code came up too often, the last of them says how often more."""
        return self.findings + [
            Finding(
                code,
                f"And {count - MOST_OF_A_KIND} more of the kind {code} in this file; correct those above first.",
                f"本文件还有 {count - MOST_OF_A_KIND} 个同类问题（{code}）；请先改正上面的。",
                self.file,
                max(one.line for one in self.findings if one.code == code),
                severity=severity,
            )
            for (severity, code), count in self.counts.items()
            if count > MOST_OF_A_KIND
        ]

    def error(self, code: str, place: Place, en: str, zh: str, spot: Spot | None = None) -> None:
        """Record what makes the deployment impossible; spot: where in an expression."""
        self._add("error", code, place, en, zh, spot)

    def binding(self, code: str, place: Place, en: str, zh: str, spot: Spot | None = None) -> None:
        """Record what must be bound to something of this installation before the process can start."""
        self._add("binding", code, place, en, zh, spot)

    def warning(
        self,
        code: str,
        place: Place,
        en: str,
        zh: str,
        spot: Spot | None = None,
        *,
        walk: tuple[WalkStep, ...] = (),
    ) -> None:
        """Record what the author should look at, though it runs; walk: how tokens come there."""
        self._add("warning", code, place, en, zh, spot, walk)

    def note(self, code: str, place: Place, en: str, zh: str, spot: Spot | None = None) -> None:
        """Record a conversion that keeps the meaning."""
        self._add("note", code, place, en, zh, spot)

    def closest(self, name: str, known: Iterable[str]) -> str:
        """Return the known name most like this one, or an empty string."""
        if self.comparisons_left < 0 or len(name) > 80:
            return ""
        candidates = [other for other in known if abs(len(other) - len(name)) <= 4]
        self.comparisons_left -= len(candidates)
        if self.comparisons_left < 0:
            return ""
        return next(iter(difflib.get_close_matches(name, candidates, n=1, cutoff=0.75)), "")

    def _add(
        self,
        severity: Severity,
        code: str,
        place: Place,
        en: str,
        zh: str,
        spot: Spot | None,
        walk: tuple[WalkStep, ...] = (),
    ) -> None:
        self.counts[severity, code] += 1
        if self.counts[severity, code] > MOST_OF_A_KIND:
            return
        where = (
            (shown(spot.text[:LONGEST_QUOTE]), spot.offset + 1, spot.line, spot.column)
            if spot
            else ("", 0, 0, 0)
        )
        self.findings.append(
            Finding(
                code,
                _cut(en),
                _cut(zh),
                self.file,
                place.line,
                shown(author_id(place.id)[:LONGEST_ID]),
                shown(place.name[:200]),
                severity,
                *where,
                walk=walk,
            )
        )


def _cut(sentence: str) -> str:
    sentence = shown(sentence)
    return sentence if len(sentence) <= LONGEST_SENTENCE else sentence[: LONGEST_SENTENCE - 1] + "…"


def shown(words: str) -> str:
    """Return an author's words with a sign for each character that would steer a terminal or turn the direction of reading."""
    return _STEERING.sub("�", words)


def walked(walk: Sequence[WalkStep]) -> str:
    """Return a walk in one line: `start → (f1) split → (f2, f3) one + other`."""
    return " → ".join(
        (f"({', '.join(step.took)}) " if step.took else "") + (" + ".join(step.at) or "∅") for step in walk
    )


def of_decision(found: expressions.Finding) -> Finding:
    """Return a finding of a decision file as one of the deployment."""
    return _taken(found, position=found.position + 1, row=found.row, column=found.column)


def of_table(found: TableFinding) -> Finding:
    """Return what the verification of a decision table says as a finding of the deployment."""
    first = found.rows[0] if found.rows else 0
    return _taken(found, row=first, column=found.column, example=tuple(found.example.items()))


def _taken(found: expressions.Finding | TableFinding, **where: Any) -> Finding:
    return Finding(
        found.code,
        found.message,
        found.message_zh,
        found.file,
        found.line,
        found.element_id,
        found.element_name,
        found.severity,
        **where,
    )


def in_reading_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by file and line, the refusing ones first within a line, without repetitions."""
    order = {"error": 0, "binding": 1, "warning": 2, "note": 3}
    return sorted(dict.fromkeys(findings), key=lambda f: (f.file, f.line, order[f.severity], f.code))
