"""Digests stand in the trail for what people wrote: they prove what it was without repeating it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson

_LEAST, _BEYOND = -(2**63), 2**64
"""The whole numbers that are read back from JSON as whole numbers."""


def digest(value: Any) -> str:
    """Return SHA-256, in hexadecimal, of plain JSON data; the same before it is stored as `jsonb` and after.

    PostgreSQL keeps neither the order of members nor the difference between 1.0 and 1, so neither counts here. Whole
    numbers beyond 64 bits come back from it as floating-point numbers, and are taken as such from the beginning.
    """
    return sha256(orjson.dumps(_same_number(value), option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


def given(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the trail keeps of answers, facts, variables or a payload: the names of what has a value, and a
    digest of it all.
    """
    return {
        "fields": sorted(name for name in answers if answers[name] is not None),
        "digest": digest(answers),
    }


def _same_number(value: Any) -> Any:
    if isinstance(value, float):
        # What is stored: above 2**53 another whole number than the float itself is.
        return _within(int(Decimal(repr(value)))) if value.is_integer() else value
    if isinstance(value, int):
        return _within(value)
    if isinstance(value, Mapping):
        return {key: _same_number(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_same_number(item) for item in value]
    return value


def _within(whole: int) -> int | float:
    return whole if _LEAST <= whole < _BEYOND else float(whole)
