"""Drafts: what somebody has filled in of a task's form and not sent yet, kept for them on the server until it is over.

A draft is shown to nobody but whoever wrote it, and is gone when the task is completed or cancelled (`tasks.listener`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, WrongState
from tasks.audit.digests import given
from tasks.core import table
from tasks.deps import Deps
from tasks.desk.eligible import refuse_barred
from tasks.desk.seeing import is_theirs, not_theirs, noted, refuse_unless_possible, seen
from tasks.desk.tables import TaskDraft
from tasks.people.caller import Caller
from tasks.permissions.matrix import require

LARGEST = 262_144
"""Bytes of a draft as JSON."""

_DRAFT = table(TaskDraft)
_FIRST = sa.text(
    """INSERT INTO task_draft (task_id, person_id, answers, revision, at)
       SELECT t.id, :by, CAST(:answers AS jsonb), 1, :at FROM user_task t
       WHERE t.id = :task_id AND t.assignee_id = :by AND t.state IN ('assigned', 'delegated') FOR SHARE
       ON CONFLICT (task_id, person_id) DO NOTHING RETURNING revision"""
)
"""Waits for whoever is completing the task just now, so that no draft is left behind of what is over."""
_NEXT = sa.text(
    """UPDATE task_draft SET answers = CAST(:answers AS jsonb), revision = revision + 1, at = :at
       WHERE task_id = :task_id AND person_id = :by AND revision = :revision RETURNING revision"""
)


@dataclass(frozen=True, slots=True)
class Draft:
    """The caller's draft of a task, and when it was saved; revision 0: there is none."""

    answers: Mapping[str, Any]
    revision: int
    at: datetime | None = None


def read_draft(session: Session, caller: Caller, task_id: UUID) -> Draft:
    """The caller's own draft of a task they see, in whatever state it is. Raises NotFound."""
    require(caller, "task.draft")
    seen(session, caller, task_id)
    return _kept(session, caller, task_id)


def save_draft(
    session: Session, deps: Deps, caller: Caller, task_id: UUID, answers: Mapping[str, Any], revision: int
) -> Draft:
    """Keep the answers as the caller's draft of a task they have in hand. revision: of the draft they go on from, 0 for the
    first; what is kept has the next one.

    The answers are not checked before they are sent as the task's. Raises NotFound; WrongState when somebody else has the
    task, it is free or over, or the draft has another revision: it was saved elsewhere; NotPermitted when the caller answers
    none of its groups any more or is barred from it; InvalidInput for more than LARGEST bytes.
    """
    require(caller, "task.draft")
    kept = orjson.dumps(answers)
    if len(kept) > LARGEST:
        raise InvalidInput(
            f"To keep a draft of the task {task_id} of {len(kept)} bytes was asked; {LARGEST} are kept.",
            message_zh="草稿太大，没有保存。",
        )
    task = _in_hand(session, caller, task_id)
    now = deps.clock.now()
    values = {"task_id": task_id, "by": caller.id, "answers": kept.decode(), "at": now}
    if revision:
        written = session.execute(_NEXT, {**values, "revision": revision}).scalar()
    else:
        written = session.execute(_FIRST, values).scalar()
    if written is None:
        _in_hand(session, caller, task_id)
        there = _kept(session, caller, task_id).revision
        raise WrongState(
            f"To keep a draft of the task {task.name} ({task_id}) going on from revision {revision} was asked, but it has "
            f"revision {there}: it was saved elsewhere meanwhile.",
            task_id=str(task_id),
            state=task.state,
            revision=there,
            message_zh="草稿已在别处保存过，请先刷新再继续填写。",
        )
    after = {"state": task.state, "revision": written, **given(answers)}
    noted(session, deps, caller, "task.draft", task, task.state, after)
    return Draft(answers, written, now)


def drop_draft(session: Session, deps: Deps, caller: Caller, task_id: UUID) -> None:
    """Forget the caller's draft of a task they see; where there is none, nothing happens. Raises NotFound."""
    require(caller, "task.draft")
    task = seen(session, caller, task_id)
    gone = session.execute(
        sa.delete(_DRAFT)
        .where(_DRAFT.c.task_id == task_id, _DRAFT.c.person_id == caller.id)
        .returning(_DRAFT.c.revision)
    ).scalar()
    if gone is not None:
        was = {"revision": gone}
        noted(session, deps, caller, "task.draft", task, task.state, {"state": task.state}, was)


def _kept(session: Session, caller: Caller, task_id: UUID) -> Draft:
    row = session.execute(
        sa.select(_DRAFT.c.answers, _DRAFT.c.revision, _DRAFT.c.at).where(
            _DRAFT.c.task_id == task_id, _DRAFT.c.person_id == caller.id
        )
    ).first()
    return Draft({}, 0) if row is None else Draft(row.answers, row.revision, row.at)


def _in_hand(session: Session, caller: Caller, task_id: UUID) -> Any:
    task = seen(session, caller, task_id)
    refuse_unless_possible(task, "draft")
    if not is_theirs(task, caller):
        raise not_theirs(task, "draft", caller)
    refuse_barred(caller, task, "draft")
    return task
