"""An instance's history as a story: the lines worth reading, and what each element of the diagram has been
through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from admin.show.facts import FactGroup
from admin.show.filters import instant, label, plain

WORTH_READING = {
    "userTask",
    "manualTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "endEvent",
    "intermediateCatchEvent",
}
"""Activity types whose completion is part of the short story; the long one has everything."""

ENDINGS = ("instance_completed", "instance_cancelled")
BY_PEOPLE = {"userTask", "manualTask"}

TONES = {
    "activity_completed": "completed",
    "activity_entered": "entered",
    "incident_raised": "incident",
    "error_thrown": "incident",
    "message_correlated": "message",
    "message_thrown": "message",
    "timer_fired": "message",
    "decision_evaluated": "completed",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the story. `element` points into the diagram of `scope`."""

    at: datetime
    tone: str
    name: str
    what: str
    who: str
    scope: str = ""
    element: str = ""
    sentence: str = ""
    answers: list[FactGroup] = field(default_factory=list)


def tell(
    events: Sequence[Any],
    *,
    live: set[UUID],
    answers: Callable[[UUID], list[FactGroup]],
    everything: bool = False,
) -> list[Entry]:
    """Return the story, latest first.

    live: tokens that have entered an activity and not left it. answers: what was filled in under a token.
    """
    # The line that ends an instance is written with the others of the same instant; it is told after them.
    told = sorted(events, key=lambda event: (event.at, event.kind in ENDINGS, event.id))
    return [_entry(event, answers) for event in reversed(told) if everything or _worth_reading(event, live)]


def marks_of(
    events: Sequence[Any], live: Sequence[Any], incidents: Sequence[Any]
) -> dict[str, dict[str, Any]]:
    """Return what each element shows in the diagram, by process key and element id."""
    marks: dict[str, dict[str, Any]] = {}

    def mark(scope: str | None, element: str | None) -> dict[str, Any]:
        return marks.setdefault(scope or "", {}).setdefault(element or "", {})  # type: ignore[no-any-return]

    homes: dict[UUID, str] = {}
    for event in events:
        if event.token_id is not None and event.scope:
            homes[event.token_id] = event.scope
        if event.kind == "activity_completed":
            found = mark(event.scope, event.activity_id)
            found["visited"] = found.get("visited", 0) + 1
        elif event.kind == "activity_cancelled":
            mark(event.scope, event.activity_id)["cancelled"] = True
    for token in live:
        found = mark(token.scope, token.activity_id)
        found["active"] = found.get("active", 0) + 1
    for incident in incidents:
        if incident.resolved_at is None:
            mark(homes.get(incident.token_id), incident.activity_id)["incident"] = incident.message
    return marks


def element_events(events: Sequence[Any]) -> dict[str, dict[str, list[dict[str, str]]]]:
    """Return what happened at each element, oldest first, as the diagram's side panel shows it."""
    found: dict[str, dict[str, list[dict[str, str]]]] = {}
    for event in events:
        if event.activity_id:
            found.setdefault(event.scope or "", {}).setdefault(event.activity_id, []).append(
                {
                    "at": instant(event.at, "second"),
                    "what": label(event.kind, "event")[0],
                    "who": _who(event),
                    "detail": _sentence(event),
                }
            )
    return found


def _worth_reading(event: Any, live: set[UUID]) -> bool:
    if event.kind == "activity_entered":
        return event.token_id in live and event.activity_type in WORTH_READING
    if event.kind in ("activity_completed", "activity_cancelled"):
        return event.activity_type in WORTH_READING and bool(event.activity_name)
    return str(event.kind) != "timer_armed"


def _entry(event: Any, answers: Callable[[UUID], list[FactGroup]]) -> Entry:
    what = label(event.kind, "event")[0]
    if event.kind == "activity_entered":
        what = "正在办理" if event.activity_type in BY_PEOPLE else "等待中"
    given = answers(event.token_id) if event.kind == "activity_completed" and event.token_id else []
    return Entry(
        at=event.at,
        tone=TONES.get(event.kind, ""),
        name=event.activity_name or event.activity_id or "",
        what=what,
        who=_who(event),
        scope=event.scope or "",
        element=event.activity_id or "",
        sentence=_sentence(event),
        answers=given,
    )


def _who(event: Any) -> str:
    """Who did it, where somebody did: what follows by itself from a person's action is not theirs."""
    by_itself = event.kind.startswith(("activity_", "decision_", "timer_")) and not (
        event.kind == "activity_completed" and event.activity_type in BY_PEOPLE
    )
    return "" if by_itself or event.actor_id == "system" else str(event.actor_name)


def _sentence(event: Any) -> str:
    data: Mapping[str, Any] = event.data or {}
    if event.kind == "decision_evaluated":
        result = data.get("result")
        shown = (
            "；".join(f"{key} = {plain(value)}" for key, value in result.items())
            if isinstance(result, Mapping)
            else plain(result)
        )
        return f"结论：{shown}"
    for name in ("message", "reason", "code"):
        if data.get(name):
            return str(data[name])
    if data.get("due_at"):
        return f"定于 {instant(datetime.fromisoformat(str(data['due_at'])))}"
    return ""
