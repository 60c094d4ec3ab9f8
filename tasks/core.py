"""Plain tables for plain statements: the hot path writes rows without the ORM's bookkeeping."""

from __future__ import annotations

from typing import cast

import sqlalchemy as sa

from engine.db import Base


def table(model: type[Base]) -> sa.Table:
    """The Table behind a mapped class."""
    return cast(sa.Table, model.__table__)
