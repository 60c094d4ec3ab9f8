"""An instance's history as a story: the lines worth reading, and what each element of the diagram has been
through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from admin.show.decisions import conclusion
from admin.show.facts import FactGroup
from admin.show.filters import instant, label
from admin.show.language import brief
from admin.show.warned import sentence_of

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

SAID_BY_ITS_ELEMENT = (
    "message_correlated",
    "message_thrown",
    "signal_caught",
    "signal_thrown",
    "escalation_thrown",
)
"""Events whose only fact is the code of what came or went: the element that caught or threw it has a name for people."""

ENDINGS = ("instance_completed", "instance_cancelled")
BY_PEOPLE = {"userTask", "manualTask"}
ARRIVALS = {
    **dict.fromkeys(BY_PEOPLE, ("正在办理", "in progress")),
    **dict.fromkeys(("subProcess", "transaction", "callActivity"), ("开始", "begun")),
}
"""What it means that a token has arrived, by the type of the activity; anything else waits."""

TONES = {
    "activity_completed": "completed",
    "activity_entered": "entered",
    "incident_raised": "incident",
    "error_thrown": "incident",
    "message_correlated": "message",
    "message_thrown": "message",
    "signal_caught": "message",
    "signal_thrown": "message",
    "timer_fired": "message",
    "decision_evaluated": "completed",
}


ANSWERING = ("activity_completed", "message_correlated")
"""Events that may come with something somebody has written."""
MOST_OPEN, LONGEST_OPEN = 4, 240
"""So many answers and characters a line of the story shows at once; more are opened by who wants to read them."""

Answers = Callable[[Any], list[FactGroup]]
"""What was written with an event, under the labels of its form."""

Decided = Callable[[Mapping[str, Any]], tuple[str, str]]
"""Tells what a decision came to from the evidence kept of it: the result, and the clauses it rests on."""


def _untold(data: Mapping[str, Any]) -> tuple[str, str]:
    return conclusion(None, data)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the story. `element` points into the diagram of `scope`."""

    at: datetime
    tone: str
    name: str
    what: str
    who: str
    what_en: str = ""
    scope: str = ""
    element: str = ""
    sentence: str = ""
    basis: str = ""
    answers: list[FactGroup] = field(default_factory=list)

    @property
    def long(self) -> bool:
        """Whether its answers are too many to be shown unasked."""
        said = [fact for group in self.answers for fact in group.facts if not fact.empty]
        return len(said) > MOST_OPEN or sum(len(fact.text) for fact in said) > LONGEST_OPEN


def tell(
    events: Sequence[Any],
    *,
    live: set[UUID],
    answers: Answers,
    everything: bool = False,
    decided: Decided = _untold,
) -> list[Entry]:
    """Return the story, latest first.

    live: tokens that have entered an activity and not left it. answers: what was filled in, or what a message carried.
    decided: what a decision came to, in words.
    """
    # The line that ends an instance is written with the others of the same instant; it is told after them.
    told = sorted(events, key=lambda event: (event.at, event.kind in ENDINGS, event.id))
    return [
        _entry(event, answers, decided)
        for event in reversed(told)
        if everything or _worth_reading(event, live)
    ]


def marks_of(
    events: Sequence[Any], live: Sequence[Any], incidents: Sequence[Any]
) -> dict[str, dict[str, Any]]:
    """Return what each element shows in the diagram, by process key and element id.

    `came` and `left` are the places in the story of every arrival and departure: of several ways into an element,
    a token has taken the one it had left last.
    """
    marks: dict[str, dict[str, Any]] = {}

    def mark(scope: str | None, element: str | None) -> dict[str, Any]:
        return marks.setdefault(scope or "", {}).setdefault(element or "", {})  # type: ignore[no-any-return]

    homes: dict[UUID, str] = {}
    came: dict[UUID, int] = {}
    for place, event in enumerate(events):
        if event.token_id is not None:
            came.setdefault(event.token_id, place)
            if event.scope:
                homes[event.token_id] = event.scope
        if event.kind == "activity_completed":
            found = mark(event.scope, event.activity_id)
            found["visited"] = found.get("visited", 0) + 1
            found.setdefault("came", []).append(came.get(event.token_id, place))
            found.setdefault("left", []).append(place)
        elif event.kind == "activity_cancelled":
            found = mark(event.scope, event.activity_id)
            found["cancelled"] = True
            if came.get(event.token_id, place) < place:
                found.setdefault("came", []).append(came[event.token_id])
    for token in live:
        found = mark(token.scope, token.activity_id)
        found["active"] = found.get("active", 0) + 1
        if token.token_id in came:
            found.setdefault("came", []).append(came[token.token_id])
    for incident in incidents:
        if incident.resolved_at is None:
            mark(homes.get(incident.token_id), incident.activity_id)["incident"] = brief(
                incident.message_zh or incident.message, incident.message
            )
    return marks


