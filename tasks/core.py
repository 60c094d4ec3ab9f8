"""Plain tables for plain statements, and which texts and values can be stored and read."""

from __future__ import annotations

import unicodedata
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.db import Base

TextList = ARRAY(sa.Text())
Instant = sa.DateTime(timezone=True)

DEEPEST = 100
"""How often objects and lists stand in each other at most: orjson writes no more than 254, and what is kept stands in others."""


def table(model: type[Base]) -> sa.Table:
    """The Table behind a mapped class: the hot path writes rows without the ORM's bookkeeping."""
    return cast(sa.Table, model.__table__)


def storable(*texts: str | None) -> bool:
    """Whether PostgreSQL can take the texts: no NUL character and nothing that is not Unicode."""
    return all(text is None or _encodes(text) for text in texts)


def legible(text: str) -> bool:
    """Whether some of a text can be read, and none of it steers a terminal or the direction of reading."""
    kinds = {unicodedata.category(each) for each in text}
    return not kinds & {"Cc", "Cf", "Cs", "Co"} and any(each[0] in "LN" for each in kinds)


def _encodes(text: str) -> bool:
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False


def too_deep(value: Any) -> bool:
    """Whether objects and lists stand in each other more than DEEPEST times."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True
