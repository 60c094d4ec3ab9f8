"""The worker moves all instances of a version, batch by batch: `tasks.processes.moving.batches`.

Each instance is moved, or written down as left, in one transaction with how far the migration is. Killed anywhere, the job goes
on after the last instance that was committed: nothing is moved twice, and nothing is forgotten.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from engine import jobs

MOVE = "redress.move_instances"
"""The name of the job: stored data."""
BATCH = 50
"""Instances one job moves before it defers the next, so that other work gets its turn."""


def begin(session: Session, migration_id: UUID) -> None:
    """Have the worker begin, or go on, with a migration."""
    jobs.defer(session, MOVE, {"migration_id": str(migration_id)}, lock=f"{MOVE}.{migration_id}")
