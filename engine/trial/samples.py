"""Typed samples: what stands in for a person's answers, a table's result or a start form until there are real ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Protocol

_BY_KIND: dict[str, Any] = {
    "string": "sample",
    "number": 1,
    "boolean": True,
    "list": ["sample"],
    "context": {},
    "date": "2026-03-02",
    "time": "09:00:00",
    "date and time": "2026-03-02T09:00:00+08:00",
    "days and time duration": "P1D",
    "years and months duration": "P1M",
}


class Typed(Protocol):
    """What is known of a value: its kind as FEEL calls it, and the only values it can have."""

    @property
    def kind(self) -> str: ...

    @property
    def options(self) -> tuple[Any, ...]: ...


def samples_of(shapes: Mapping[str, Typed]) -> dict[str, Any]:
    """Return a JSON-ready sample for every path: the first of its options, or a value of its kind."""
    return {
        path: plain(shape.options[0]) if shape.options else _BY_KIND.get(shape.kind)
        for path, shape in shapes.items()
    }


def plain(value: Any) -> Any:
    """Return an option as JSON knows it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def below(samples: Mapping[str, Any], home: str) -> Any:
    """Return the sample at a path, or a context of all samples below it; an empty context where there is none."""
    if home in samples:
        return samples[home]
    found: dict[str, Any] = {}
    for path, value in samples.items():
        if not path.startswith(f"{home}."):
            continue
        *way, last = path.removeprefix(f"{home}.").split(".")
        inner = found
        for key in way:
            step = inner.setdefault(key, {})
            inner = step if isinstance(step, dict) else {}
        inner[last] = value
    return found
