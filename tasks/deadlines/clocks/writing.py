"""What begins and what stops is written in one statement that travels with the commit.

It is made of the parts the move needs, and each combination is made once: PostgreSQL starts and plans every part of a
statement, whether it has anything to do or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from engine.db import Statement
from tasks.deadlines.clocks.beginning import Begun, Ground
from tasks.deadlines.clocks.tables import UNASSIGNED
from tasks.user_task import NEVER

_STOP = """stopping AS (
    SELECT c.id, c.kind, c.code, c.token_id, c.paused_at, {reason} AS reason,
           CASE WHEN c.paused_at IS NULL THEN c.due_at ELSE (
               SELECT CASE WHEN r.due_at > c.paused_at THEN r.due_at + (%(at)s - c.paused_at) ELSE r.due_at END
               FROM clock_revision r WHERE r.clock_id = c.id AND r.due_at IS NOT NULL
               ORDER BY r.revision DESC LIMIT 1) END AS due_at
    FROM clock c WHERE coalesce(c.stopped_at, 'infinity') = 'infinity' AND {which} ORDER BY c.id FOR UPDATE),
  stopped AS (
    UPDATE clock c SET stopped_at = %(at)s, stop_reason = s.reason, due_at = s.due_at, paused_at = NULL,
           pause_reason = '', next_rung = NULL, queued_at = NULL,
           next_at = CASE WHEN s.paused_at IS NOT NULL THEN %(at)s::timestamptz END
    FROM stopping s WHERE c.id = s.id),
  closed AS (
    UPDATE clock_pause p SET to_at = greatest(%(at)s, p.from_at), ended_by = 'system'
    FROM stopping s WHERE p.clock_id = s.id AND p.to_at IS NULL),
  without AS (
    UPDATE user_task t SET due_at = CASE WHEN {from_open} THEN NULL ELSE s.due_at END,
           warn_at = CASE WHEN {from_open} THEN NULL ELSE t.warn_at END, paused_at = NULL,
           sort_at = CASE WHEN {from_open} THEN %(never)s ELSE t.sort_at END
    FROM stopping s WHERE s.kind = 'task' AND t.id = s.token_id AND s.code <> %(unassigned)s
      AND ({from_open} AND t.state IN ('created', 'assigned', 'delegated') OR s.paused_at IS NOT NULL))"""
"""Stops clocks. One that stood still is stopped with the due instant it would have had if it had gone on just then, counted
in natural time, and is left to the sweep, whose job counts it in its own unit (`recounting.settle`): a statement that travels
with a commit knows no calendar. from_open: which of them are taken from work that goes on; then that is due at no instant.

