"""Plays the office: files every row, then works on whatever waits until each case is archived."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redress.demo.answers import AnswerBook
from redress.demo.client import Client, Refused
from redress.demo.notes import Notebook, Notes
from redress.demo.rows import Row
from redress.demo.staff import Member, NobodyAnswers, Staff

OPEN = frozenset({"created", "assigned"})
OVER = frozenset({"completed", "cancelled", "terminated"})
_IDLE_SECONDS = 0.2
_STUCK_SECONDS = 120.0


class Stuck(Exception):
    """Nothing of the open cases has moved for two minutes."""


@dataclass(frozen=True, slots=True)
class Told:
    """One case of the final table, as the API tells it."""

    row: int
    script: str
    number: str
    path: Sequence[str]
    due: str
    late: int


class Play:
    """One demo run. `moved(archived, of)` is called whenever a case has been archived or filed."""

    def __init__(
        self,
        client: Client,
        staff: Staff,
        book: AnswerBook,
        notebook: Notebook,
        notes: Notes,
        rows: Sequence[Row],
        *,
        regime: str = "complaint",
        labels: Mapping[str, str] | None = None,
        moved: Callable[[int, int], None] = lambda _archived, _of: None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._staff, self._book = client, staff, book
        self._notebook, self._notes, self._rows = notebook, notes, rows
        self._regime, self._moved, self._pause = regime, moved, pause
        self._labels = labels or {}
        self._forms: dict[str, Mapping[str, Any] | None] = {}

    def file(self) -> None:
        """File every row that has not been filed; a refused one is noted with its mistakes."""
        for row in self._rows:
            if row.number in self._notes.numbers or row.number in self._notes.mistakes:
                continue
            customer = row.facts.get("customer")
            place = customer.get("home_province", "") if isinstance(customer, Mapping) else ""
            # The same member for the same row in every attempt: a key belongs to whoever used it.
            clerk = self._staff.answering_role("channel", str(place), turn=row.number)
            try:
                filed = self._client.call(
                    "POST",
                    f"/cases/{self._regime}",
                    token=clerk.token,
                    key=self._notes.key("row", row.number),
                    json={"facts": row.facts},
                )
                self._notes.numbers[row.number] = filed["number"]
            except Refused as refusal:
                self._notes.mistakes[row.number] = mistakes(refusal, self._labels)
            self._notebook.save(self._notes)
            self._moved(len(self._notes.archived), self._to_archive)

    def work(self) -> None:
        """Go round the open cases, doing whatever waits, until every one is archived. Raises Stuck."""
        overseer = self._staff.overseer()
        last_move = time.monotonic()
        while still_open := [row for row in self._rows if self._is_open(row)]:
            did = 0
            for row in still_open:
                did += self._visit(row, overseer)
            if did:
                last_move = time.monotonic()
            elif time.monotonic() - last_move > _STUCK_SECONDS:
                waiting = ", ".join(self._notes.numbers[row.number] for row in still_open)
                raise Stuck(f"Nothing has moved for {_STUCK_SECONDS:g} s; still open: {waiting}.")
            else:
                self._pause(_IDLE_SECONDS)

    def told(self) -> list[Told]:
        """What became of every filed row."""
        overseer = self._staff.overseer()
        return [self._tell(row, overseer) for row in self._rows if row.number in self._notes.numbers]

    @property
    def _to_archive(self) -> int:
        return len(self._rows) - len(self._notes.mistakes)

    def _is_open(self, row: Row) -> bool:
        number = self._notes.numbers.get(row.number)
        return number is not None and number not in self._notes.archived

    def _visit(self, row: Row, overseer: Member) -> int:
        """Do what waits in one case; returns how much has moved."""
        case = self._client.call("GET", f"/cases/{self._notes.numbers[row.number]}", token=overseer.token)
        if case["status"] in OVER:
            self._notes.archived.append(case["number"])
            self._notebook.save(self._notes)
            self._moved(len(self._notes.archived), self._to_archive)
            return 1
        tasks = case["tasks"]
        waiting = [task for task in tasks if task["state"] in OPEN]
        if self._send_message(row, case, waiting):
            return 1
        done = 0
        for task in waiting:
            earlier = sum(
                1
                for t in tasks
                if t["activity_id"] == task["activity_id"] and t["created_at"] < task["created_at"]
            )
            done += self._do(row, case, task, earlier)
        return done

    def _do(self, row: Row, case: Mapping[str, Any], task: Mapping[str, Any], visit: int) -> int:
        held = (task["assignee"] or {}).get("name")
        member = self._staff.named(held) or self._staff.answering(task["candidate_groups"], turn=row.number)
        path = f"/tasks/{task['id']}"
        try:
            if task["state"] == "created":
                self._client.call(
                    "POST", f"{path}/claim", token=member.token, key=self._notes.key(task["id"], "claim")
                )
            answers = self._book.answers(
                task["activity_id"], row.script, visit, lambda: self._form(task, member), case["facts"]
            )
            self._client.call(
                "POST",
                f"{path}/complete",
                token=member.token,
                key=self._notes.key(task["id"], "complete"),
                json={"answers": answers},
            )
        except Refused as refusal:
            if refusal.status == 409:
                return 0  # the case has moved on meanwhile: the next round sees it as it is
            raise
        return 1

    def _send_message(self, row: Row, case: Mapping[str, Any], waiting: Sequence[Mapping[str, Any]]) -> bool:
        message = self._book.message(row.script)
        if message is None or all(task["activity_id"] != message.at for task in waiting):
            return False
        if case["number"] in self._notes.messages:
            return False
        clerk = self._staff.overseer()
        self._client.call(
            "POST",
            f"/cases/{case['number']}/messages",
            token=clerk.token,
            key=self._notes.key("row", row.number, "message"),
            json={"name": message.name, "payload": dict(message.payload)},
        )
        self._notes.messages.append(case["number"])
        self._notebook.save(self._notes)
        return True

    def _form(self, task: Mapping[str, Any], member: Member) -> Mapping[str, Any] | None:
        form: Mapping[str, Any] | None = self._client.call("GET", f"/tasks/{task['id']}", token=member.token)[
            "form"
        ]
        return form

    def _tell(self, row: Row, overseer: Member) -> Told:
        case = self._client.call("GET", f"/cases/{self._notes.numbers[row.number]}", token=overseer.token)
        done = [task for task in case["tasks"] if task["state"] == "completed"]
        done.sort(key=lambda task: task["completed_at"])
        late = sum(1 for task in done if task["due_at"] and task["completed_at"] > task["due_at"])
        due = max((task["due_at"] for task in done if task["due_at"]), default="")
        return Told(row.number, row.script, case["number"], [task["name"] for task in done], due, late)


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
