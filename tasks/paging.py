"""Keyset paging: a page, and an opaque cursor that says after which row the next one begins."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from engine.errors import InvalidInput

LARGEST_PAGE = 200
PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """items, and the cursor of the next page or None when this is the last."""

    items: Sequence[Any]
    next_cursor: str | None


def page_of(rows: Sequence[Any], limit: int, key: Callable[[Any], tuple[datetime, UUID]]) -> Page:
    """Cut `rows` (one more than `limit` was asked for) to a page; `key` gives a row's sort instant and id."""
    if len(rows) <= limit:
        return Page(rows, None)
    instant, row_id = key(rows[limit - 1])
    return Page(rows[:limit], cursor_of(instant.isoformat(), str(row_id)))


def read_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The sort instant and id a cursor stands for; raises InvalidInput when it is not one of ours."""
    found = parts_of(cursor, datetime, UUID)
    return (found[0], found[1]) if found else None


def cursor_of(*parts: str | int) -> str:
    """The cursor of the row whose sort key has these parts; instants and ids as text."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def parts_of(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The parts of the sort key a cursor stands for, each of its kind (datetime, UUID, str, int); None without one.

    Raises InvalidInput when it is not one of ours.
    """
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = orjson.loads(base64.urlsafe_b64decode(padded.encode("ascii", "strict")))
        return tuple(_part(kind, part) for kind, part in zip(kinds, found, strict=True))
    except (ValueError, TypeError, AttributeError):
        raise InvalidInput(
            f"The cursor {cursor[:60]!r} was sent; it is not one this list has given."
        ) from None


def _part(kind: type, part: Any) -> Any:
    if kind is datetime:
        at = datetime.fromisoformat(part)
        if at.tzinfo is None:
            raise ValueError(part)
        return at
    if kind is UUID:
        return UUID(part)
    number = isinstance(part, int) and 0 <= part < 1 << 63
    if type(part) is not kind or not (number or (isinstance(part, str) and "\x00" not in part)):
        raise ValueError(part)
    return part
