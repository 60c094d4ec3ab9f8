"""String functions (DMN 1.5 table 76), except those with regular expressions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from engine.expressions.feel.builtins.registry import Fails, builtin
from engine.expressions.feel.runtime import Run

_ENOUGH: Final = Decimal(1 << 40)


def whole(value: Decimal, what: str) -> int:
    """A number that counts or points, as an int; raises Fails when it has a fraction or is absurdly large."""
    if value.adjusted() > 12 or value != value.to_integral_value():
        raise Fails(f'"{what}" must be a whole number')
    return int(value)


def position(value: Decimal, length: int, what: str) -> int:
    """The index from 0 of a position 1..length or -length..-1; raises Fails for any other (table 74, note 1)."""
    at = whole(value, what)
    if at == 0 or abs(at) > length:
        raise Fails(f'"{what}" lies outside -{length}..-1 and 1..{length}')
    return at - 1 if at > 0 else length + at


def size(value: Decimal) -> int:
    """A length as an int, without its fraction; what is larger than any text counts as that large."""
    return int(min(value, _ENOUGH))


@builtin("substring(string: string, start position: number, [length: number?])")
def substring(run: Run, string: str, start: Decimal, length: Decimal | None = None) -> str:
    """Positions count characters (code points) from 1, or from the end from -1.

    A length that reaches beyond the end takes what there is, as every engine does it, although the table's footnote
    would have null; a fraction of a length is dropped.
    """
    first = position(start, len(string), "start position")
    if length is None:
        return string[first:]
    if length < 1:
        raise Fails("the length must be at least 1")
    return string[first : first + size(length)]


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
