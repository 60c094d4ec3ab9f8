"""What the played staff answer: from the demo's answer file where it says something, else from the form
itself.

The file is YAML: activity id → script (`default` for all) → answers. Where a script lists several answers,
the first visit to the activity takes the first, the second visit the second, and so on; the last one serves
all further visits. A form that the file does not know is filled with the first thing it accepts, so that a
process drawn tomorrow can be played as well. Beside the answers the file says what is done while a case waits at an
activity: messages that arrive, and more time that is asked for; and where a case is left standing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from engine.clock import Clock

DEFAULT = "default"
_IDLE = frozenset(
    {"button", "text", "html", "image", "separator", "spacer", "documentPreview", "expression", "table"}
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message that arrives when the case first reaches `at`: name, payload, and the login or role of who sends it."""

    at: str
    name: str
    payload: Mapping[str, Any]
    sender: str


@dataclass(frozen=True, slots=True)
class Extension:
    """More time for the clock `code`, asked for when the case first reaches `at`; amount in the clock's own unit. asked_by,
    decided_by: login or role.
    """

    at: str
    code: str
    amount: int
    reason: str
    note: str
    asked_by: str
    decided_by: str


Deed = Message | Extension
"""What is done once while a case waits, beside its tasks."""


class AnswerBook:
    """The demo's answer file."""

    def __init__(self, data: Mapping[str, Any], clock: Clock) -> None:
        self._forms: Mapping[str, Any] = data.get("answers") or {}
        self._messages: Mapping[str, Any] = data.get("messages") or {}
        self._extensions: Mapping[str, Any] = data.get("extensions") or {}
        self._stays: Mapping[str, str] = data.get("stays") or {}
        self._note = data.get("note") or ""
        self._clock = clock

    @classmethod
    def read(cls, path: Path, clock: Clock) -> AnswerBook:
        """Read the file; an absent one knows nothing."""
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        return cls(yaml.safe_load(text) or {}, clock)

    @property
    def note(self) -> str:
        """What the file says about itself to who has watched: such as paths it does not play."""
        return str(self._note)

    @property
    def activities(self) -> set[str]:
        """The ids of the activities the file has answers for."""
        return set(self._forms)

    def answers(
        self,
        activity: str,
        script: str,
        visit: int,
        form: Callable[[], Mapping[str, Any] | None],
        facts: Mapping[str, Any],
    ) -> dict[str, Any]:
        """What is answered at the `visit`-th (from 0) time a case of this script comes to the activity.

        `form` is asked for only when the file does not know the activity; `facts` are the case's own, for
        answers that depend on them.
        """
        told = self._forms.get(activity)
        if told is None:
            return fill(form() or {}, self._clock)
        chosen = told.get(script, told.get(DEFAULT, {}))
        if isinstance(chosen, list):
            chosen = chosen[min(visit, len(chosen) - 1)]
        said = {**(told.get("always") or {}), **chosen}
        return {key: self._resolve(value, facts) for key, value in said.items()}

    def deeds(self, script: str) -> list[Deed]:
        """What is done beside the tasks of a case that plays this script, in this order."""
        messages: list[Deed] = [
            Message(each["at"], each["name"], each.get("payload") or {}, each.get("from", "headquarters"))
            for each in self._messages.get(script) or ()
        ]
        extensions: list[Deed] = [Extension(**each) for each in self._extensions.get(script) or ()]
        return messages + extensions

    def stays(self, script: str) -> str | None:
        """The activity, or the message waited for, at which a case of this script is left standing; None: it is played to
        its end.
        """
        return self._stays.get(script)

    def _resolve(self, value: Any, facts: Mapping[str, Any]) -> Any:
        if not isinstance(value, dict):
            return value
        if value.keys() == {"in_hours"}:
            moment = self._clock.now() + timedelta(hours=value["in_hours"])
            return moment.isoformat(timespec="minutes")
        if "by" in value:
            return value[_find(facts, value["by"])]
        return {key: self._resolve(inner, facts) for key, inner in value.items()}


def fill(form: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    """Answers a form accepts: every required field with the first option, the least number, or a plain
    word.
    """
    filled: dict[str, Any] = {}
    for field in form.get("components") or ():
        kind = field.get("type", "")
        if kind in ("group", "dynamiclist"):
            inner = fill(field, clock)
            if inner and kind == "group":
                _put(filled, field.get("path") or "", inner)
            continue
        rules = field.get("validate") or {}
        if kind in _IDLE or not field.get("key") or field.get("disabled") or field.get("readonly"):
            continue
        if rules.get("required") or kind in ("radio", "select"):
            _put(filled, field["key"], _value(kind, field, rules, clock))
    return filled


def _value(kind: str, field: Mapping[str, Any], rules: Mapping[str, Any], clock: Clock) -> Any:
    options = [option.get("value") for option in field.get("values") or ()]
    if kind in ("checklist", "taglist"):
        return options[:1]
    if kind in ("radio", "select"):
        return options[0] if options else None
    if kind == "checkbox":
        return True
    if kind == "number":
        least = rules.get("min", 1)
        return least if field.get("decimalDigits") else int(least)
    if kind == "datetime":
        soon = clock.now() + timedelta(days=1)
        return (
            soon.isoformat(timespec="minutes") if field.get("subtype") != "date" else soon.date().isoformat()
        )
    if rules.get("validationType") == "phone":
        return "+8613800138000"
    if rules.get("validationType") == "email":
        return "demo@example.org"
    return "演示".ljust(int(rules.get("minLength") or 0), "。")


def _find(facts: Mapping[str, Any], path: str) -> Any:
    found: Any = facts
    for part in path.split("."):
        found = found[part]
    return found


def _put(target: dict[str, Any], path: str, value: Any) -> None:
    *folders, last = [part for part in path.split(".") if part] or [""]
    for folder in folders:
        target = target.setdefault(folder, {})
    if last:
        target[last] = value
    else:
        target.update(value)
