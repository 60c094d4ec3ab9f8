"""Where a name leads at compile time: to a local of some enclosing block, to an item's entry, or to the root.

Blocks know their names, so most lookups are decided once. A filter does not know what its items hold, so inside one the
item is asked first, at run time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from engine.expressions.feel.builtins import VALUES
from engine.expressions.feel.data.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.expressions.feel.data.values import MISSING, Function, Range, kind
from engine.expressions.feel.errors import ExpressionError
from engine.expressions.feel.runtime import Env

Code = Callable[[Env], Any]


@dataclass(slots=True)
class Frame:
    """names: of a block, or None for a filtered item (whose entries are known only at run time)."""

    names: set[str] | None


@dataclass(frozen=True, slots=True)
class Said:
    """A text that stands literally as the first argument of a function that is not FEEL's own. origin: as of Uses."""

    function: str
    text: str
    position: int
    origin: Any = None


@dataclass(slots=True)
class Uses:
    """What an expression reads from outside. A name inside a filter, which the item may answer, is none of them.

    builtins: names of built-in functions that are read as values, where a variable of that name may be meant.
    origin: of the text being compiled. first: in which text each name and path is read first.
    """

    names: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    builtins: set[str] = field(default_factory=set)
    said: list[Said] = field(default_factory=list)
    origin: Any = None
    first: dict[str, Any] = field(default_factory=dict)

    def reads(self, name: str) -> None:
        self.names.add(name)
        self.first.setdefault(name, self.origin)

    def walks(self, path: str) -> None:
        self.paths.add(path)
        self.first.setdefault(path, self.origin)


def lookup(name: str, frames: list[Frame], uses: Uses, position: int) -> tuple[Code, bool]:
    """The code that reads a name, and whether it can only be a root variable."""
    asked: list[int] = []
    for hops, frame in enumerate(reversed(frames)):
        if frame.names is None:
            asked.append(hops)
            if name == "item":
                return _item_entry(asked, lambda env, h=hops: _up(env, h).item), False  # type: ignore[misc]
        elif name in frame.names:
            local = _local(name, hops)
            return (_item_asking(name, asked, local) if asked else local), False
    if asked:
        return _item_asking(name, asked, _root(name, position, "missing-entry")), False
    root = _root(name, position, "unknown-name")
    if name in VALUES:
        uses.builtins.add(name)
    else:
        uses.reads(name)
    return root, True


def _up(env: Env, hops: int) -> Env:
    while hops:
        assert env.parent is not None
        env, hops = env.parent, hops - 1
    return env


def _local(name: str, hops: int) -> Code:
    if hops == 0:
        return lambda env: env.vars[name]
    if hops == 1:
        return lambda env: env.parent.vars[name]  # type: ignore[union-attr]
    return lambda env: _up(env, hops).vars[name]


def _root(name: str, position: int, code: str) -> Code:
    builtin = VALUES.get(name)

    def read(env: Env) -> Any:
        value = env.root.get(name, MISSING)
        t = type(value)
        if t is str or t is bool or value is None:
            return value
        if value is MISSING:
            if builtin is not None:
                return builtin
            user = env.run.scope.functions.get(name)
            if user is not None:
                return user_function(name, user)
            return env.run.warn(code, f'There is no variable "{name}".', position)
        return env.run.plain(value, position)

    return read


def _item_asking(name: str, asked: list[int], otherwise: Code) -> Code:
    def read(env: Env) -> Any:
        for hops in asked:
            item = _up(env, hops).item
            t = type(item)
            if t is dict:
                if name in item:
                    return item[name]
            elif t is not list and t is not str and t is not Decimal:
                found = property_of(item, name)
                if found is not MISSING:
                    return found
        return otherwise(env)

    return read


def _item_entry(asked: list[int], otherwise: Code) -> Code:
    """`item` is the item itself, unless it has an entry called so."""

    def read(env: Env) -> Any:
        item = _up(env, asked[-1]).item
        if item is MISSING:
            return None
        return item["item"] if type(item) is dict and "item" in item else otherwise(env)

    return read


