"""The verbs of the rulebook: load the register, look into it, hand in a paper that was missing, read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.ids import time_ordered
from tasks.audit.recording import OFFICE, record
from tasks.clauses.register import Register, read_register
from tasks.clauses.tables import ClauseRegister, SourceDocument
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.evidence.kinds import MEGABYTE
from tasks.evidence.receiving import Paper
from tasks.evidence.refusals import PaperTooLarge
from tasks.people.caller import Caller
from tasks.permissions.matrix import require

READ, HAND_IN = "clause.read", "clause.hand_in"
NAME = "content"
LARGEST = 20 * MEGABYTE
_REGISTER, _DOCUMENT = table(ClauseRegister), table(SourceDocument)
_SHOWN = [column for column in _DOCUMENT.c if column.name != "content"]


def load_register(session: Session, text: str, *, now: datetime) -> bool:
    """Keep the register of a content folder; whether it is another one than before. Raises InvalidInput with its mistakes."""
    read_register(text)
    values = {"name": NAME, "content": text, "loaded_at": now}
    statement = insert(ClauseRegister).values(values)
    changed = session.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_=values, where=ClauseRegister.content != statement.excluded.content
        ).returning(ClauseRegister.name)
    ).first()
    return changed is not None


def current_register(session: Session) -> Register:
    """The register that counts; empty where the content has none."""
    text = session.scalar(sa.select(_REGISTER.c.content).where(_REGISTER.c.name == NAME))
    return read_register(text) if text else Register()


def clauses(session: Session, caller: Caller) -> tuple[Register, Mapping[str, Sequence[Any]]]:
    """The register, and by key of a missing paper those that were handed in, the newest first. Raises NotPermitted."""
    require(caller, READ)
    found: dict[str, list[Any]] = {}
    for row in session.execute(
        sa.select(*_SHOWN).order_by(_DOCUMENT.c.uploaded_at.desc(), _DOCUMENT.c.id.desc())
    ):
        found.setdefault(row.key, []).append(row)
    return current_register(session), found


def hand_in(session: Session, deps: Deps, caller: Caller, key: str, paper: Paper) -> Any:
    """Keep a paper that was missing; returns its row. What counts until then stays until somebody changes it.

    Raises NotPermitted, NotFound for a key the register does not list, PaperTooLarge above 20 MB.
    """
    require(caller, HAND_IN)
    if not storable(key) or all(one.key != key for one in current_register(session).missing):
        raise NotFound(
            f"To hand in the paper {key[:60]!r} was asked; the register of clauses lists no such missing paper.",
            message_zh="条款登记中没有这份缺失资料。",
        )
    if paper.size > LARGEST:
        raise PaperTooLarge(
            f"The paper is larger than {LARGEST // MEGABYTE} MB, the most that is kept of a source.",
            f"文件超过 {LARGEST // MEGABYTE} MB，这是缺失资料的上限。",
        )
    now = deps.clock.now()
    paper.file.seek(0)
    values = {
        "id": time_ordered(deps.clock)(),
        "key": key,
        "name": paper.name,
        "media_type": paper.media_type,
        "size": paper.size,
        "sha256": paper.sha256,
        "content": paper.file.read(),
        "uploaded_at": now,
        "uploaded_by": caller.id,
        "uploaded_by_name": caller.name,
    }
    row = session.execute(sa.insert(_DOCUMENT).values(values).returning(*_SHOWN)).one()
    record(
        session,
        caller.actor,
        "clause.hand_in",
        at=now,
        chain=OFFICE,
        subject="source_document",
        subject_id=str(row.id),
        after={"key": key, "name": row.name, "sha256": row.sha256.hex(), "size": row.size},
    )
    return row


def document(session: Session, caller: Caller, document_id: UUID) -> Any:
    """A paper that was handed in, with its content. Raises NotPermitted, NotFound."""
    require(caller, READ)
    row = session.execute(sa.select(*_DOCUMENT.c).where(_DOCUMENT.c.id == document_id)).first()
    if row is None:
        raise NotFound(f"The paper {document_id} was asked for; there is none.")
    return row
