"""Plays the office: files every row, then works on whatever waits until each case is archived, and those they opened."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redress.demo.answers import AnswerBook, Deed, Message
from redress.demo.client import Client, Refused
from redress.demo.filing import Filing, opened_by
from redress.demo.notes import Notebook, Notes
from redress.demo.rows import province_of
from redress.demo.staff import Member, Staff

OPEN = frozenset({"created", "assigned"})
OVER = frozenset({"completed", "cancelled", "terminated"})
_IDLE_SECONDS = 0.2
_STUCK_SECONDS = 120.0


class Stuck(Exception):
    """Nothing of the open cases has moved for two minutes."""


@dataclass(frozen=True, slots=True)
class Played:
    """A case in play. turn: decides who of several acts."""

    number: str
    script: str
    turn: int


class Play:
    """One demo run. `moved(archived, of)` is called whenever a case has been archived or filed."""

    def __init__(
        self,
        client: Client,
        staff: Staff,
        book: AnswerBook,
        notebook: Notebook,
        notes: Notes,
        filing: Filing,
        *,
        moved: Callable[[int, int], None] = lambda _archived, _of: None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._staff, self._book, self._filing = client, staff, book, filing
        self._notebook, self._notes = notebook, notes
        self._moved, self._pause = moved, pause

    def run(self) -> None:
        """File what can be filed and go round the open cases, doing whatever waits, until everything is archived. A case
        that another opened is played as any other, with that one's script and `_opened` behind it. Raises Stuck.
        """
        overseer = self._staff.overseer()
        last_move = time.monotonic()
        while True:
            did = self._filing.file()
            still_open = [case for case in self.cases() if case.number not in self._notes.archived]
            if not did and not still_open and not self._filing.left:
                return
            for case in still_open:
                did += self._visit(case, overseer)
            self._moved(len(self._notes.archived), self._expected)
            if did:
                last_move = time.monotonic()
            elif time.monotonic() - last_move > _STUCK_SECONDS:
                waiting = ", ".join(case.number for case in still_open)
                raise Stuck(f"Nothing has moved for {_STUCK_SECONDS:g} s; still open: {waiting}.")
            else:
                self._pause(_IDLE_SECONDS)

    def cases(self) -> list[Played]:
        """Every case of the run, as they were filed; those that others opened at the end."""
        rows = {row.key: row for row in self._filing.rows}
        filed = [
            Played(number, rows[key].script, rows[key].number)
            for key, number in self._notes.numbers.items()
            if key in rows
        ]
        scripts = {played.number: played.script for played in filed}
        for number, opener in self._notes.opened.items():
            filed.append(Played(number, scripts.setdefault(number, opened_by(scripts[opener])), 0))
        return filed

    @property
    def _expected(self) -> int:
        return len(self._filing.rows) - len(self._notes.mistakes) + len(self._notes.opened)

    def _visit(self, played: Played, overseer: Member) -> int:
        """Do what waits in one case; returns how much has moved."""
        try:
            case = self._client.call("GET", f"/cases/{played.number}", token=overseer.token)
        except Refused as refusal:
            if refusal.status == 404:
                return (
                    0  # sent from outside a moment ago: the office sees it once it has reached somebody there
                )
            raise
        self._follow(case)
        if case["status"] in OVER:
            self._notes.archived.append(case["number"])
            self._notebook.save(self._notes)
            return 1
        tasks = case["tasks"]
        waiting = [task for task in tasks if task["state"] in OPEN]
        if self._do_beside(played, case, waiting):
            return 1
        done = 0
        for task in waiting:
            earlier = sum(
                1
                for t in tasks
                if t["activity_id"] == task["activity_id"] and t["created_at"] < task["created_at"]
            )
            done += self._do(played, case, task, earlier)
        return done

    def _follow(self, case: Mapping[str, Any]) -> None:
        """Take the open cases into play that this one is linked with and that nobody filed."""
        known = {*self._notes.numbers.values(), *self._notes.opened}
        for link in case["links"]:
            if link["open"] and link["number"] not in known:
                self._notes.opened[link["number"]] = case["number"]
                self._notebook.save(self._notes)

    def _do(self, played: Played, case: Mapping[str, Any], task: Mapping[str, Any], visit: int) -> int:
        held = (task["assignee"] or {}).get("name")
        member = self._staff.named(held) or self._staff.answering(task["candidate_groups"], turn=played.turn)
        path = f"/tasks/{task['id']}"
        try:
            if task["state"] == "created":
                self._client.call(
                    "POST", f"{path}/claim", token=member.token, key=self._notes.key(task["id"], "claim")
                )
            answers = self._book.answers(
                task["activity_id"], played.script, visit, lambda: self._form(task, member), case["facts"]
            )
            self._client.call(
                "POST",
                f"{path}/complete",
                token=member.token,
                key=self._notes.key(task["id"], "complete"),
                json={"answers": self._filing.words.said(answers)},
            )
        except Refused as refusal:
            if refusal.status == 409:
                return 0  # the case has moved on meanwhile: the next round sees it as it is
            raise
        return 1

    def _do_beside(
        self, played: Played, case: Mapping[str, Any], waiting: Sequence[Mapping[str, Any]]
    ) -> bool:
        """Do the first thing the script asks for beside the tasks that has not been done, if its time has come."""
        done = self._notes.done.setdefault(played.number, [])
        for place, deed in enumerate(self._book.deeds(played.script)):
            name = f"{place}-{deed.name if isinstance(deed, Message) else deed.code}"
            if name not in done and any(task["activity_id"] == deed.at for task in waiting):
                self._act(deed, played, case, name)
                done.append(name)
                self._notebook.save(self._notes)
                return True
        return False

    def _act(self, deed: Deed, played: Played, case: Mapping[str, Any], name: str) -> None:
        place = province_of(case["facts"])

        def call(path: str, whom: str, step: str, json: Any) -> Any:
            member = self._staff.who(whom, place, turn=played.turn)
            key = self._notes.key(played.number, name, step)
            return self._client.call("POST", path, token=member.token, key=key, json=json)

        if isinstance(deed, Message):
            payload = self._filing.words.said(deed.payload)
            path = f"/cases/{played.number}/messages"
            call(path, deed.sender, "sent", {"name": deed.name, "payload": payload})
            return
        token = self._staff.overseer().token
        clocks = self._client.call("GET", f"/cases/{played.number}/clocks", token=token)["items"]
        clock = next(each for each in clocks if each["code"] == deed.code and each["state"] != "stopped")
        path = f"/clocks/{clock['id']}"
        wish = {"amount": str(deed.amount), "reason": deed.reason}
        asked = call(f"{path}/extensions", deed.asked_by, "asked", wish)["requests"][-1]
        verdict = {"approve": True, "note": deed.note}
        call(f"{path}/requests/{asked['id']}/decide", deed.decided_by, "decided", verdict)

    def _form(self, task: Mapping[str, Any], member: Member) -> Mapping[str, Any] | None:
        form: Mapping[str, Any] | None = self._client.call("GET", f"/tasks/{task['id']}", token=member.token)[
            "form"
        ]
        return form
