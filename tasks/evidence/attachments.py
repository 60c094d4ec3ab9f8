"""The verbs of papers: add one to a case, or before there is a case; list them; read one.

Nobody deletes or replaces a paper: it is evidence. What was wrong is put right by adding another one.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from typing import IO, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound, WrongState
from engine.instance import ACTIVE, SUSPENDED
from tasks.audit.recording import OFFICE, chain_of, record
from tasks.cases.reading import note_read
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deps import Deps
from tasks.evidence import reach, store
from tasks.evidence.receiving import Paper
from tasks.evidence.refusals import PaperDamaged
from tasks.evidence.tables import Attachment
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.user_task import UserTask

log = logging.getLogger("redress.evidence")

KEPT_PENDING = timedelta(hours=24)
"""How long a paper waits for the case it was uploaded for."""
_PAPER = table(Attachment)
_CASE = table(Case)
_WITH = table(UserTask).alias("filed_with")
_LISTED = (*_PAPER.c, _CASE.c.number, _CASE.c.confidential, _WITH.c.instance_id)


def add(
    session: Session, deps: Deps, caller: Caller, number: str, paper: Paper, *, task_id: UUID | None = None
) -> Any:
    """Add a paper to a case, or to one of its tasks; returns its row.

    A suspended case takes papers, because evidence does not wait; one that is over takes none. Raises NotFound for a
    case the caller does not reach and a task that is none of it, WrongState for a closed case and one that is full.
    """
    require(caller, "attachment.add")
    case = reach.case_row(session, caller, number)
    if task_id is not None and not reach.task_of(session, caller, case.id, task_id):
        raise NotFound(f"The task {task_id} of the case {number} was asked for; there is none.")
    _refuse_when_closed(case)
    _refuse_when_full(session, deps, case, 1)
    row = _keep(session, deps, caller, paper)
    link(session, deps, caller, [row.id], case_id=case.id, task_id=task_id)
    return read(session, caller, row.id)


def add_pending(session: Session, deps: Deps, caller: Caller, paper: Paper) -> Any:
    """Keep a paper for a case that is about to be filed, or a task about to be completed; returns its row.

    Only its uploader sees it; after a day without a case it is gone. Raises WrongState when too many wait.
    """
    require(caller, "attachment.add")
    # Counted under a lock of this person's: two at once cannot both be the last one.
    mine = sa.func.hashtextextended(f"papers {caller.id}", 0)
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(mine)))
    waiting = session.scalar(
        sa.select(sa.func.count()).where(
            _PAPER.c.uploaded_by == caller.id, _PAPER.c.case_id.is_(None), _PAPER.c.task_id.is_(None)
        )
    )
    if (waiting or 0) >= deps.cabinet.pending:
        raise WrongState(
            f"To upload another file was asked by {caller.login}, of whom {waiting} already wait for a case; file the "
            "case, or wait until tomorrow.",
            message_zh=f"已有 {waiting} 个上传的文件尚未归入案件，请先提交表单。",
        )
    row = _keep(session, deps, caller, paper)
    return read(session, caller, row.id)


def of_case(session: Session, deps: Deps, caller: Caller, number: str) -> Sequence[Any]:
    """The papers of a case, oldest first. Raises NotFound. A body outside finds its own only.

    Listing those of a confidential case is a read of it, and recorded.
    """
    require(caller, "attachment.read")
    case = reach.case_row(session, caller, number)
    if case.confidential:
        note_read(session, deps, caller, case)
    statement = _papers().where(_PAPER.c.case_id == case.id)
    if reach.outside(caller):
        statement = statement.where(_PAPER.c.uploaded_by == caller.id)
    return session.execute(statement.order_by(_PAPER.c.uploaded_at, _PAPER.c.id)).all()


def pending_of(session: Session, caller: Caller) -> Sequence[Any]:
    """The caller's papers that wait for a case, oldest first."""
    require(caller, "attachment.read")
    waiting = (_PAPER.c.case_id.is_(None), _PAPER.c.task_id.is_(None), _PAPER.c.uploaded_by == caller.id)
    return session.execute(_papers().where(*waiting).order_by(_PAPER.c.uploaded_at, _PAPER.c.id)).all()


def read(session: Session, caller: Caller, attachment_id: UUID) -> Any:
    """One paper without its content. Raises NotFound when there is none for the caller."""
    row = session.execute(_papers().where(_PAPER.c.id == attachment_id, reach.readable(caller))).first()
    if row is None:
        raise NotFound(f"The attachment {attachment_id} was asked for; there is no such attachment for you.")
    return row


