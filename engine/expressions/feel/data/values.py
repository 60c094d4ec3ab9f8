"""FEEL's values as Python sees them, and the two doors plain data uses: `from_plain` and `to_plain`.

number = Decimal, string = str, boolean = bool, null = None, list = list, context = dict; the rest are classes here
and in `temporal`. Anything else (objects, modules, callables of Python) cannot enter.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from engine.expressions.feel.data import temporal
from engine.expressions.feel.data.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time

MISSING: Final = object()
"""Not null: not there at all."""

NUMBERS: Final = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    capitals=1,
    clamp=0,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
"""IEEE 754 decimal128, the number of the standard: 34 digits, bounded exponents."""


@dataclass(frozen=True, slots=True)
class Range:
    """An interval. An endpoint that is None is unbounded (`< 5` has no start)."""

    low: Any
    high: Any
    low_closed: bool
    high_closed: bool
    open_ended: bool = False
    """Made by `< 5` and its like: the missing end is no unknown, there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """Something that can be called. `call(run, arguments)` takes positional values; parameters name them."""

    name: str
    parameters: tuple[str, ...]
    call: Callable[[Any, list[Any]], Any]
    types: tuple[Any, ...] = ()
    result: Any = None
    variadic: bool = False
    required: int = -1
    named: Callable[[Any, dict[str, Any]], Any] | None = None
    """How to call by name, when that is not simply the parameters in order (built-ins with several forms)."""
    body: Any = None
    scope: Any = None
    """Of a function written in FEEL: its tree and where it was made, which tell whether two are the same."""


SCALARS: Final = (Date, Time, DateTime, DaysDuration, MonthsDuration, Range, Function)


def kind(value: Any) -> str:
    """The name of a value's type, as an author would say it."""
    if value is None:
        return "null"
    return _KINDS.get(type(value), "unknown")


_KINDS: Final[dict[type, str]] = {
    bool: "boolean",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysDuration: "days and time duration",
    MonthsDuration: "years and months duration",
    Range: "range",
    Function: "function",
}


class Unrepresentable(ValueError):
    """Plain data holds something FEEL has no value for."""


def number(value: int | float | Decimal) -> Decimal:
    """Make a FEEL number; raises Unrepresentable for infinities, NaN and what 34 digits and the exponents cannot hold."""
    try:
        if type(value) is float:
            made = NUMBERS.create_decimal(repr(value))
        elif type(value) is int and value.bit_length() > 14_000:
            raise Unrepresentable("an integer too large for a FEEL number")
        else:
            made = NUMBERS.create_decimal(value)
    except decimal.DecimalException:
        raise Unrepresentable(_NO_NUMBER) from None
    if not made.is_finite():
        raise Unrepresentable(_NO_NUMBER)
    return made


_NO_NUMBER: Final = "a number that is infinite, undefined or out of range"


def _nothing(items: int) -> None:
    """Nobody counts."""


def from_plain(value: Any, take: Callable[[int], None] = _nothing, depth: int = 0) -> Any:
    """Turn plain data (JSON-like, Decimal, datetime…) into FEEL values, deeply, sharing nothing with it that can change.

    take: told before a list or mapping of that many items is gone through; may raise. Raises Unrepresentable.
    """
    t = type(value)
    if value is None or t is str or t is bool:
        return value
    if t is Decimal or t is int or t is float:
        return number(value)
    if depth > 100:
        raise Unrepresentable("data nested more than 100 levels deep")
    if t is list or t is tuple:
        take(len(value))
        return [from_plain(item, take, depth + 1) for item in value]
    if t is dict:
        return _context(value, take, depth)
    if t in SCALARS:
        return value
    return _rarely_plain(value, take, depth)


def _context(value: Mapping[Any, Any], take: Callable[[int], None], depth: int) -> dict[str, Any]:
    take(len(value))
    return {
        key if type(key) is str else _key(key): from_plain(item, take, depth + 1)
        for key, item in value.items()
    }


