"""Reading drafts: the list, one with its files, one file as text, and what was saved before."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.dialect import SourceFile
from engine.errors import NotFound
from tasks.core import storable, table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.processes.drafts.tables import ProcessDraft, ProcessDraftFile, ProcessDraftRevision
from tasks.processes.drafts.texts import decoded, named

MOST = 500
"""Drafts a list shows, those changed last first."""

_DRAFT, _FILE, _REVISION = table(ProcessDraft), table(ProcessDraftFile), table(ProcessDraftRevision)
_LISTED = [column for column in _FILE.c if column.name != "content"]
IN_ORDER = ("bpmn", "form", "dmn")
"""Kinds of files as lists show them; what else there is comes last."""
LARGEST_REVISION = 2**31 - 1


@dataclass(frozen=True, slots=True)
class FileText:
    """One revision of a file as an editor is given it.

    first_revision, last_revision: of those that can be read. saved_at, saved_by: when and by whom this one was saved.
    problem, problem_zh: why the text is not all its author wrote, or empty.
    """

    draft_id: UUID
    name: str
    kind: str
    text: str
    revision: int
    first_revision: int
    last_revision: int
    saved_at: datetime
    saved_by: str
    problem: str = ""
    problem_zh: str = ""


def drafts(session: Session, caller: Caller) -> Sequence[Any]:
    """Every process owner's drafts, changed last first, each with `file_count`; MOST at most."""
    require(caller, "process_draft.read")
    counted = (
        sa.select(sa.func.count()).where(_FILE.c.draft_id == _DRAFT.c.id).correlate(_DRAFT).scalar_subquery()
    )
    return session.execute(
        sa.select(_DRAFT, counted.label("file_count"))
        .order_by(_DRAFT.c.changed_at.desc(), _DRAFT.c.id.desc())
        .limit(MOST)
    ).all()


def draft(session: Session, caller: Caller, draft_id: UUID) -> Any:
    """The row of a draft. Raises NotFound."""
    require(caller, "process_draft.read")
    return found(session, draft_id)


def found(session: Session, draft_id: UUID, *, lock: bool = False) -> Any:
    """Return the row of a draft; lock: nobody else changes anything of it until the transaction is over. Raises NotFound."""
    statement = sa.select(_DRAFT).where(_DRAFT.c.id == draft_id)
    row = session.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise NotFound(
            f"The process draft {draft_id} was asked for; there is none, or not any more.",
            message_zh="没有这份流程草稿，或者它已被删除。",
        )
    return row


def files(session: Session, caller: Caller, draft_id: UUID) -> Sequence[Any]:
    """The files of a draft, diagrams before forms, decisions and what else there is, each kind by name, without their content.

    Raises NotFound.
    """
    require(caller, "process_draft.read")
    found(session, draft_id)
    kind = sa.case({name: at for at, name in enumerate(IN_ORDER)}, value=_FILE.c.kind, else_=len(IN_ORDER))
    return session.execute(
        sa.select(*_LISTED).where(_FILE.c.draft_id == draft_id).order_by(kind, _FILE.c.name)
    ).all()


def sources(session: Session, draft_id: UUID) -> list[SourceFile]:
    """The files of a draft with their bytes, by name."""
    rows = session.execute(
        sa.select(_FILE.c.name, _FILE.c.content).where(_FILE.c.draft_id == draft_id).order_by(_FILE.c.name)
    )
    return [SourceFile(row.name, row.content) for row in rows]


def archive(session: Session, caller: Caller, draft_id: UUID) -> bytes:
    """All files of a draft, byte for byte, in a zip archive. Raises NotFound."""
    require(caller, "process_draft.read")
    row = found(session, draft_id)
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sources(session, draft_id):
            entry = zipfile.ZipInfo(file.name, row.changed_at.astimezone(SHANGHAI).timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, file.content)
    return kept.getvalue()


def content(
    session: Session, caller: Caller, draft_id: UUID, name: str, revision: int | None = None
) -> SourceFile:
    """A file byte for byte as it stands, or a revision of it. Raises NotFound."""
    require(caller, "process_draft.read")
    row = _row(session, draft_id, name, revision)
    return SourceFile(row.name, row.content if revision is None else zlib.decompress(row.content))


def text(
    session: Session, caller: Caller, draft_id: UUID, name: str, revision: int | None = None
) -> FileText:
    """A file as an editor is given it, as it stands or as one of its revisions was. Raises NotFound."""
    require(caller, "process_draft.read")
    row = _row(session, draft_id, name, revision)
    as_text = decoded(row.kind, row.content if revision is None else zlib.decompress(row.content))
    kept = session.execute(
        sa.select(sa.func.min(_REVISION.c.revision), sa.func.max(_REVISION.c.revision)).where(
            _REVISION.c.draft_id == draft_id, _REVISION.c.name == name
        )
    ).one()
    return FileText(
        draft_id,
        row.name,
        row.kind,
        as_text.text,
        row.revision,
        kept[0] or row.revision,
        kept[1] or row.revision,
        row.saved_at if revision is None else row.at,
        row.saved_by_name if revision is None else row.by_name,
        as_text.problem,
        as_text.problem_zh,
    )


def revisions(session: Session, caller: Caller, draft_id: UUID, *, limit: int = 100) -> Sequence[Any]:
    """What was saved in a draft, latest first, without the content: name, revision, kind, size, at, by_name. Raises
    NotFound.
    """
    require(caller, "process_draft.read")
    found(session, draft_id)
    return session.execute(
        sa.select(*(column for column in _REVISION.c if column.name != "content"))
        .where(_REVISION.c.draft_id == draft_id)
        .order_by(_REVISION.c.at.desc(), _REVISION.c.name, _REVISION.c.revision.desc())
        .limit(limit)
    ).all()


def _row(session: Session, draft_id: UUID, name: str, revision: int | None) -> Any:
    of = _FILE if revision is None else _REVISION
    where = [of.c.draft_id == draft_id, of.c.name == name]
    if revision is not None:
        where.append(of.c.revision == min(max(revision, 0), LARGEST_REVISION))
    row = session.execute(sa.select(of).where(*where)).first() if storable(name) else None
    if row is None:
        found(session, draft_id)
        raise no_file(draft_id, name, revision)
    return row


def no_file(draft_id: UUID, name: str, revision: int | None = None) -> NotFound:
    """Return the refusal of whoever asks for a file, or a revision of it, that a draft does not have."""
    which, which_zh = (
        ("", "") if revision is None else (f"revision {revision} of ", f"的第 {revision} 次保存")
    )
    return NotFound(
        f"In the process draft {draft_id}, {which}the file {named(name)} was asked for; there is none.",
        message_zh=f"流程草稿中没有文件“{named(name)}”{which_zh}。",
    )
