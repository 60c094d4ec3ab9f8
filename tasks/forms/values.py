"""Values of answers as they are compared, told in a refusal and read as numbers."""

from __future__ import annotations

import math
from typing import Any


def same(one: Any, other: Any) -> bool:
    """Equal as JSON values: 1 and 1.0 are the same, 1 and true are not."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def said(value: Any) -> str:
    """The JSON type of a value, for a sentence."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    names: dict[type, str] = {str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), "something else")


def whole(value: Any) -> int | None:
    """A rule's length as a number; form editors save numbers as text too."""
    number = amount(value)
    return None if number is None else int(number)


def amount(value: Any) -> float | None:
    if isinstance(value, bool) or value is None or value == "":
        return None
    if isinstance(value, (int, float)):
        return float(value)
    return number_in(value) if isinstance(value, str) else None


def figure(number: float) -> str:
    """A bound as people write it: 0.01, 200, 1000000."""
    return str(int(number)) if number.is_integer() else str(number)


def number_in(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
