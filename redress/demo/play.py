"""Plays the office: files every row, then works on whatever waits until each case is archived or stands where its script
leaves it, and those they opened.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
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
    """One demo run. `moved(over, of)` is called after every round: how many cases are archived or left standing."""

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
        """File what can be filed and go round the open cases, doing whatever waits, until nothing is left to do. A case that
        another opened is played as any other, with that one's script and `_opened` behind it. Raises Stuck.
        """
        overseer = self._staff.overseer()
        last_move = time.monotonic()
        while True:
            did = self._filing.file()
            # The latest first: one that belongs to an earlier one finds that still open.
            still_open = [case for case in reversed(self.cases()) if case.number not in self._notes.over]
            if not did and not still_open and not self._filing.left:
                return
            for case in still_open:
                did += self._visit(case, overseer)
            self._moved(len(self._notes.over), self._expected)
            if did:
                last_move = time.monotonic()
            elif time.monotonic() - last_move > _STUCK_SECONDS:
                waiting = ", ".join(case.number for case in still_open)
                raise Stuck(f"Nothing has moved for {_STUCK_SECONDS:g} s; still open: {waiting}.")
            else:
                self._pause(_IDLE_SECONDS)

    def stays(self, played: Played) -> str | None:
        """The activity or message at which this case is left standing, if it is."""
        return self._book.stays(played.script)

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
        tasks = list(case["tasks"])
        waiting = [task for task in tasks if task["state"] in OPEN]
        moved = 0
        while True:
            at = {task["activity_id"] for task in waiting}
            if self._do_beside(played, case, at):
                return moved + 1  # what it has set off is seen in the next round
            if self.stays(played) in at | {message["name"] for message in case["messages"]}:
                self._notes.standing.append(played.number)
                self._notebook.save(self._notes)
                return moved + 1
            if not waiting:
                return moved
            appeared: list[Mapping[str, Any]] = []
            for task in waiting:
                earlier = sum(
                    1
                    for t in tasks
                    if t["activity_id"] == task["activity_id"] and t["created_at"] < task["created_at"]
                )
                completed = self._do(played, case, task, earlier)
                if completed is not None:
                    moved += 1
                    appeared += completed["next"]
            # What jobs or clocks bring about later is seen in the next round.
            tasks += appeared
            waiting = appeared

    def _follow(self, case: Mapping[str, Any]) -> None:
        """Take the open cases into play that this one is linked with and that nobody filed."""
        known = {*self._notes.numbers.values(), *self._notes.opened}
        for link in case["links"]:
            if link["open"] and link["number"] not in known:
                self._notes.opened[link["number"]] = case["number"]
                self._notebook.save(self._notes)

    def _do(
        self, played: Played, case: Mapping[str, Any], task: Mapping[str, Any], visit: int
    ) -> Mapping[str, Any] | None:
        """Claim and complete one task; what the completion was answered, or None where the case has moved on meanwhile."""
        held = (task["assignee"] or {}).get("name")
        member = self._staff.named(held) or self._staff.answering(task["candidate_groups"], turn=played.turn)
        path = f"/tasks/{task['id']}"
        try:
            if task["state"] == "created":
                member = self._claim(task, member, played.turn)
            answers = self._book.answers(
                task["activity_id"], played.script, visit, lambda: self._form(task, member), case["facts"]
            )
            completed: Mapping[str, Any] = self._client.call(
                "POST",
                f"{path}/complete",
                token=member.token,
                key=self._notes.key(task["id"], "complete"),
                json={"answers": self._filing.words.said(answers)},
            )
        except Refused as refusal:
            if refusal.status == 409:
                return None  # the next round sees the case as it is
            raise
        return completed

    def _claim(self, task: Mapping[str, Any], member: Member, turn: int) -> Member:
        """Have the task claimed by this member, or by the next one where four eyes keep them from it; returns who it was."""
        barred: list[str] = []
        while True:
            key = self._notes.key(task["id"], "claim", *barred)
            try:
                self._client.call("POST", f"/tasks/{task['id']}/claim", token=member.token, key=key)
            except Refused as refusal:
                if refusal.status != 403:
                    raise
                barred.append(member.login)
                member = self._staff.answering(task["candidate_groups"], turn=turn, without=barred)
            else:
                return member

    def _do_beside(self, played: Played, case: Mapping[str, Any], at: Collection[str]) -> bool:
        """Do the first thing the script asks for beside the tasks that has not been done, if its time has come."""
        done = self._notes.done.setdefault(played.number, [])
        for place, deed in enumerate(self._book.deeds(played.script)):
            name = f"{place}-{deed.name if isinstance(deed, Message) else deed.code}"
            if name not in done and deed.at in at:
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
