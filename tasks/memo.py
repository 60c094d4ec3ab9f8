"""What one transaction remembers, so that nothing is read twice on the way through the layers.

The engine calls upwards (facts, listener) in the same transaction that a verb of this package started; the
memo is how the verb's reading reaches them. It hangs on the session and lives exactly as long as the
transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass
class Memo:
    """revision: the office revision read with the caller. cases: what is known of a case, by number; None where a
    process runs without one.

    answers: the checked answers of the task being completed. completed_for: somebody absent for whom a task is completed.
    refused: those of the tasks whose completion refuses the
    work. entered: the user task rows this transaction
    made. audit: what was done and is still to be written (`tasks.audit.recording.Entry`). heads: ends of chains
    that were read on the way, unlocked (`tasks.audit.writing.remember_head`).
    office_changed: this transaction changed the organisation; office: its own snapshot of what it made.
    limits: what timers were answered of clocks, by instance (`tasks.deadlines.clocks.around.Limits`).
    """

    revision: int | None = None
    cases: dict[str, CaseMemo | None] = field(default_factory=dict)
    answers: dict[UUID, Mapping[str, Any]] = field(default_factory=dict)
    completed_for: dict[UUID, UUID] = field(default_factory=dict)
    refused: set[UUID | None] = field(default_factory=set)
    entered: list[dict[str, Any]] = field(default_factory=list)
    audit: list[Any] = field(default_factory=list)
    heads: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    office_changed: bool = False
    office: Any = None
    limits: dict[UUID, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stood:
    """One time a case waited for somebody outside: for what reasons, from when to when."""

    reasons: tuple[str, ...]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class CaseMemo:
    """The case behind a business key: its id, what expressions see of it, and the paths that touched it; for its clocks
    where and when it was filed, the instance that runs it (None while it is filed), and since when and why it waits for
    somebody outside, and what it has waited before. leads: it is a master, and has not released the cases below it. level, mark:
    None where it has none.
    """

    id: UUID
    facts: Mapping[str, Any]
    paths: tuple[str, ...]
    org_path: str
    filed_at: datetime
    instance_id: UUID | None
    paused_at: datetime | None = None
    paused_by: tuple[str, ...] = ()
    stood_still: tuple[Stood, ...] = ()
    leads: bool = False
    level: str | None = None
    mark: str | None = None


def memo(session: Session) -> Memo:
    """The memo of the session's current transaction; a new one when the last transaction has ended."""
    transaction = session.get_transaction() or session.begin()
    held = session.info.get("redress.memo")
    if held is None or held[0] is not transaction:
        held = (transaction, Memo())
        session.info["redress.memo"] = held
    found: Memo = held[1]
    return found
