"""What became of the cases of a run, as the API tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redress.demo.client import Client
from redress.demo.notes import Notes
from redress.demo.play import OPEN, Play, Played
from redress.demo.staff import Staff

OVERALL = ".all"
"""How the code of a regime's overall limit ends, whatever it is bound to."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A clock of the whole case: its code, when it was due, whether it was missed, and whether it stands still."""

    code: str
    due: str
    late: bool
    paused: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One case of the final table. links: kind in words and number, for each case it refers to; besides: what was done
    beside the tasks; standing: what a case waits for that is left standing; late: tasks that were done after they were due.
    """

    regime: str
    script: str
    number: str
    path: Sequence[str]
    outcome: str
    standing: Sequence[str]
    limits: Sequence[Limit]
    late: int
    links: Sequence[tuple[str, str]]
    besides: Sequence[str]


def tell(client: Client, staff: Staff, notes: Notes, play: Play) -> list[Told]:
    """What became of every case of the run."""
    return [
        _tell(client, staff.overseer().token, notes, played, play.stays(played)) for played in play.cases()
    ]


def _tell(client: Client, token: str, notes: Notes, played: Played, stays: str | None) -> Told:
    case = client.call("GET", f"/cases/{played.number}", token=token)
    clocks = client.call("GET", f"/cases/{played.number}/clocks", token=token)["items"]
    done = [task for task in case["tasks"] if task["state"] == "completed"]
    done.sort(key=lambda task: task["completed_at"])
    late = sum(1 for task in done if task["due_at"] and task["completed_at"] > task["due_at"])
    # The one that binds the province in an upgrade complaint is a stage's; of several, the last one counts.
    limits = {
        clock["code"]: Limit(clock["code"], clock["due_at"] or "", clock["late"], clock["state"] == "paused")
        for clock in sorted(clocks, key=lambda clock: clock["started_at"])
        if clock["kind"] == "case" or clock["code"].endswith(OVERALL)
    }
    return Told(
        case["regime"],
        played.script,
        case["number"],
        [task["name"] for task in done],
        case["outcome"] or "",
        _standing(case, stays) if played.number in notes.standing else (),
        list(limits.values()),
        late,
        [(link["kind_name"], link["number"]) for link in case["links"] if link["earlier"]],
        _besides(notes, case),
    )


def _standing(case: Mapping[str, Any], stays: str | None) -> list[str]:
    """The names of its open tasks, and of what it waits for where that is why it stays."""
    tasks = [task["name"] for task in case["tasks"] if task["state"] in OPEN]
    return tasks + [message["label"] for message in case["messages"] if message["name"] == stays]


def _besides(notes: Notes, case: Mapping[str, Any]) -> list[str]:
    number = case["number"]
    deeds = [name.split("-", 1)[1] for name in notes.done.get(number, ())]
    key = next((key for key, filed in notes.numbers.items() if filed == number), "")
    return deeds + (["sent again, same answer 重发同一答复"] if notes.repeated.get(key) == number else [])