Asked whether a clock is stopped with `coalesce`, so that without statistics no plan walks the index of all running clocks.
"""

_OF_TOKENS = _STOP.format(
    reason="CASE WHEN c.token_id = ANY(%(done)s::uuid[]) THEN 'done' ELSE 'cancelled' END",
    which="""c.instance_id = %(instance_id)s AND c.stopped_at IS NULL
      AND c.token_id = ANY(ARRAY(SELECT unnest(%(done)s::uuid[] || %(gone)s::uuid[])))""",
    from_open="false",
)
"""What stands on tokens that are gone. Asked of a subquery's array, because for one of known length PostgreSQL would plan the
statement anew each time, which costs more than the statement.
"""

_OF_MORE = """given AS MATERIALIZED (
    SELECT %(done)s::uuid[] || %(gone)s::uuid[] AS tokens, %(codes)s::text[] AS codes, %(ended)s::text AS ended),
  """ + _STOP.format(
    reason="""CASE WHEN c.token_id = c.instance_id AND %(ended)s::text <> '' THEN %(ended)s::text
            WHEN c.token_id = ANY(%(done)s::uuid[]) THEN 'done'
            WHEN c.token_id = ANY(%(gone)s::uuid[]) THEN 'cancelled'
            WHEN c.code = ANY(%(codes)s::text[]) THEN 'passed' ELSE %(ended)s::text END""",
    which="""c.id = ANY(ARRAY(
        SELECT id FROM clock WHERE instance_id = %(instance_id)s AND stopped_at IS NULL
          AND (token_id = ANY((SELECT given.tokens FROM given)::uuid[])
               OR code = ANY((SELECT given.codes FROM given)::text[]) OR (SELECT given.ended FROM given) <> '')
        UNION ALL
        SELECT id FROM clock
        WHERE case_id = %(case_id)s::uuid AND code = ANY((SELECT given.codes FROM given)::text[])))""",
    from_open="s.reason = 'passed'",
)
"""The same with whatever a stop in the diagram, or the end of the process, stops besides; `given` for the same reason. case_id
is only given with codes, and with an outcome.
"""

_OF_ALL = _STOP.format(
    reason="""CASE WHEN c.token_id = ANY(%(done)s::uuid[]) AND c.token_id <> c.instance_id THEN 'done'
            ELSE %(outcome)s::text END""",
    which="""c.id = ANY(ARRAY(
        SELECT id FROM clock WHERE instance_id = %(instance_id)s AND stopped_at IS NULL
        UNION ALL
        SELECT id FROM clock WHERE case_id = %(case_id)s::uuid AND stopped_at IS NULL))""",
    from_open="NOT s.token_id = ANY(%(done)s::uuid[] || %(gone)s::uuid[])",
)
"""All running clocks of the case and of the instance, because the case has turned out: what was done is done, all else ends with
the outcome.
"""

_TURNED_OUT = """turned_out AS (UPDATE case_file SET outcome = %(outcome)s,
        paused_at = CASE WHEN %(ended)s::text = '' OR instance_id <> %(instance_id)s THEN paused_at END,
        pause_reason = CASE WHEN %(ended)s::text = '' OR instance_id <> %(instance_id)s THEN pause_reason ELSE '' END,
        paused_by = CASE WHEN %(ended)s::text = '' OR instance_id <> %(instance_id)s THEN paused_by ELSE '{}' END
    WHERE id = %(case_id)s::uuid)"""
"""Also what the next part writes: a statement changes a row once."""

_WAITS_NO_MORE = """waits_no_more AS (UPDATE case_file SET paused_at = NULL, pause_reason = '', paused_by = '{}'
    WHERE instance_id = %(instance_id)s AND paused_at IS NOT NULL)"""

_CONSTANTS = {"never": NEVER, "unassigned": UNASSIGNED}

_TAKEN = Statement(
    "WITH "
    + _STOP.format(
        reason="'claim'",
        which="c.token_id = ANY(ARRAY(SELECT unnest(%(tasks)s::uuid[]))) AND c.kind = 'task' AND c.stops_on = 'claim'",
        from_open="false",
    )
    + " SELECT 1",
    _CONSTANTS,
)
_CLOSED = Statement(
    "WITH "
    + _STOP.format(reason="'archived'", which="c.case_id = %(case_id)s", from_open="false")
    + " SELECT 1",
    _CONSTANTS,
)


@cache
def _writing(stops: str, written: tuple[str, ...]) -> Statement:
    """The statement that stops clocks (one of the texts above, or none) and inserts into the tables that are `written`."""
    parts = [stops] if stops else []
    parts += [f"into_{table} AS (INSERT INTO {_rows(table)})" for table in written[1:]]
    last = f"INSERT INTO {_rows(written[0])}" if written else "SELECT 1"
    return Statement(f"WITH {', '.join(parts)} {last}" if parts else last, _CONSTANTS)


def _rows(table: str) -> str:
    return f"{table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %({table})s::jsonb)"


def taken(session: Session, tasks: Sequence[UUID], at: datetime) -> None:
    """Somebody has taken the tasks: their clocks that measure just that stop. One statement, sent with the next one or with
    the commit.
    """
    _TAKEN.later(session, {"tasks": list(tasks), "at": at})


def archived(session: Session, case_id: UUID, at: datetime) -> None:
    """A case is archived: whatever of its clocks is still open stops."""
    _CLOSED.later(session, {"case_id": case_id, "at": at})


def send(
    session: Session,
    ground: Ground,
    begun: Sequence[Begun],
    *,
    done: Sequence[UUID] = (),
    gone: Sequence[UUID] = (),
    codes: Sequence[str] = (),
    ended: str = "",
    outcome: str = "",
) -> None:
    """Write what begins, and stop the clocks of the tokens that are done or gone, of the codes, all of the instance where it
    has `ended`, and all of the case where it has an `outcome`, which the file keeps. One statement, sent with the next one or with the commit; none where there is nothing.
    """
    rows = {
        "clock": [each.row for each in begun],
        "clock_pause": [row for each in begun for row in each.pauses],
        "clock_revision": [row for each in begun for row in each.revisions],
        "clock_promise": [row for each in begun for row in each.promises],
    }
    written = {table: _json(given) for table, given in rows.items() if given}
    if outcome:
        stops = f"{_OF_ALL}, {_TURNED_OUT}"
    elif codes or ended:
        stops = f"{_OF_MORE}, {_WAITS_NO_MORE}" if ended else _OF_MORE
    else:
        stops = _OF_TOKENS if done or gone else ""
    if not (stops or written):
        return
    _writing(stops, tuple(written)).later(
        session,
        {
            "instance_id": ground.instance_id,
            "case_id": ground.behind.id if ground.behind and (codes or outcome) else None,
            "at": ground.at,
            "done": list(dict.fromkeys(done)),
            "gone": list(dict.fromkeys(gone)),
            "codes": list(codes),
            "ended": ended,
            "outcome": outcome,
            **written,
        },
    )


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows, default=str).decode()
