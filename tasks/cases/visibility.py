"""Who sees which file: the units that touched it and everybody above them. For others it does not exist."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tasks.cases.tables import Case
from tasks.core import table
from tasks.people.caller import Caller


def with_superiors(paths: Iterable[str]) -> set[str]:
    """The paths themselves and every path above them: `/hq/henan/` gives `/hq/` too."""
    found: set[str] = set()
    for path in paths:
        parts = path.strip("/").split("/")
        found.update(
            "/" + "".join(f"{part}/" for part in parts[:depth]) for depth in range(1, len(parts) + 1)
        )
    return found


def sees(caller: Caller, paths: Iterable[str]) -> bool:
    """Whether the caller may see a case touched by `paths` (already with superiors)."""
    return sees_all(caller) or not set(caller.standing.paths).isdisjoint(paths)


def sees_all(caller: Caller) -> bool:
    """Headquarters and operators."""
    return bool(caller.roles & {"headquarters", "operator"})


def visible_to(caller: Caller) -> sa.ColumnElement[bool]:
    """The same as a condition on `case_file`."""
    if sees_all(caller):
        return sa.true()
    touched: sa.ColumnElement[bool] = table(Case).c.paths.overlap(list(caller.standing.paths))
    return touched
