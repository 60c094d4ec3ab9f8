"""What a difference is about: the values it compares, the ends of its range, their kinds and zones."""

from __future__ import annotations

import re
from typing import Any, Final

from tests.engine.expressions.beside.blame import Difference, ask_ours
from tests.engine.expressions.beside.values import Interval, Tagged, literal, type_of

DURATIONS: Final = {"days and time duration", "years and months duration"}
INSTANTS: Final = {"date", "time", "date and time"}
PLAIN: Final = {"number", "string", "boolean", "null"}
_ENDS: Final = {
    "[{0}..{1}]": (0, 1), "({0}..{1})": (0, 1), "]{0}..{1}[": (0, 1), "? in [{0}..{1}]": (0, 1),
    "{0} in [{1}..{2})": (1, 2), "for {name} in [{0}..{1}] return {2}": (0, 1), "{0} between {1} and {2}": (1, 2),
}  # fmt: skip
_COMPARED: Final = re.compile(r"\{0\} (?:[<>]=?|!?=) \{1\}")
_TEST: Final = re.compile(r"(item|a|b|item\.a) ([<>]=?|!?=) \{0\}")


def ends(d: Difference) -> tuple[Any, Any] | None:
    """The two ends of the range it is about."""
    at = _ENDS.get(d.form)
    return None if at is None else (d.operands[at[0]], d.operands[at[1]])


def pairs(d: Difference) -> list[tuple[Any, Any]]:
    """The pairs of values it compares by size or equality."""
    values = d.operands
    if _COMPARED.fullmatch(d.form):
        return [(values[0], values[1])]
    if d.form == "{0} between {1} and {2}":
        return [(values[0], values[1]), (values[0], values[2])]
    if d.form.startswith("{0} in "):
        return [(values[0], other) for wanted in values[1:] for other in spread(wanted)]
    if re.match(r"(before|after|meets|met by|overlaps|includes)\(", d.form):
        return [(a, b) for a in spread(values[0]) for b in spread(values[1])]
    if _TEST.match(d.form):
        return [(d.item, values[0])]
    if d.given is not None:
        return [(d.input, other) for wanted in values for other in spread(wanted)]
    return []


def spread(value: Any) -> list[Any]:
    """The values a value is compared with when something is asked to be in it."""
    if isinstance(value, Interval):
        return [end for end in (value.low, value.high) if end is not None] or [None]
    return [inner for one in value for inner in spread(one)] if isinstance(value, list) else [value]


def zoned(value: Any) -> bool:
    return isinstance(value, Tagged) and bool(
        re.search(r"T?\d\d:\d\d:\d\d.*(Z|[+-]\d\d:\d\d|@.+)$", value.text)
    )


def of_two_kinds(a: Any, b: Any) -> bool:
    return a is not None and b is not None and type_of(a) != type_of(b)


def of_two_zones(a: Any, b: Any) -> bool:
    """One says its zone and the other does not; a date is the midnight of UTC (§10.3.2.3.5)."""
    kinds = {type_of(a), type_of(b)}
    if kinds == {"date", "date and time"}:
        return not (zoned(a) or zoned(b))
    return len(kinds) == 1 and kinds <= {"time", "date and time"} and zoned(a) is not zoned(b)


def backwards(a: Any, b: Any) -> bool:
    return not of_two_kinds(a, b) and ask_ours(f"{literal(a)} > {literal(b)}", {}).value is True


def is_duration(value: Any) -> bool:
    return type_of(value) in DURATIONS


def items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def no_number(value: Any) -> bool:
    """NaN or an infinity."""
    if isinstance(value, list):
        return any(map(no_number, value))
    return isinstance(value, Tagged) and value.kind == "number"