def element_events(
    events: Sequence[Any], decided: Decided = _untold
) -> dict[str, dict[str, list[dict[str, str]]]]:
    """Return what happened at each element, oldest first, as the diagram's side panel shows it."""
    found: dict[str, dict[str, list[dict[str, str]]]] = {}
    for event in events:
        if event.activity_id:
            found.setdefault(event.scope or "", {}).setdefault(event.activity_id, []).append(
                {
                    "at": instant(event.at, "second"),
                    "what": brief(*label(event.kind, "event")),
                    "who": _who(event),
                    "detail": _in_one(*_sentence(event, decided)),
                }
            )
    return found


def _worth_reading(event: Any, live: set[UUID]) -> bool:
    if event.kind == "activity_entered":
        return event.token_id in live and event.activity_type in WORTH_READING
    if event.kind in ("activity_completed", "activity_cancelled"):
        return event.activity_type in WORTH_READING and bool(event.activity_name)
    return str(event.kind) not in ("timer_armed", "timer_moved", "warning_recorded", "listener_called")


def _entry(event: Any, answers: Answers, decided: Decided) -> Entry:
    what, what_en = label(event.kind, "event")
    if event.kind == "activity_entered":
        what, what_en = ARRIVALS.get(event.activity_type, ("等待中", "waiting"))
    sentence, basis = _sentence(event, decided)
    return Entry(
        at=event.at,
        tone=TONES.get(event.kind, ""),
        name=event.activity_name or brief(*label(event.activity_type, "element"))
        if event.activity_id
        else "",
        what=what,
        what_en=what_en,
        who=_who(event),
        scope=event.scope or "",
        element=event.activity_id or "",
        sentence=sentence,
        basis=basis,
        answers=answers(event) if event.kind in ANSWERING else [],
    )


def sentence_words(event: Any) -> str:
    """What an event has to say in one line, without the words of the tables that decided."""
    return _in_one(*_sentence(event, _untold))


def _who(event: Any) -> str:
    """Who did it, where somebody did: what follows by itself from a person's action is not theirs."""
    by_itself = event.kind.startswith(
        ("activity_", "decision_", "timer_", "incident_raised", "warning_recorded", "listener_")
    ) and not (event.kind == "activity_completed" and event.activity_type in BY_PEOPLE)
    return "" if by_itself or event.actor_id == "system" else str(event.actor_name)


def _in_one(sentence: str, basis: str) -> str:
    return brief(f"{sentence}（依据 {basis}）", f"{sentence} (by {basis})") if basis else sentence


def _read(written: Any) -> str:
    return instant(datetime.fromisoformat(str(written)))


def _sentence(event: Any, decided: Decided) -> tuple[str, str]:
    """What an event has to say, and what it rests on."""
    data: Mapping[str, Any] = event.data or {}
    if event.kind == "decision_evaluated":
        return decided(data)
    if event.kind == "warning_recorded":
        return sentence_of(dict(data)), ""
    if event.kind in SAID_BY_ITS_ELEMENT and event.activity_name:
        return "", ""
    zh, en = str(data.get("message_zh") or ""), str(data.get("message") or "")
    for said in (brief(zh or en, en or zh), data.get("reason"), data.get("code"), data.get("operation")):
        if said:
            return str(said), ""
    if data.get("due_at"):
        return brief("定于", "set for") + f" {_read(data['due_at'])}", ""
    if event.kind == "timer_moved":
        before, after = data.get("before"), data.get("after")
        since = brief(f"（原定 {_read(before)}）", f" (was {_read(before)})") if before else ""
        to = (
            brief(f"改到 {_read(after)}", f"moved to {_read(after)}")
            if after
            else brief("暂停计时", "stands still")
        )
        return to + since, ""
    return "", ""
