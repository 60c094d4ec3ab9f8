"""Who has the work that a stage's clock runs for, asked of the court's rows: nothing is written when an order moves on.

A stage is held by whoever has the oldest of its own open tasks; between two of them by whoever had the last. Assistants 协办
have clocks of their own and never hold it (domain §1.14 #24): it stays with whoever asked them. Whom its figure goes to is
asked of one instant, by the same rule as every minute (`court.attributing`): a fault is fixed where it was made (domain §1.14 #33),
so who has handed the order on in time is not late with it, who gets it too late neither, and who has refused it has it still
until the next holder does.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import LateralFromClause

from engine.db import Statement

_INSIDE = "h.case_id = {clock}.case_id AND {clock}.token_id = ANY(h.inside) AND NOT h.assisting"

HELD = f"""SELECT held.holder, coalesce(refuser.unit, held.unit) AS unit
  FROM (SELECT h.task_id, h.holder, h.unit, h.outcome
        FROM holding h
        CROSS JOIN LATERAL (
          SELECT CASE WHEN {{clock}}.stopped_at IS NULL THEN 'infinity'
                      ELSE least({{clock}}.stopped_at, {{clock}}.due_at) END) AS asked (at)
        CROSS JOIN LATERAL (
          SELECT CASE WHEN h.to_at IS NULL OR h.to_at >= asked.at
                      THEN (SELECT min(turn.from_at) FROM holding turn WHERE turn.task_id = h.task_id) END) AS open (since)
        WHERE {_INSIDE} AND h.from_at < asked.at
        ORDER BY open.since, CASE WHEN open.since IS NOT NULL THEN h.task_id END,
                 h.to_at DESC, h.from_at DESC, h.task_id DESC
        LIMIT 1) AS held
  LEFT JOIN LATERAL (
        SELECT h.unit
        FROM holding h
        CROSS JOIN LATERAL (
          SELECT f.task_id, f.holder, f.activity_id
          FROM holding f
          WHERE f.case_id = h.case_id AND {{clock}}.token_id = ANY(f.inside) AND NOT f.assisting
            AND f.from_at >= h.to_at AND f.task_id <> h.task_id
          ORDER BY f.from_at, f.task_id LIMIT 1) AS following
        WHERE {_INSIDE} AND h.outcome = 'refused' AND following.task_id = held.task_id
          AND split_part(following.holder, '@', 1) <> split_part(h.holder, '@', 1)
          AND following.activity_id <> h.activity_id
        ORDER BY h.to_at DESC, h.from_at DESC, h.task_id DESC LIMIT 1) AS refuser ON held.outcome <> 'refused'
  WHERE {{clock}}.kind = 'stage'
    AND NOT EXISTS (SELECT FROM clock_policy p WHERE p.id = {{clock}}.policy_id AND p.promised)"""
"""SQL, with the name of a row of `clock` to be put in for `clock`: `holder`, the candidate group that has the work, and `unit`,
the path it counts for; no row where the clock itself says it (of a case, of a task, of a stage that stands for the whole case
and is promised, and before anybody has had any of it).

Of a running clock: now. Of one that has stopped: until then, or until it was due where that came first.
"""


_HOLDER = Statement(
    f"SELECT held.holder FROM clock c CROSS JOIN LATERAL ({HELD.format(clock='c')}) AS held WHERE c.id = %(clock_id)s"
)

_OPEN = sa.text(
    "SELECT task_id FROM holding WHERE case_id = CAST(:case_id AS uuid) AND CAST(:token_id AS uuid) = ANY(inside)"
    " AND NOT assisting AND to_at IS NULL"
)


def held() -> LateralFromClause:
    """HELD beside `clock` in a SELECT of it, to be joined outside ON true: columns `holder` and `unit`."""
    return sa.text(HELD.format(clock="clock")).columns(holder=sa.Text(), unit=sa.Text()).lateral("held")


def in_stage(clock: Any) -> sa.Select[Any]:
    """The ids of the open user tasks, not assisting, that are a part of a stage (its clock, a row)."""
    found: sa.Select[Any] = sa.select(sa.column("task_id", sa.Uuid)).select_from(
        _OPEN.bindparams(case_id=clock.case_id, token_id=clock.token_id)
        .columns(task_id=sa.Uuid())
        .subquery("own")
    )
    return found


def holder_of(session: Session, clock_id: UUID) -> str:
    """The candidate group that has the work of a stage's clock; empty where HELD has no row. One statement."""
    found = _HOLDER.one(session, {"clock_id": clock_id})
    return found.holder if found else ""
