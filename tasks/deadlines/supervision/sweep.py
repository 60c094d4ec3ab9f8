"""What the worker looks for at every sweep: clocks whose next rung has come, and supervision whose reason is gone."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from engine import jobs
from engine.db import Statement
from engine.instance import ACTIVE, SUSPENDED

RING, RINGS, END = "redress.ring_clock", "redress.ring_clocks", "redress.end_supervision"
PRESS = "redress.supervise"
"""Jobs: ring one rung of a clock; several; end a supervision instance; open one because somebody presses. Stored data."""

FORGOTTEN = timedelta(hours=1)
"""What has been queued for so long was given up by its job, and is queued again."""

SWEPT_AT_ONCE = 500
"""How much one sweep takes at most."""

# As in `engine.timers`: LIMIT is written out, and what is due is found before anything is joined to it.
_CLOCKS = Statement(
    f"""UPDATE clock SET queued_at = %(now)s
        WHERE id = ANY(ARRAY(
            SELECT id FROM clock WHERE next_at <= %(now)s AND next_at IS NOT NULL AND queued_at IS NULL
            ORDER BY next_at LIMIT {SWEPT_AT_ONCE} FOR UPDATE SKIP LOCKED))
        RETURNING id, revision, next_rung, instance_id, next_at"""
)
_SUPERVISION = Statement(
    f"""UPDATE supervision SET queued_at = %(now)s
        WHERE instance_id = ANY(ARRAY(
            SELECT s.instance_id FROM supervision s
            WHERE s.closed_at IS NULL AND s.queued_at IS NULL AND CASE WHEN s.clock_id IS NULL
                THEN EXISTS (SELECT FROM case_file f WHERE f.id = s.case_id AND f.outcome IS NOT NULL)
                    OR (SELECT bool_and(c.stopped_at IS NOT NULL) FROM clock c
                        WHERE c.case_id = s.case_id AND c.instance_id = s.about_id AND c.kind = 'case'
                          AND (c.stopped_at IS NULL OR c.stopped_at >= s.opened_at))
                    OR (SELECT i.status <> ALL(%(open)s) FROM process_instance i WHERE i.id = s.about_id)
                ELSE (SELECT c.stopped_at IS NOT NULL FROM clock c WHERE c.id = s.clock_id) END
            LIMIT {SWEPT_AT_ONCE} FOR UPDATE OF s SKIP LOCKED))
        RETURNING instance_id""",
    {"open": [ACTIVE, SUSPENDED]},
)


def sweep_clocks(session: Session, now: datetime) -> int:
    """Turn clocks whose next rung has come into jobs, the earliest first, at most SWEPT_AT_ONCE; return how many.

    Rows another sweep holds are skipped, and all while very many such jobs wait.
    """
    if jobs.many_wait(session, RING, RINGS):
        return 0
    rows = _CLOCKS.all(session, {"now": now})
    return jobs.defer_due(
        session,
        RING,
        RINGS,
        [
            ({"clock_id": str(row.id), "revision": row.revision, "rung": row.next_rung}, row.instance_id)
            for row in sorted(rows, key=lambda row: (row.next_at, row.id))
        ],
    )


def sweep_supervision(session: Session, now: datetime) -> int:
    """Have jobs end the supervision whose clock has stopped, or, where somebody pressed, whose case has an outcome, or has kept
    or missed the limits that ran for it as a whole (the customer has the answer), or is over; at most SWEPT_AT_ONCE. Return
    how many.
    """
    rows = _SUPERVISION.all(session, {"now": now})
    return jobs.defer_many(
        session,
        (jobs.Item(END, {"instance_id": str(row.instance_id)}, lock=f"i:{row.instance_id}") for row in rows),
    )


_LOST_CLOCKS = Statement(
    f"""UPDATE clock SET queued_at = NULL
        WHERE id = ANY(ARRAY(
            SELECT id FROM clock
            WHERE queued_at <= %(before)s AND queued_at IS NOT NULL AND NOT EXISTS (
                SELECT FROM procrastinate_jobs AS job WHERE job.status IN ('todo', 'doing') AND (
                    job.task_name = '{RING}' AND job.args ->> 'clock_id' = clock.id::text
                    OR job.task_name = '{RINGS}'
                        AND job.args -> 'items' @> jsonb_build_array(jsonb_build_object('clock_id', clock.id::text))))
            FOR UPDATE SKIP LOCKED))
        RETURNING id"""
)
_LOST_SUPERVISION = Statement(
    f"""UPDATE supervision SET queued_at = NULL
        WHERE instance_id = ANY(ARRAY(
            SELECT instance_id FROM supervision
            WHERE queued_at <= %(before)s AND closed_at IS NULL AND NOT EXISTS (
                SELECT FROM procrastinate_jobs AS job WHERE job.status IN ('todo', 'doing')
                AND job.task_name = '{END}' AND job.args ->> 'instance_id' = supervision.instance_id::text)
            FOR UPDATE SKIP LOCKED))
        RETURNING instance_id"""
)


def queue_again(session: Session, now: datetime) -> int:
    """Give back to the sweeps what was queued long ago and has no job any more that could still do it: a rung is late then,
    and never lost. Returns how much.
    """
    before = {"before": now - FORGOTTEN}
    return len(_LOST_CLOCKS.all(session, before)) + len(_LOST_SUPERVISION.all(session, before))
