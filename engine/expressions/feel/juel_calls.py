"""The calls of JUEL that have a twin in FEEL: methods of Java's strings, lists and maps, and functions of engines.

`{0}` is what the method is called on (or a function's first argument), `{1}` and `{2}` its arguments, as FEEL text.
"""

from __future__ import annotations

import re
from typing import Final

EMPTY: Final = 'list contains([null, "", []], {0})'
"""`empty x`: in JUEL null, an empty string and an empty collection are empty, and nothing else is."""

METHODS: Final[dict[tuple[str, int], str]] = {
    ("size", 0): "count({0})",
    ("length", 0): "string length({0})",
    ("isEmpty", 0): 'list contains(["", []], {0})',
    ("isBlank", 0): 'list contains(["", []], {0})',
    ("equals", 1): "({0} = {1})",
    ("equalsIgnoreCase", 1): "(lower case({0}) = lower case({1}))",
    ("contains", 1): "(if {0} instance of string then contains({0}, {1}) else list contains({0}, {1}))",
    ("startsWith", 1): "starts with({0}, {1})",
    ("endsWith", 1): "ends with({0}, {1})",
    ("toUpperCase", 0): "upper case({0})",
    ("toLowerCase", 0): "lower case({0})",
    ("matches", 1): 'matches({0}, "^(" + {1} + ")$")',
    ("toString", 0): "string({0})",
    ("booleanValue", 0): "{0}",
    ("intValue", 0): "{0}",
    ("longValue", 0): "{0}",
    ("doubleValue", 0): "{0}",
    ("toDate", 0): "{0}",
    ("containsKey", 1): "list contains(get entries({0}).key, {1})",
    ("abs", 0): "abs({0})",
    ("negate", 0): "-({0})",
    ("compareTo", 1): "(if {0} < {1} then -1 else if {0} > {1} then 1 else 0)",
}
"""(method, number of arguments) → FEEL."""

FUNCTIONS: Final[dict[tuple[str, int], str]] = {("now", 0): "now()", ("dateTime", 0): "now()"}
"""(function, number of arguments) → FEEL; both are Camunda's."""

OF_VARIABLES: Final[dict[tuple[str, int], str]] = {
    **{(name, 1): "{0}" for name in ("get",)},
    **{(name, 1): EMPTY for name in ("isEmpty", "empty")},
    **{(name, 1): f"not({EMPTY})" for name in ("isNotEmpty", "notEmpty")},
    **{(name, 2): "({0} = {1})" for name in ("equals", "eq")},
    **{(name, 2): "({0} != {1})" for name in ("notEquals", "ne")},
    **{(name, 2): "({0} < {1})" for name in ("lowerThan", "lessThan", "lt")},
    **{(name, 2): "({0} <= {1})" for name in ("lowerThanOrEquals", "lessThanOrEquals", "lte")},
    **{(name, 2): "({0} > {1})" for name in ("greaterThan", "gt")},
    **{(name, 2): "({0} >= {1})" for name in ("greaterThanOrEquals", "gte")},
    **{(name, 2): METHODS["contains", 1] for name in ("contains",)},
}
"""Flowable's `variables:` (or `vars:`, `var:`) functions; the first argument is a variable's name."""

VARIABLE_PREFIXES: Final = frozenset({"variables", "vars", "var"})

OWN_OBJECTS: Final = frozenset(
    {"execution", "task", "delegateTask", "delegateExecution", "authenticatedUserId"}
)
"""Objects of another engine."""

VARIABLE_READERS: Final = frozenset(
    {"getVariable", "getVariableLocal", "getVariableTyped", "getVariableLocalTyped"}
)
"""Methods of those objects that read one variable by its name."""

_SPANS: Final = {
    "Seconds": "PT{}S", "Minutes": "PT{}M", "Hours": "PT{}H", "Days": "P{}D", "Weeks": "P{}D", "Months": "P{}M",
    "Years": "P{}Y",
}  # fmt: skip
_SHIFT: Final = re.compile(r"(plus|minus)(Seconds|Minutes|Hours|Days|Weeks|Months|Years)\Z")


def method(source: str, name: str, arguments: list[str]) -> str | None:
    """Return the FEEL of a method call, or None when it has no twin."""
    shift = _SHIFT.match(name)
    if shift and len(arguments) == 1 and arguments[0].isdecimal() and len(arguments[0]) < 7:
        number = int(arguments[0]) * (7 if shift[2] == "Weeks" else 1)
        return (
            f'({source} {"+" if shift[1] == "plus" else "-"} duration("{_SPANS[shift[2]].format(number)}"))'
        )
    if name == "get" and len(arguments) == 1:
        [key] = arguments
        if key.startswith('"'):
            return f"get value({source}, {key})"
        # Java counts from 0, FEEL from 1.
        return f"{source}[{int(key) + 1}]" if key.isdecimal() and len(key) < 7 else None
    if name == "substring" and all(one.isdecimal() and len(one) < 7 for one in arguments):
        start, *end = (int(one) for one in arguments) if arguments else (-1,)
        if start >= 0 and len(end) < 2:
            length = f", {end[0] - start}" if end else ""
            return f"substring({source}, {start + 1}{length})"
    template = METHODS.get((name, len(arguments)))
    return None if template is None else template.format(source, *arguments)
