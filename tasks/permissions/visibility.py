"""Who sees which file: the units that touched it and everybody above them. For others it does not exist.

A confidential file shrinks to those who have it in their hands (who filed it, whose unit's work it is or was) and to
those of the same reach who may read confidential files at all (`case.read_confidential`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from tasks.cases.tables import Case
from tasks.core import table
from tasks.organisation.tree import upwards
from tasks.people.caller import Caller
from tasks.permissions.matrix import may


def with_superiors(paths: Iterable[str]) -> set[str]:
    """The paths themselves and every path above them: `/hq/henan/` gives `/hq/` too."""
    return {above for path in paths for above in upwards(path)}


def sees(caller: Caller, case: Any) -> bool:
    """Whether the caller may see a case by its units: a row with `paths` (superiors included), `confidential` and
    `filed_by`.
    """
    if set(caller.standing.reach).isdisjoint(case.paths or ()):
        return False
    return not case.confidential or may(caller, "case.read_confidential") or case.filed_by == caller.id


def visible_to(caller: Caller) -> sa.ColumnElement[bool]:
    """The same as a condition on `case_file`."""
    case = table(Case).c
    touched: sa.ColumnElement[bool] = case.paths.overlap(list(caller.standing.reach))
    if may(caller, "case.read_confidential"):
        return touched
    return sa.and_(touched, sa.or_(sa.not_(case.confidential), case.filed_by == caller.id))
