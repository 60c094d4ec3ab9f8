"""String functions (DMN 1.5 table 76), except those with regular expressions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.expressions.feel.builtins.registry import Fails, builtin
from engine.expressions.feel.runtime import Run


def whole(value: Decimal, what: str) -> int:
    """A number that counts or points, as an int; raises Fails when it has a fraction or is absurdly large."""
    if value.adjusted() > 12 or value != value.to_integral_value():
        raise Fails(f'"{what}" must be a whole number')
    return int(value)


@builtin("substring(string: string, start position: number, [length: number?])")
def substring(run: Run, string: str, start: Decimal, length: Decimal | None = None) -> Any:
    begin = int(start)
    if begin == 0 or abs(begin) > len(string):
        raise Fails("the start position lies outside the string")
    first = begin - 1 if begin > 0 else len(string) + begin
    if length is None:
        return string[first:]
    if int(length) < 1:
        raise Fails("the length must be at least 1")
    return string[first : first + int(length)]


@builtin("string length(string: string)")
def string_length(run: Run, string: str) -> Decimal:
    return Decimal(len(string))


@builtin("upper case(string: string)")
def upper_case(run: Run, string: str) -> str:
    return string.upper()


@builtin("lower case(string: string)")
def lower_case(run: Run, string: str) -> str:
    return string.lower()


@builtin("substring before(string: string, match: string)")
def substring_before(run: Run, string: str, match: str) -> str:
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after(string: string, match: string)")
def substring_after(run: Run, string: str, match: str) -> str:
    if not match:
        return string
    return string.partition(match)[2]


@builtin("contains(string: string, match: string)")
def contains(run: Run, string: str, match: str) -> bool:
    return match in string


@builtin("starts with(string: string, match: string)")
def starts_with(run: Run, string: str, match: str) -> bool:
    return string.startswith(match)


@builtin("ends with(string: string, match: string)")
def ends_with(run: Run, string: str, match: str) -> bool:
    return string.endswith(match)


@builtin("string join(list: list, [delimiter: string?])")
def string_join(run: Run, items: list[Any], delimiter: str | None = None) -> str:
    present = [item for item in items if item is not None]
    if not all(type(item) is str for item in present):
        raise Fails("every item of the list must be a string")
    run.wrote(sum(map(len, present)) + len(delimiter or "") * len(present))
    return (delimiter or "").join(present)
