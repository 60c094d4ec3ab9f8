"""Files the rows of the demo's tables, each as soon as nothing more is done in the cases it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from redress.demo.client import Client, Paper, Refused
from redress.demo.notes import Notebook, Notes
from redress.demo.rows import Row
from redress.demo.staff import Member, NobodyAnswers, Staff
from redress.demo.words import Words, named


class Filing:
    """The rows of one run, of any number of regimes. labels: regime → path → the start form's name of the field."""

    def __init__(
        self,
        client: Client,
        staff: Staff,
        notebook: Notebook,
        notes: Notes,
        rows: Sequence[Row],
        labels: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._client, self._staff = client, staff
        self._notebook, self._notes, self.rows = notebook, notes, rows
        self._labels = labels or {}
        self._by_script: dict[str, Row] = {}
        for row in rows:
            self._by_script.setdefault(row.script, row)

    @property
    def words(self) -> Words:
        """What the words of this run stand for now."""
        numbers = {}
        for script, row in self._by_script.items():
            if number := self._notes.numbers.get(row.key):
                numbers[script] = number
                numbers |= {opened_by(script): other for other in self._opened_by(number)}
        return Words(self._notes.short, self._notes.begun, numbers)

    @property
    def left(self) -> list[Row]:
        """The rows that are neither filed nor refused."""
        return [
            row
            for row in self.rows
            if row.key not in self._notes.numbers and row.key not in self._notes.mistakes
        ]

    def file(self) -> int:
        """File every row whose named cases are over; a refused one is noted with its mistakes. Returns how many were tried."""
        tried = 0
        for row in self.left:
            others = [self._by_script.get(script) for script in named(row.facts)]
            if any(other is None or other.key in self._notes.mistakes for other in others):
                self._notes.mistakes[row.key] = [
                    "The row names another one that is not filed. 所引用的行没有立案。"
                ]
            elif not all(other is not None and self._is_over(other) for other in others):
                continue
            else:
                self._file(row)
            tried += 1
            self._notebook.save(self._notes)
        return tried

    def _opened_by(self, number: str) -> list[str]:
        return [each for each, opener in self._notes.opened.items() if opener == number]

    def _is_over(self, row: Row) -> bool:
        """Whether nothing more is done in the case of a row and all that it opened."""
        number = self._notes.numbers.get(row.key, "")
        return {number, *self._opened_by(number)} <= self._notes.over

    def _file(self, row: Row) -> None:
        # The same member for the same row in every attempt: a key belongs to whoever used it.
        clerk = self._staff.who(row.filed_by, row.province, turn=row.number)
        try:
            facts = self._with_papers(row, self.words.said(row.facts), clerk)

            def send(*step: str) -> str:
                key = self._notes.key("row", row.key, *step)
                path = f"/cases/{row.regime}"
                return str(
                    self._client.call("POST", path, token=clerk.token, key=key, json={"facts": facts})[
                        "number"
                    ]
                )

            number = send()
            if row.sent_twice:
                self._notes.repeated[row.key] = send("again")
            self._notes.numbers[row.key] = number
        except Refused as refusal:
            self._notes.mistakes[row.key] = mistakes(refusal, self._labels.get(row.regime))

    def _with_papers(self, row: Row, facts: dict[str, Any], clerk: Member) -> dict[str, Any]:
        """The facts with the ids of the files they name. They are noted before the case is filed: sent again, the same
        case has the same papers.
        """
        ids = self._notes.papers.get(row.key)
        if ids is None and row.papers:
            ids = {
                path: [
                    self._client.call(
                        "POST",
                        "/attachments",
                        token=clerk.token,
                        key=self._notes.key("paper", row.key, path, place),
                        paper=Paper(kind, name, (row.folder / name).read_bytes()),
                    )["id"]
                    for place, name in enumerate(at(facts, path))
                ]
                for path, kind in row.papers.items()
            }
            self._notes.papers[row.key] = ids
            self._notebook.save(self._notes)
        for path, held in (ids or {}).items():
            *folders, last = path.split(".")
            at(facts, ".".join(folders))[last] = held
        return facts


def opened_by(script: str) -> str:
    """The script of a case that a case of this script opened."""
    return f"{script}_opened"


def at(facts: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path; the facts themselves at the empty one."""
    found: Any = facts
    for part in path.split(".") if path else ():
        found = found[part]
    return found


def mistakes(refusal: Refused, labels: Mapping[str, str] | None = None) -> list[str]:
    """The mistakes of a refused row, one line each: the form's name of the field and its path, then what is wrong,
    in Chinese where the server says it in Chinese.
    """
    lines = []
    for error in refusal.errors:
        path = str(error.get("path", ""))
        field = " ".join(part for part in ((labels or {}).get(path), path) if part)
        lines.append(f"{field}: {error.get('message_zh') or error.get('message') or error}".lstrip(": "))
    return lines or [str(refusal)]


def start_form(client: Client, staff: Staff, regime: str) -> Mapping[str, Any]:
    """The start form of a regime; raises NobodyAnswers when the server knows no such regime."""
    clerk = staff.answering_role("channel", "", turn=0)
    for known in client.call("GET", "/regimes", token=clerk.token)["items"]:
        if known["key"] == regime:
            return known["form"] or {}
    raise NobodyAnswers(f"Nothing can be filed under {regime}: no such process is deployed there.")
