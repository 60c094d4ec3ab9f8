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
    text = orjson.dumps([instant.isoformat(), str(row_id)])
    return Page(rows[:limit], base64.urlsafe_b64encode(text).decode().rstrip("="))


def read_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The sort instant and id a cursor stands for; raises InvalidInput when it is not one of ours."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        instant, row_id = orjson.loads(base64.urlsafe_b64decode(padded.encode("ascii", "strict")))
        at = datetime.fromisoformat(instant)
        if at.tzinfo is None:
            raise ValueError(instant)
        return at, UUID(row_id)
    except (ValueError, TypeError, AttributeError):
        raise InvalidInput(
            f"The cursor {cursor[:60]!r} was sent; it is not one this list has given."
        ) from None
