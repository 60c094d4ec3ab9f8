"""Drafts: what somebody has filled in of a task's form and not sent yet, kept for them on the server until it is over.

A draft is shown to nobody but whoever wrote it, and is gone when the task is completed or cancelled (`tasks.listener`). Only
what a delegate has filled in becomes the owner's draft when they give the task back.

The trail says when a draft is begun, dropped or handed over; a form is saved every few seconds, and that is no step of its own.
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
from tasks.evidence import answers as papers_of
from tasks.people.caller import Caller
from tasks.permissions.matrix import require

LARGEST = 262_144
"""Bytes of a draft as JSON."""
_EMPTY: tuple[Any, ...] = (None, "", [], {})

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

_TAKEN = sa.delete(_DRAFT).where(
    _DRAFT.c.task_id == sa.bindparam("of"), _DRAFT.c.person_id == sa.bindparam("by")
)
_HANDED = sa.text(
    """INSERT INTO task_draft (task_id, person_id, answers, revision, at)
       VALUES (:task_id, :owner, CAST(:answers AS jsonb), 1, :at)
       ON CONFLICT (task_id, person_id) DO UPDATE
       SET answers = task_draft.answers || excluded.answers, revision = task_draft.revision + 1, at = excluded.at"""
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
    none of its groups any more or is barred from it; InvalidInput for more than LARGEST bytes or a nesting too deep to be written.
    """
    require(caller, "task.draft")
    kept = _written(task_id, answers)
    task = _in_hand(session, caller, task_id)
    now = deps.clock.now()
    values = {"task_id": task_id, "by": caller.id, "answers": kept, "at": now}
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
    if not revision:
        after = {"state": task.state, "revision": written, **given(answers)}
        noted(session, deps, caller, "task.draft", task, task.state, after)
    return Draft(answers, written, now)


def drop_draft(session: Session, deps: Deps, caller: Caller, task_id: UUID) -> None:
    """Forget the caller's draft of a task they see; where there is none, nothing happens. Raises NotFound."""
    require(caller, "task.draft")
    task = seen(session, caller, task_id)
    gone = _taken(session, caller, task_id)
    if gone is not None:
        was = {"revision": gone.revision, **given(gone.answers)}
        noted(session, deps, caller, "task.draft", task, task.state, {"state": task.state}, was)


def hand_over(
    session: Session, deps: Deps, caller: Caller, task: Any, answers: Mapping[str, Any] | None
) -> Mapping[str, Any]:
    """Make what the caller has filled in of a task that was delegated to them the draft of its owner, who has it in hand
    again (the row). answers: what that is; None: the caller's draft, if there is one. Returns what was handed over.

    A field the caller has left empty stays as the owner had it. Files that wait for the form are filed with the task, since
    its owner could not send what somebody else has uploaded. Raises InvalidInput for more than LARGEST bytes; WrongState when
    the case takes no more files.
    """
    kept = _taken(session, caller, task.id)
    found = answers if answers is not None else kept.answers if kept is not None else {}
    filled = {name: value for name, value in found.items() if value not in _EMPTY}
    if filled:
        written = _written(task.id, filled)
        papers_of.hand_over(session, deps, caller, filled, case_id=task.case_id, task_id=task.id)
        values = {"task_id": task.id, "owner": task.assignee_id, "answers": written, "at": deps.clock.now()}
        session.execute(_HANDED, values)
    return filled


def _written(task_id: UUID, answers: Mapping[str, Any]) -> str:
    try:
        kept = orjson.dumps(answers)
    except orjson.JSONEncodeError as error:
        raise InvalidInput(
            f"To keep a draft of the task {task_id} was asked, which cannot be written: {error}.",
            message_zh="草稿层次太深，没有保存。",
        ) from None
    if len(kept) > LARGEST:
        raise InvalidInput(
            f"To keep a draft of the task {task_id} of {len(kept)} bytes was asked; {LARGEST} are kept.",
            message_zh="草稿太大，没有保存。",
        )
    return kept.decode()


def _taken(session: Session, caller: Caller, task_id: UUID) -> Any | None:
    gone = _TAKEN.returning(_DRAFT.c.answers, _DRAFT.c.revision)
    return session.execute(gone, {"of": task_id, "by": caller.id}).first()


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
