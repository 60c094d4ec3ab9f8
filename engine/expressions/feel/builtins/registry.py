"""How a built-in function is declared, found and called.

`@builtin("substring(string: string, start position: number, [length: number])")` reads: brackets make a parameter
optional, `type?` lets null in, `name...` takes all remaining arguments, `name*` does too but a single list stands for
its items. A name declared several times has several forms; the first whose arguments fit is called.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException
from typing import Any, Final

from engine.expressions.feel.data.temporal import (
    Date,
    DateTime,
    DaysDuration,
    InvalidTemporal,
    MonthsDuration,
    Time,
)
from engine.expressions.feel.data.types import ANY, SIMPLE, FeelType
from engine.expressions.feel.data.values import MISSING, Function, Range, kind
from engine.expressions.feel.runtime import Run


class Fails(ValueError):
    """A built-in has no answer for these arguments; the call becomes null with this sentence as its warning."""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str
    nullable: bool = False
    optional: bool = False
    variadic: str = ""
    """"" for one argument, "..." for the rest, "*" for the rest or one list."""

    @property
    def may_be_null(self) -> bool:
        return not self.variadic and (self.nullable or self.type == "any")


@dataclass(frozen=True, slots=True)
class Form:
    parameters: tuple[Parameter, ...]
    body: Callable[..., Any]

    @property
    def required(self) -> int:
        return sum(1 for one in self.parameters if not one.optional)

    def takes(self, count: int) -> bool:
        variadic = bool(self.parameters) and bool(self.parameters[-1].variadic)
        return self.required <= count and (variadic or count <= len(self.parameters))

    def takes_names(self, names: tuple[str, ...]) -> bool:
        """Table 63: "if named, unsupplied arguments are bound to null", so only what must not be null must be named."""
        mine = {one.name for one in self.parameters}
        return (
            set(names) <= mine
            and len(set(names)) == len(names)
            and all(one.optional or one.may_be_null or one.name in names for one in self.parameters)
        )


@dataclass(slots=True)
class Builtin:
    name: str
    forms: list[Form] = field(default_factory=list)
    pure: bool = True

    def signatures(self) -> str:
        """`substring(string, start position, length)`, all forms, for messages."""
        texts = [f"{self.name}({', '.join(one.name for one in form.parameters)})" for form in self.forms]
        return " or ".join(dict.fromkeys(texts))


BUILTINS: Final[dict[str, Builtin]] = {}

_SIGNATURE: Final = re.compile(r"([^(]+)\((.*)\)")
_ONE: Final = re.compile(r"(\[)?([\w ]+?)(\.\.\.|\*)?: ([\w ]+?)(\?)?(\])?")


def builtin(signature: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare one form of a built-in; the decorated function takes (run, *arguments)."""
    match = _SIGNATURE.fullmatch(signature)
    assert match is not None, signature
    parameters: list[Parameter] = []
    for text in filter(None, (part.strip() for part in match[2].split(","))):
        one = _ONE.fullmatch(text)
        assert one is not None, text
        parameters.append(Parameter(one[2], one[4], bool(one[5]), bool(one[1]), one[3] or ""))

    def declare(body: Callable[..., Any]) -> Callable[..., Any]:
        BUILTINS.setdefault(match[1], Builtin(match[1])).forms.append(Form(tuple(parameters), body))
        return body

    return declare


_CLASSES: Final[dict[str, type | tuple[type, ...]]] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "context": dict,
    "date": Date,
    "time": Time,
    "date and time": DateTime,
    "days and time duration": DaysDuration,
    "duration": (DaysDuration, MonthsDuration),
    "function": Function,
    "range": Range,
    # What may lie in or beside a range: any value that is not made of others.
    "point": (Decimal, str, bool, Date, Time, DateTime, DaysDuration, MonthsDuration),
}


def _fit(value: Any, wanted: str) -> Any:
    """The argument as the parameter wants it (a list of one stands for its item), or MISSING."""
    if wanted == "any":
        return value
    if wanted == "list":
        return value if type(value) is list else [value]
    known = _CLASSES[wanted]
    if isinstance(value, known):
        return value
    if type(value) is list and len(value) == 1 and isinstance(value[0], known):
        return value[0]
    if wanted == "date and time" and type(value) is Date:
        return DateTime(value, Time(0, 0))
    return MISSING