def user_function(name: str, function: Callable[..., Any]) -> Function:
    """A function handed in by the host, as a FEEL value; it is called with the scope and the arguments."""

    def call(run: Any, arguments: list[Any]) -> Any:
        try:
            return run.plain(function(run.scope, *arguments), 0)
        except ExpressionError:
            raise
        except (
            Exception
        ) as problem:  # whatever the host raises is a failed evaluation, never a broken request
            return run.warn("function-error", f"{name}() failed: {str(problem)[:200]}.")

    return Function(name, (), call, variadic=True)


def member(value: Any, key: str, env: Env, position: int) -> Any:
    """`value.key`: an entry of a context, of every item of a list, or a property of a date, time, duration or range."""
    t = type(value)
    if t is dict:
        found = value.get(key, MISSING)
        if found is MISSING:
            return env.run.warn("missing-entry", f'The context has no entry "{key}".', position)
        return found
    if t is list:
        env.run.tick(1 + len(value) // 2)
        env.run.made(len(value))
        return [member(item, key, env, position) for item in value]
    if value is None:
        return env.run.warn("null-operand", f'null has no entry "{key}".', position)
    found = property_of(value, key)
    if found is MISSING:
        return env.run.warn("missing-entry", f'A {kind(value)} has no property "{key}".', position)
    return found


def property_of(value: Any, key: str) -> Any:
    """A property of DMN 1.5 table 65-69, or MISSING."""
    readers = _PROPERTIES.get(type(value))
    if readers is None:
        return MISSING
    reader = readers.get(key)
    return MISSING if reader is None else reader(value)


def _offset(time: Time) -> Any:
    return (
        None
        if time.offset is None and time.zone is None
        else DaysDuration((time.utc_offset() or 0) * 1_000_000_000)
    )


_DATE: Final[dict[str, Callable[[Any], Any]]] = {
    "year": lambda d: Decimal(d.year),
    "month": lambda d: Decimal(d.month),
    "day": lambda d: Decimal(d.day),
    "weekday": lambda d: Decimal(d.weekday),
}
_TIME: Final[dict[str, Callable[[Any], Any]]] = {
    "hour": lambda v: Decimal(v.hour),
    "minute": lambda v: Decimal(v.minute),
    "second": lambda v: _seconds(v.nanos % 60_000_000_000),
    "time offset": _offset,
    "timezone": lambda v: v.zone,
}


def _of_part(part: str, reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda v: reader(v.date if part == "date" else v.time)


def _seconds(nanos: int) -> Decimal:
    """A decimal in [0..60), table 66."""
    seconds, rest = divmod(abs(nanos), 1_000_000_000)
    made = Decimal(seconds) + Decimal(rest).scaleb(-9).normalize() if rest else Decimal(seconds)
    return -made if nanos < 0 else made


def _sign(total: int, part: int) -> Decimal:
    return Decimal(-part if total < 0 else part)


_PROPERTIES: Final[dict[type, dict[str, Callable[[Any], Any]]]] = {
    Date: _DATE,
    Time: _TIME,
    DateTime: {
        **{key: _of_part("date", reader) for key, reader in _DATE.items()},
        **{key: _of_part("time", reader) for key, reader in _TIME.items()},
        "time offset": lambda v: (
            None if not v.time.zoned else DaysDuration((v.utc_offset() or 0) * 1_000_000_000)
        ),
    },
    DaysDuration: {
        "days": lambda v: _sign(v.nanos, abs(v.nanos) // 86_400_000_000_000),
        "hours": lambda v: _sign(v.nanos, abs(v.nanos) // 3_600_000_000_000 % 24),
        "minutes": lambda v: _sign(v.nanos, abs(v.nanos) // 60_000_000_000 % 60),
        "seconds": lambda v: _seconds(abs(v.nanos) % 60_000_000_000 * (-1 if v.nanos < 0 else 1)),
    },
    MonthsDuration: {
        "years": lambda v: _sign(v.months, abs(v.months) // 12),
        "months": lambda v: _sign(v.months, abs(v.months) % 12),
    },
    Range: {
        "start": lambda v: v.low,
        "end": lambda v: v.high,
        "start included": lambda v: v.low_closed,
        "end included": lambda v: v.high_closed,
    },
}