def _key(key: Any) -> str:
    """The name of an entry whose key is no text: what JSON would make of it."""
    if isinstance(key, Enum):
        key = key.value
    if isinstance(key, str):
        return str.__str__(key)
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, int | float | Decimal):
        return number_text(number(key))
    if isinstance(key, dt.date | dt.time | UUID):
        return str(key)
    raise Unrepresentable(f"a mapping with a {type(key).__name__} as a key")


def _rarely_plain(value: Any, take: Callable[[int], None], depth: int) -> Any:
    if isinstance(value, Enum):
        return from_plain(value.value, take, depth + 1)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int | float | Decimal):
        return number(value)
    if isinstance(value, dt.datetime):
        return temporal.from_datetime(value)
    if isinstance(value, dt.date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, dt.time):
        return temporal.from_time(value)
    if isinstance(value, dt.timedelta):
        return temporal.from_timedelta(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return _context(value, take, depth)
    if isinstance(value, Sequence | Set) and not isinstance(value, bytes | bytearray | memoryview):
        take(len(value))
        return [from_plain(item, take, depth + 1) for item in value]
    raise Unrepresentable(f"a {type(value).__name__} is not plain data")


def to_plain(value: Any) -> Any:
    """Turn a FEEL value into JSON-ready data.

    Numbers become int when integral (and within 64 bits), else float, text beyond a float's reach; dates, times and durations ISO 8601 strings (a named zone becomes its
    offset, where a date tells which); ranges their FEEL text; functions their signature; contexts dict; lists list.
    """
    t = type(value)
    if value is None or t is str or t is bool:
        return value
    if t is Decimal:
        return plain_number(value)
    if t is list:
        return [to_plain(item) for item in value]
    if t is dict:
        return {key: to_plain(item) for key, item in value.items()}
    if t is DateTime:
        return temporal.iso(value)
    if t in SCALARS:
        return text_of(value)
    return value


def plain_number(value: Decimal) -> int | float | str:
    """int when integral and within 64 bits, else the closest float; digits as text beyond what a float can hold."""
    if value == value.to_integral_value() and value.adjusted() < 20 and -(1 << 63) <= int(value) < 1 << 63:
        return int(value)
    found = float(value)
    return number_text(value) if math.isinf(found) else found


def text_of(value: Any, nested: bool = False) -> str:
    """What `string(value)` says. Strings inside lists and contexts are quoted."""
    t = type(value)
    if t is str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if nested else str(value)
    if value is None:
        return "null"
    if t is bool:
        return "true" if value else "false"
    if t is Decimal:
        return number_text(value)
    if t is list:
        return "[" + ", ".join(text_of(item, True) for item in value) + "]"
    if t is dict:
        return (
            "{" + ", ".join(f"{_key_text(key)}: {text_of(item, True)}" for key, item in value.items()) + "}"
        )
    if t is Range:
        return _range_text(value)
    if t is Function:
        return f"function {value.name}({', '.join(value.parameters)})".replace("function (", "function(")
    return str(value)


def _key_text(key: str) -> str:
    plain = key.replace(" ", "").replace("_", "")
    return key if plain.isalnum() and not plain[:1].isdigit() else text_of(key, True)


def _range_text(value: Range) -> str:
    if value.low is None and value.high is not None:
        return ("<=" if value.high_closed else "<") + " " + text_of(value.high, True)
    if value.high is None and value.low is not None:
        return (">=" if value.low_closed else ">") + " " + text_of(value.low, True)
    left, right = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
    return f"{left}{text_of(value.low, True)}..{text_of(value.high, True)}{right}"


def number_text(value: Decimal) -> str:
    """Plain digits, never an exponent (a number has at most 6,145 of them)."""
    if value.is_zero():
        exponent = value.as_tuple().exponent
        return format(abs(value), "f") if isinstance(exponent, int) and exponent < 0 else "0"
    return format(value, "f")
