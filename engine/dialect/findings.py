"""What a check has to say: one finding per problem, all problems at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem (or remark) about one element of one file.

    severity: "error" refuses the deployment; "warning" is shown and does not; "note" reports a conversion
    that keeps the meaning (a missing id was generated, JUEL was read as FEEL).
    code: stable, kebab-case, for example "unknown-element".
    message: an English sentence: what is wrong, of which element, what to do; message_zh: the same, Chinese.
    """

    code: str
    message: str
    message_zh: str
    file: str
    line: int = 0
    element_id: str = ""
    element_name: str = ""
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding belongs: an element (or a whole file) and how to call it in both languages."""

    line: int = 0
    id: str = ""
    name: str = ""
    en: str = ""
    zh: str = ""

    def __format__(self, language: str) -> str:
        """Return the element as a reader knows it: `f"{place:en}"`, `f"{place:zh}"`."""
        if language == "zh":
            named = f"“{self.name}”" if self.name else ""
            return f"{self.zh}{named}({self.id})" if self.id else f"{self.zh}{named}"
        named = f' "{self.name}"' if self.name else ""
        return f"{self.en}{named} ({self.id})" if self.id else f"{self.en}{named}"


@dataclass(slots=True)
class Report:
    """Collects the findings of one file."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    comparisons_left: int = 50_000
    """How many names may still be compared to guess what was meant: a hostile file must not make this slow."""

    def error(self, code: str, place: Place, en: str, zh: str) -> None:
        """Record what makes the deployment impossible."""
        self._add("error", code, place, en, zh)

    def warning(self, code: str, place: Place, en: str, zh: str) -> None:
        """Record what the author should look at, though it runs."""
        self._add("warning", code, place, en, zh)

    def note(self, code: str, place: Place, en: str, zh: str) -> None:
        """Record a conversion that keeps the meaning."""
        self._add("note", code, place, en, zh)

    def closest(self, name: str, known: Iterable[str]) -> str:
        """Return the known name most like this one, or an empty string."""
        candidates = [other for other in known if abs(len(other) - len(name)) <= 4]
        self.comparisons_left -= len(candidates)
        if self.comparisons_left < 0 or len(name) > 80:
            return ""
        return next(iter(difflib.get_close_matches(name, candidates, n=1, cutoff=0.75)), "")

    def _add(self, severity: Severity, code: str, place: Place, en: str, zh: str) -> None:
        self.findings.append(
            Finding(code, en, zh, self.file, place.line, place.id, place.name[:200], severity)
        )


def in_reading_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by file and line, the refusing ones first within a line, without repetitions."""
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(dict.fromkeys(findings), key=lambda f: (f.file, f.line, order[f.severity], f.code))