def open_content(session: Session, deps: Deps, caller: Caller, attachment_id: UUID) -> tuple[Any, IO[bytes]]:
    """The row and the content of a paper, compared with its SHA-256 before anything of it is given out.

    The file is the caller's to close. Raises NotFound, PaperDamaged.
    """
    require(caller, "attachment.read")
    row = read(session, caller, attachment_id)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (it is given out)
    try:
        digest = hashlib.sha256()
        for piece in store.content(session, deps.cabinet, row.id, row.store):
            digest.update(piece)
            file.write(piece)
        if digest.digest() != row.sha256:
            raise PaperDamaged(attachment_id)
    except PaperDamaged:
        file.close()
        log.error("the attachment %s (%s, case %s) is damaged or missing", row.id, row.store, row.number)
        raise
    except BaseException:
        file.close()
        raise
    file.seek(0)
    record(
        session,
        caller.actor,
        "attachment.read",
        at=deps.clock.now(),
        chain=chain_of(row.number, row.instance_id) if row.number or row.instance_id else OFFICE,
        subject="attachment",
        subject_id=row.id,
    )
    return row, file


def link(
    session: Session,
    deps: Deps,
    caller: Caller,
    ids: Sequence[UUID],
    *,
    case_id: UUID | None,
    task_id: UUID | None,
) -> None:
    """Put papers that wait into a case, or with a task where there is no case.

    Raises WrongState when the case is closed or full, NotFound when one of them is no longer waiting.
    """
    if case_id is not None:
        case = session.execute(
            sa.select(_CASE.c.id, _CASE.c.number, _CASE.c.archived_at)
            .where(_CASE.c.id == case_id)
            .with_for_update(key_share=True)
        ).one()
        _refuse_when_closed(case)
        chain = chain_of(case.number, None)
        _refuse_when_full(session, deps, case, len(ids))
    else:
        chain = chain_of(
            None,
            session.scalar(sa.select(table(UserTask).c.instance_id).where(table(UserTask).c.id == task_id)),
        )
    rows = session.execute(
        sa.update(_PAPER)
        .where(
            _PAPER.c.id.in_(ids),
            _PAPER.c.uploaded_by == caller.id,
            _PAPER.c.case_id.is_(None),
            _PAPER.c.task_id.is_(None),
        )
        .values(case_id=case_id, task_id=task_id)
        .returning(*_PAPER.c)
    ).all()
    if len(rows) != len(set(ids)):
        raise NotFound("To file attachments was asked that are no longer there; upload them again.")
    for row in rows:
        record(
            session,
            caller.actor,
            "attachment.add",
            at=deps.clock.now(),
            chain=chain,
            subject="attachment",
            subject_id=row.id,
            after={
                "kind": row.kind,
                "media_type": row.media_type,
                "size": row.size,
                "sha256": row.sha256.hex(),
                "uploaded_sha256": row.uploaded_sha256.hex(),
                "task": str(task_id) if task_id else None,
            },
        )


def sweep(session: Session, deps: Deps) -> None:
    """What the worker does every hour: files without a row, then papers whose case never came.

    The files of the latter go an hour later, when their rows are surely gone.
    """
    now = deps.clock.now()
    store.sweep(session, deps.cabinet, now)
    session.execute(
        sa.delete(_PAPER).where(
            _PAPER.c.case_id.is_(None), _PAPER.c.task_id.is_(None), _PAPER.c.uploaded_at < now - KEPT_PENDING
        )
    )


def _papers() -> sa.Select[Any]:
    return sa.select(*_LISTED).select_from(
        _PAPER.outerjoin(_CASE, _CASE.c.id == _PAPER.c.case_id).outerjoin(
            _WITH, _WITH.c.id == _PAPER.c.task_id
        )
    )


def _keep(session: Session, deps: Deps, caller: Caller, paper: Paper) -> Any:
    row = session.execute(
        sa.insert(_PAPER)
        .values(
            id=deps.engine.new_id(),
            kind=paper.kind,
            name=paper.name,
            media_type=paper.media_type,
            size=paper.size,
            sha256=paper.sha256,
            uploaded_sha256=paper.uploaded_sha256,
            store=deps.cabinet.store,
            notes=dict(paper.notes),
            uploaded_by=caller.id,
            uploaded_by_name=caller.name,
            uploaded_at=deps.clock.now(),
        )
        .returning(*_PAPER.c)
    ).one()
    store.keep(session, deps.cabinet, row.id, paper.file)
    return row


def _refuse_when_closed(case: Any) -> None:
    over = getattr(case, "status", None) not in (None, ACTIVE, SUSPENDED)
    if case.archived_at is None and not over:
        return
    state = "archived" if case.archived_at else case.status
    raise WrongState(
        f"To add an attachment to the case {case.number} was asked, but it is {state}; a closed case takes no more papers.",
        case_state=state,
        message_zh="案件已经结束或归档，不再接收附件。",
    )


def _refuse_when_full(session: Session, deps: Deps, case: Any, more: int) -> None:
    there = session.scalar(sa.select(sa.func.count()).where(_PAPER.c.case_id == case.id)) or 0
    if there + more > deps.cabinet.per_case:
        raise WrongState(
            f"To add {more} more to the attachments of the case {case.number} was asked; it has {there} and takes "
            f"{deps.cabinet.per_case}.",
            message_zh=f"案件已有 {there} 个附件，最多 {deps.cabinet.per_case} 个。",
        )
