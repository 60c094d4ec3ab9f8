"""FEEL types: what `instance of`, typed parameters and DMN item definitions test and coerce values against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.expressions.feel.data.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.expressions.feel.data.values import MISSING, Function, Range

if TYPE_CHECKING:
    from engine.expressions.feel.runtime import Run


@dataclass(frozen=True, slots=True)
class FeelType:
    """kind: any, null, number, string, boolean, a temporal type, list, context, range, function, or unknown.

    items: of a list or range. fields: of a context. parameters, result: of a function. allowed: an extra test that a
    value of an item definition must pass, given the entries beside it and the run whose limits hold (null passes, except as an item of a list).
    """

    kind: str
    items: FeelType | None = None
    fields: Mapping[str, FeelType] | None = None
    parameters: tuple[FeelType, ...] = ()
    result: FeelType | None = None
    allowed: Callable[[Any, Mapping[str, Any], Run], bool] | None = None
    name: str = ""

    @property
    def answer(self) -> FeelType:
        """The type of what a call gives: of business knowledge and services, DMN lets the variable be typed by the
        function or by its result."""
        return (self.result or ANY) if self.kind == "function" else self

    def __str__(self) -> str:
        if self.name:
            return self.name
        if self.kind in ("list", "range") and self.items:
            return f"{self.kind}<{self.items}>"
        if self.kind == "context" and self.fields is not None:
            return "context<" + ", ".join(f"{key}: {item}" for key, item in self.fields.items()) + ">"
        if self.kind == "function" and self.result:
            return f"function<{', '.join(map(str, self.parameters))}> -> {self.result}"
        return self.kind


ANY: Final = FeelType("any")
SIMPLE: Final[dict[str, FeelType]] = {
    name: FeelType(kind)
    for name, kind in {
        "any": "any",
        "Any": "any",
        "Null": "null",
        "null": "null",
        "number": "number",
        "string": "string",
        "boolean": "boolean",
        "date": "date",
        "time": "time",
        "date and time": "date and time",
        "dateTime": "date and time",
        "days and time duration": "days and time duration",
        "dayTimeDuration": "days and time duration",
        "years and months duration": "years and months duration",
        "yearMonthDuration": "years and months duration",
        "list": "list",
        "context": "context",
        "range": "range",
        "function": "function",
    }.items()
}
_NOTHING: Final[Mapping[str, Any]] = {}

CLASSES: Final[dict[str, type]] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": Date,
    "time": Time,
    "date and time": DateTime,
    "days and time duration": DaysDuration,
    "years and months duration": MonthsDuration,
}


def is_type(wanted: FeelType, seen: set[int] | None = None) -> bool:
    """Does it name a node of the type lattice? An unknown name does not.

    Rule 52 wants the parameters of list, range, context and function; without them they stand for any of their kind,
    as in all engines that modelers know. seen: the types looked at already, by identity (item definitions may hold each
    other many times).
    """
    seen = set() if seen is None else seen
    if id(wanted) in seen:
        return True
    seen.add(id(wanted))
    if wanted.kind == "unknown":
        return False
    inner = [wanted.items, wanted.result, *wanted.parameters, *(wanted.fields or {}).values()]
    return all(is_type(one, seen) for one in inner if one is not None)


def is_instance(value: Any, wanted: FeelType, run: Run) -> bool:
    """`value instance of wanted`: null is an instance of Null only (and of nothing else, not even Any)."""
    if value is None:
        return wanted.kind == "null"
    return _conforms(value, wanted, run, False)


def conforms(value: Any, wanted: FeelType, run: Run) -> bool:
    """Does the value belong to the type? null belongs to every type here; allowed values are tested too."""
    if value is None:
        return True
    return _conforms(value, wanted, run, True)


def _conforms(
    value: Any, wanted: FeelType, run: Run, allowed: bool, beside: Mapping[str, Any] = _NOTHING
) -> bool:
    """run: pays for the lists and contexts gone through. allowed: test allowed values too (`instance of` does not).

    beside: the entries of the context it stands in.
    """
    if value is None:
        return True
    if not _belongs(value, wanted, run, allowed):
        return False
    return not allowed or wanted.allowed is None or wanted.allowed(value, beside, run)


def _item_conforms(item: Any, wanted: FeelType, run: Run, allowed: bool) -> bool:
    """§7.3.3: each item of a collection must satisfy the allowed values, and null only does where they name it."""
    if item is None:
        return not allowed or wanted.allowed is None or wanted.allowed(None, _NOTHING, run)
    return _conforms(item, wanted, run, allowed)


def _belongs(value: Any, wanted: FeelType, run: Run, allowed: bool) -> bool:
    kind = wanted.kind
    known = CLASSES.get(kind)
    if known is not None:
        return type(value) is known
    if kind == "any":
        return True
    if kind == "list":
        if type(value) is not list or wanted.items is None:
            return type(value) is list
        run.tick(1 + len(value) // 4)
        return all(_item_conforms(item, wanted.items, run, allowed) for item in value)
    if kind == "context":
        if type(value) is not dict:
            return False
        fields = wanted.fields or {}
        run.tick(1 + len(fields) // 4)
        return all(
            key in value and _conforms(value[key], field, run, allowed, value)
            for key, field in fields.items()
        )
    if kind == "range":
        if type(value) is not Range:
            return False
        ends = [end for end in (value.low, value.high) if end is not None]
        return wanted.items is None or all(_conforms(end, wanted.items, run, allowed) for end in ends)
    if kind == "function":
        return type(value) is Function and _function_conforms(value, wanted, run)
    return False


def _function_conforms(value: Function, wanted: FeelType, run: Run) -> bool:
    if wanted.result is None and not wanted.parameters:
        return True
    if len(wanted.parameters) != len(value.parameters) and not value.variadic:
        return False
    # Contravariant in the parameters, covariant in the result.
    for ours, theirs in zip(value.types or (ANY,) * len(value.parameters), wanted.parameters, strict=False):
        if not subtype(theirs, ours or ANY, run):
            return False
    # What a literal function returns is not declared; it is found out when it is called.
    return value.result is None or subtype(value.result, wanted.result or ANY, run)


def subtype(narrow: FeelType, wide: FeelType, run: Run) -> bool:
    """Does every value of `narrow` belong to `wide`? (DMN 1.5 §10.3.2.9.2, conforms to)

    run: pays for it (types that hold each other several times are quickly astronomical).
    """
    run.tick()
    if wide.kind == "any" or narrow.kind == "null":
        return True
    if narrow.kind != wide.kind:
        return False
    if narrow.kind in ("list", "range"):
        return wide.items is None or subtype(narrow.items or ANY, wide.items, run)
    if narrow.kind == "context":
        fields = narrow.fields or {}
        return all(
            key in fields and subtype(fields[key], field, run) for key, field in (wide.fields or {}).items()
        )
    if narrow.kind == "function":
        if len(narrow.parameters) != len(wide.parameters):
            return wide.result is None
        pairs = zip(narrow.parameters, wide.parameters, strict=True)
        return all(subtype(theirs, ours, run) for ours, theirs in pairs) and subtype(
            narrow.result or ANY, wide.result or ANY, run
        )
    return True


def coerce(value: Any, wanted: FeelType, run: Run, beside: Mapping[str, Any] = _NOTHING) -> Any:
    """The value, converted where the standard converts by itself (§10.3.2.9.4), or MISSING when it does not conform.

    Conversions: a list of one ↔ its item, a date → its midnight in UTC, list items and context entries recursively.
    beside: the entries of the context it stands in, which its allowed values may read.
    """
    if value is None or (wanted.kind == "any" and wanted.allowed is None):
        return value
    if _conforms(value, wanted, run, True, beside):
        return value
    t = type(value)
    if wanted.kind == "date and time" and t is Date:
        midnight = DateTime(value, Time(0, 0))
        return midnight if _conforms(midnight, wanted, run, True, beside) else MISSING
    if wanted.kind == "list":
        if t is not list:
            item = coerce(value, wanted.items, run) if wanted.items else value
            made = [item]
            return MISSING if item is MISSING or not conforms(made, wanted, run) else made
        items = [coerce(item, wanted.items or ANY, run) for item in value]
        return (
            items if not any(item is MISSING for item in items) and conforms(items, wanted, run) else MISSING
        )
    if t is list and len(value) == 1:
        return value[0] if _conforms(value[0], wanted, run, True, beside) else MISSING
    if wanted.kind == "context" and t is dict and wanted.fields:
        entries = dict(value)
        for key, field in wanted.fields.items():
            if key not in value:
                return MISSING
            entries[key] = coerce(value[key], field, run, value)
            if entries[key] is MISSING:
                return MISSING
        return entries if conforms(entries, wanted, run) else MISSING
    return MISSING
