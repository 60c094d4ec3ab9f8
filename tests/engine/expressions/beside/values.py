"""Values of both engines in one form, compared as far as the numbers of JavaScript can tell."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.expressions.feel.data.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.expressions.feel.data.values import Function, Range, kind

TEMPORAL = (Date, Time, DateTime, DaysDuration, MonthsDuration)


@dataclass(frozen=True, slots=True)
class Tagged:
    """What neither JSON nor Python has: a date, a time, a date-time, a duration, a function; or a number that is none."""

    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    low: Any
    high: Any
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine made of a text: a value; or, with `failed`, "refused" (not read) or "thrown" (read, then broken)."""

    value: Any = None
    failed: str = ""
    why: str = ""

    def __str__(self) -> str:
        return f"{self.failed} ({self.why})" if self.failed else literal(self.value)


def of_ours(value: Any) -> Any:
    """One of our FEEL values in the common form."""
    if isinstance(value, TEMPORAL):
        return Tagged(kind(value), str(value).replace("+00:00", "Z"))
    if isinstance(value, Range):
        return Interval(of_ours(value.low), of_ours(value.high), value.low_closed, value.high_closed)
    if isinstance(value, Function):
        return Tagged("function")
    if isinstance(value, list):
        return [of_ours(item) for item in value]
    if isinstance(value, dict):
        return {key: of_ours(item) for key, item in value.items()}
    return value


def of_theirs(value: Any) -> Any:
    """A value of feelin, as it comes out of JSON, in the common form."""
    if isinstance(value, list):
        return [of_theirs(item) for item in value]
    if not isinstance(value, dict):
        return value
    name = value["$"]
    if name == "context":
        return {key: of_theirs(item) for key, item in value["entries"]}
    if name == "range":
        low, high = of_theirs(value["low"]), of_theirs(value["high"])
        return Interval(low, high, value["lowClosed"], value["highClosed"])
    return Tagged(name, value.get("text", "").replace("+00:00", "Z").replace("-00:00", "Z"))


def same(ours: Any, theirs: Any) -> bool:
    """Are they the same, apart from the sixteenth digit of a number?"""
    if isinstance(ours, Decimal) and isinstance(theirs, Decimal):
        return abs(ours - theirs) <= Decimal("1e-11") * max(1, abs(ours))
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, Interval):
        closed = (ours.low_closed, ours.high_closed) == (theirs.low_closed, theirs.high_closed)
        return closed and same(ours.low, theirs.low) and same(ours.high, theirs.high)
    return bool(ours == theirs)


def agree(ours: Outcome, theirs: Outcome) -> bool:
    """The same value, or no value for the same reason."""
    if ours.failed or theirs.failed:
        return ours.failed == theirs.failed
    return same(ours.value, theirs.value)


def type_of(value: Any) -> str:
    """The type of a value in the common form."""
    if isinstance(value, Tagged):
        return value.kind
    return "range" if isinstance(value, Interval) else kind(value)


def literal(value: Any) -> str:
    """The FEEL text of a value in the common form. Functions have none: they show as `function`."""
    if isinstance(value, Tagged):
        return (
            f'@"{value.text}"'
            if value.kind not in ("function", "number", "other")
            else value.text or "function"
        )
    if isinstance(value, Interval):
        left, right = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
        if value.low is None and value.high is not None:
            return f"({'<=' if value.high_closed else '<'} {literal(value.high)})"
        if value.high is None and value.low is not None:
            return f"({'>=' if value.low_closed else '>'} {literal(value.low)})"
        return f"{left}{literal(value.low)}..{literal(value.high)}{right}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{text(key)}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return text(value)
    return {None: "null", True: "true", False: "false"}[value]


def text(content: str) -> str:
    """A string literal."""
    escaped = content.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
