"""Writes the ball-in-court ledger: with the rows of user tasks, in the same statement, whatever moves them.

A task's holdings change only where its row is locked or made, so that the two never disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.deadlines.court.tables import DONE, REFUSED, REROUTED
from tasks.organisation.assigning.routing import PERSON, group_path
from tasks.organisation.office import Office

ASSISTING = "ball.assisting"
"""Property of a user task: `true` for 协办."""

STEP = """
    closed AS (
        UPDATE holding SET to_at = %(at)s,
            outcome = CASE WHEN task_id = %(done)s::uuid THEN %(outcome)s ELSE 'cancelled' END
        WHERE task_id = ANY(ARRAY(SELECT id FROM finished)) AND to_at IS NULL),
    opened AS (
        INSERT INTO holding SELECT * FROM jsonb_populate_recordset(NULL::holding, %(holdings)s::jsonb))"""
"""What a step of a process does to holdings, beside `finished`, which gives the ids of the user tasks it ended. It reads
them from there, so that a task's row is locked before its holdings."""

_REROUTE = sa.text(
    """WITH closed AS (
         UPDATE holding h SET to_at = :at, outcome = :outcome
         FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, holder text, unit text)
         WHERE h.task_id = r.id AND h.to_at IS NULL AND (h.holder, h.unit) <> (r.holder, r.unit)
         RETURNING h.*, r.holder AS new_holder, r.unit AS new_unit)
       INSERT INTO holding (task_id, turn, case_id, number, instance_id, activity_id, name, holder, unit, assisting,
                            from_at, to_at, outcome, inside)
       SELECT task_id, turn + 1, case_id, number, instance_id, activity_id, name, new_holder, new_unit, assisting,
              CAST(:at AS timestamptz), NULL, '', inside
       FROM closed"""
)


def outcome_of(refused: bool) -> str:
    """What a completed task's holding ends with."""
    return REFUSED if refused else DONE


def opened(row: Mapping[str, Any], unit: str, inside: Sequence[UUID]) -> dict[str, Any]:
    """The holding that begins with a user task: a row of `holding`. unit: from `unit_of`; inside: the tokens around it."""
    return {
        "task_id": row["id"],
        "turn": 1,
        "case_id": row["case_id"],
        "number": row["business_key"],
        "instance_id": row["instance_id"],
        "activity_id": row["activity_id"],
        "name": row["name"],
        "holder": row["candidate_group"],
        "unit": unit,
        "assisting": str(row["properties"].get(ASSISTING, "")).lower() == "true",
        "from_at": row["created_at"],
        "to_at": None,
        "outcome": "",
        "inside": inside,
    }


def unit_of(session: Session, office: Office, holder: str, people: Mapping[str, UUID]) -> str:
    """The path of the unit of a candidate group. people: ids by login of those whom groups of one name.

    Reads somebody's seats once per process, revision and day.
    """
    role, _, login = holder.partition("@")
    if role != PERSON:
        return group_path(holder) or ""
    person = people.get(login)
    paths = office.standing(session, person, login).paths if person else ()
    return paths[0] if paths else ""


def reroute_holdings(session: Session, rows: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Close the holdings of tasks whose holder has changed and open those of the new ones. At most one statement.

    rows: `id` of locked tasks with `holder` and `unit`. What stays where it is stays one holding; where only the unit has
    moved, it goes on under the new path as the next turn.
    """
    if rows:
        session.execute(_REROUTE, {"rows": orjson.dumps(rows).decode(), "at": at, "outcome": REROUTED})
