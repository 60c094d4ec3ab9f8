"""What a case is judged to be on its way: its level, as the decision of that name gave it (003§2.3.2), and its mark (关键, 疑难:
003§1.1.1), as its diagram sets it with `case.mark`. The case keeps both, and its open tasks carry them, so that lists need not
look at cases; for the same reason every task carries the business and the level of the customer that its case says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.ports import Move
from tasks.cases.outcomes import MARK, passed
from tasks.core import storable
from tasks.deadlines.policies.choosing import chosen_by
from tasks.memo import CaseMemo

STEP = """
    judged AS (
        UPDATE case_file SET level = %(level)s::text, mark = %(mark)s::text WHERE id = %(case_id)s::uuid),
    told AS (
        UPDATE user_task SET level = %(level)s::text, mark = %(mark)s::text
        WHERE case_id = %(case_id)s::uuid AND state IN ('created', 'assigned', 'delegated')
            AND id <> ALL(ARRAY(SELECT unnest(%(ids)s::uuid[])))),"""
"""What is written of a case that is judged anew, with the step that does so: the case, and those of its open tasks that the
step does not end."""

LONGEST = 60
"""Characters of a level."""


def carried(behind: CaseMemo | None) -> dict[str, str | None]:
    """What a new task carries of its case, by column: level, mark, business, customer_level. What a case refers to is read
    through, like everywhere.
    """
    if behind is None:
        return dict.fromkeys(("level", "mark", "business", "customer_level"))
    customer = behind.facts.get("customer")
    return {
        "level": behind.level,
        "mark": behind.mark,
        "business": code(behind.facts.get("business")),
        "customer_level": code(customer.get("level")) if isinstance(customer, Mapping) else None,
    }


def code(said: Any) -> str | None:
    """A code as tasks carry it and are found by it: without spaces around it; None for what is none or cannot be kept."""
    found = said.strip() if isinstance(said, str) else ""
    return found if 0 < len(found) <= LONGEST and storable(found) else None


def judged(move: Move, behind: CaseMemo | None) -> tuple[CaseMemo | None, list[str]]:
    """The case as a move leaves it, and the sentences about what is no mark. The level is what the newest task's scope knows of
    it; where it knows none, and where nothing is marked, all stays as it was.
    """
    if behind is None:
        return None, []
    level = behind.level
    for activity in move.entered:
        known = chosen_by(activity.variables)["level"]
        if known and len(known) <= LONGEST and storable(known):
            level = known
    mark, problems = passed(move, MARK)
    return replace(behind, level=level, mark=mark or behind.mark), problems
