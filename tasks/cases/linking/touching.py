"""Which units see a case besides those above them: the one place that writes `case_file.paths` of cases that move."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from engine.db import Statement
from tasks.organisation.tree import EXTERNAL_KINDS

CONTINUING = frozenset({"upgraded_from", "prior", "merged_into"})
"""Kinds of links whose later case is handled with the earlier one in hand (also written out in the function `touch_case`)."""

_TOUCH = Statement(
    "SELECT touch_case(%(case_id)s, %(units)s::text[], %(outside)s)", {"outside": sorted(EXTERNAL_KINDS)}
)
"""Adds to what is there now: another step of the case, or a unit that moves, may have written since it was read."""


def touch_case(session: Session, case_id: UUID, units: Iterable[str]) -> None:
    """Let units (paths) see a case from now on, and, but for bodies outside, the earlier cases it continues: the one it
    refers to, those it was upgraded from, follows (`prior`) or was merged into, theirs as well, none of them confidential. Put off to the next
    statement or the COMMIT.
    """
    _TOUCH.later(session, {"case_id": case_id, "units": sorted(units)})


_OF_LATER = Statement(
    """WITH RECURSIVE later (case_id, id) AS (
           SELECT c.id, c.id FROM case_file c WHERE c.id = ANY(%(cases)s) AND NOT c.confidential
           UNION
           SELECT later.case_id, next.id
           FROM later CROSS JOIN LATERAL (
               SELECT l.from_id FROM case_link l WHERE l.to_id = later.id AND l.kind = ANY(%(kinds)s)
               UNION ALL SELECT c.id FROM case_file c WHERE c.refers_to = later.id) AS next (id))
       SELECT DISTINCT later.case_id, seen AS path
       FROM later JOIN case_file c ON c.id = later.id, unnest(c.paths) AS seen
       WHERE later.id <> later.case_id AND NOT EXISTS (
           SELECT FROM org_unit u WHERE u.kind = ANY(%(outside)s) AND starts_with(seen, u.path))""",
    {"kinds": sorted(CONTINUING), "outside": sorted(EXTERNAL_KINDS)},
)


def units_of_later(session: Session, cases: Collection[UUID]) -> dict[UUID, set[str]]:
    """The units (paths, as they are written) that see each of the cases because they see a later one that continues it."""
    found: dict[UUID, set[str]] = {}
    for row in _OF_LATER.all(session, {"cases": list(cases)}):
        found.setdefault(row.case_id, set()).add(row.path)
    return found