def _arguments(form: Form, given: list[Any]) -> list[Any] | str:
    """The converted arguments, or the sentence why this form does not take them."""
    made: list[Any] = []
    for index, parameter in enumerate(form.parameters):
        if parameter.variadic:
            rest = given[index:]
            if parameter.variadic == "*" and len(rest) == 1 and type(rest[0]) is list:
                rest = rest[0]
            items = [
                MISSING if item is None and not parameter.nullable else _fit(item, parameter.type)
                for item in rest
            ]
            if any(item is MISSING for item in items):
                return f'"{parameter.name}" must be of type {parameter.type}'
            made.append(items)
            break
        if index >= len(given):
            break
        value = given[index]
        if value is None:
            if not parameter.may_be_null:
                return f'"{parameter.name}" is null'
            made.append(None)
            continue
        fitted = _fit(value, parameter.type)
        if fitted is MISSING:
            return f'"{parameter.name}" must be of type {parameter.type}, not {kind(value)}'
        made.append(fitted)
    return made


_QUICK: Final = frozenset(("count", "is", "not", "get value", "sublist", "append", "string length"))
"""Built-ins that need not look at every item or character of what they are given."""


def _pay(run: Run, function: Builtin, given: list[Any]) -> None:
    """Count what going through the arguments takes, before it is done. Raises EvaluationLimit."""
    steps = 0
    for value in given:
        t = type(value)
        if t is list:
            steps += len(value) // 4
        elif t is str:
            steps += len(value) // 256
    if steps and function.name not in _QUICK:
        run.tick(steps)


def invoke(run: Run, function: Builtin, forms: list[Form], given: list[Any], position: int) -> Any:
    """Call the first form that takes the arguments; null with a warning when none does or it has no answer."""
    _pay(run, function, given)
    trouble = ""
    for form in forms:
        made = _arguments(form, given)
        if isinstance(made, str):
            trouble = trouble or made
            continue
        try:
            value = form.body(run, *made)
        except (Fails, InvalidTemporal) as problem:
            return run.warn("function-error", f"{function.name}(): {problem}.", position)
        except DecimalException:
            return run.warn("function-error", f"{function.name}() has no number as its result.", position)
        if type(value) is str:
            run.wrote(len(value))
        elif type(value) is list:
            run.made(len(value))
        return value
    code = "null-operand" if trouble.endswith("is null") else "type-mismatch"
    return run.warn(code, f"{function.name}(): {trouble or 'wrong number of arguments'}.", position)


def by_position(function: Builtin, count: int) -> list[Form]:
    """The forms that take that many positional arguments."""
    return [form for form in function.forms if form.takes(count)]


def by_name(function: Builtin, names: tuple[str, ...]) -> list[Form]:
    """The forms whose parameters have these names."""
    return [form for form in function.forms if form.takes_names(names)]


def in_order(form: Form, names: tuple[str, ...], given: list[Any]) -> list[Any]:
    """Named arguments in the order of the form's parameters; what is left out is null, or optional at the end."""
    values = dict(zip(names, given, strict=True))
    needed = [index for index, one in enumerate(form.parameters) if one.name in values or not one.optional]
    return [values.get(one.name) for one in form.parameters[: max(needed, default=-1) + 1]]


def invoke_named(run: Run, function: Builtin, names: tuple[str, ...], given: list[Any], position: int) -> Any:
    """Call by parameter names."""
    forms = by_name(function, names)
    for form in forms:
        ordered = in_order(form, names, given)
        if form is forms[-1] or not isinstance(_arguments(form, ordered), str):
            return invoke(run, function, [form], ordered, position)
    return run.warn("function-error", f"{function.name}() has no parameters named like that.", position)


def as_value(function: Builtin) -> Function:
    """The built-in as a value that can be passed to other functions."""

    def call(run: Run, given: list[Any]) -> Any:
        forms = by_position(function, len(given))
        if not forms:
            return run.warn("function-error", f"{function.name}() does not take {len(given)} argument(s).")
        return invoke(run, function, forms, given, 0)

    def named(run: Run, given: dict[str, Any]) -> Any:
        return invoke_named(run, function, tuple(given), list(given.values()), 0)

    first = function.forms[0]
    types: tuple[FeelType, ...] = tuple(SIMPLE.get(one.type, ANY) for one in first.parameters)
    return Function(
        function.name,
        tuple(one.name for one in first.parameters),
        call,
        types=types,
        variadic=any(one.variadic or one.optional for one in first.parameters) or len(function.forms) > 1,
        named=named,
    )
