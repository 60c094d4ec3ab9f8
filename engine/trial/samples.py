"""Typed samples: what stands in for a person's answers, a table's result or a start form until there are real ones."""

from __future__ import annotations

from collections import defaultdict
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


class Samples:
    """Samples by dotted path, found by what they are below of."""

    def __init__(self, by_path: Mapping[str, Any]) -> None:
        self._by_path = by_path
        self._below: dict[str, list[str]] = defaultdict(list)
        for path in by_path:
            for end, sign in enumerate(path):
                if sign == ".":
                    self._below[path[:end]].append(path)

    def at(self, home: str) -> Any:
        """Return the sample at a path, or a context of all samples below it; an empty context where there is none."""
        if home in self._by_path:
            return self._by_path[home]
        return _context(home, {path: self._by_path[path] for path in self._below.get(home, ())})


def _context(home: str, samples: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, value in samples.items():
        *way, last = path.removeprefix(f"{home}.").split(".")
        inner = found
        for key in way:
            step = inner.setdefault(key, {})
            inner = step if isinstance(step, dict) else {}
        inner[last] = value
    return found
