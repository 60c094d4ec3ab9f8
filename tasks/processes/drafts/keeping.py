"""Saving and dropping files of a draft: whoever saves says on which revision, and overwrites nothing else."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, WrongState
from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.processes.drafts import reading
from tasks.processes.drafts.tables import ProcessDraft, ProcessDraftFile, ProcessDraftRevision
from tasks.processes.drafts.texts import check_bundle, check_name, decoded, encoded, kind_of, named

KEPT = 200
"""Revisions kept of a file; older ones are forgotten."""
STRETCH = timedelta(hours=1)
"""Whoever goes on saving into a draft is recorded again after this long: an editor saves every few seconds."""

_DRAFT, _FILE, _REVISION = table(ProcessDraft), table(ProcessDraftFile), table(ProcessDraftRevision)


@dataclass(frozen=True, slots=True)
class Saved:
    """What stands in the draft now: the file's revision, and when and by whom it was saved."""

    revision: int
    saved_at: datetime
    saved_by: str


class SavedMeanwhile(WrongState):
    """The file has another revision than the one that was gone on from.

    Facts: revision, saved_at, saved_by of what stands there; revision 0 where it was dropped.
    """


def save(
    session: Session, deps: Deps, caller: Caller, draft_id: UUID, name: str, text: str, revision: int
) -> Saved:
    """Keep a text as a file of a draft. revision: of the file it goes on from, 0 for a new one.

    A text that stands there already changes nothing, whatever revision it names: a save that was sent twice is no conflict.
    Whoever saves into a draft that was submitted withdraws it. Raises NotFound; InvalidInput for a name, size or number of
    files that cannot be; SavedMeanwhile.
    """
    require(caller, "process_draft.keep")
    if not isinstance(revision, int) or not 0 <= revision <= reading.LARGEST_REVISION:
        raise InvalidInput(
            f"To save the file {named(name)} on revision {revision} was asked; a revision is counted from 1, 0 is a new file.",
            message_zh="没有说明在哪一次保存的基础上保存，没有保存。",
        )
    draft = reading.found(session, draft_id, lock=True)
    row = _standing(session, draft_id, name)
    if row is None:
        check_name(name)
    kind = row.kind if row is not None else kind_of(name, text.encode("utf-8", "replace"))
    content = encoded(name, kind, text)
    if row is not None and _says(kind, row.content) == content:
        return Saved(row.revision, row.saved_at, row.saved_by_name)
    _refuse_other(draft_id, name, revision, row)
    _check_room(session, draft_id, name, len(content))
    saved = put(session, deps, caller, draft_id, name, kind, content)
    changed(session, deps, caller, draft, {"file": name, "revision": saved.revision})
    return saved


def put(
    session: Session, deps: Deps, caller: Caller, draft_id: UUID, name: str, kind: str, content: bytes
) -> Saved:
    """Write bytes as the next revision of a file, in a draft that is locked or made in this transaction."""
    before = session.scalar(
        sa.select(sa.func.max(_REVISION.c.revision)).where(
            _REVISION.c.draft_id == draft_id, _REVISION.c.name == name
        )
    )
    now, number = deps.clock.now(), (before or 0) + 1
    same = {"draft_id": draft_id, "name": name, "kind": kind, "size": len(content)}
    stands = {
        **same,
        "content": content,
        "sha256": sha256(content).hexdigest(),
        "revision": number,
        "saved_at": now,
        "saved_by": caller.id,
        "saved_by_name": caller.name,
    }
    session.execute(sa.delete(_FILE).where(_FILE.c.draft_id == draft_id, _FILE.c.name == name))
    session.execute(sa.insert(_FILE).values(stands))
    session.execute(
        sa.insert(_REVISION).values(
            **same,
            content=zlib.compress(content),
            revision=number,
            at=now,
            by_id=caller.id,
            by_name=caller.name,
        )
    )
    session.execute(
        sa.delete(_REVISION).where(
            _REVISION.c.draft_id == draft_id, _REVISION.c.name == name, _REVISION.c.revision <= number - KEPT
        )
    )
    return Saved(number, now, caller.name)


def drop_file(session: Session, deps: Deps, caller: Caller, draft_id: UUID, name: str, revision: int) -> None:
    """Take a file out of a draft; its revisions stay, and can be taken back. Raises NotFound, SavedMeanwhile."""
    require(caller, "process_draft.keep")
    draft = reading.found(session, draft_id, lock=True)
    row = _standing(session, draft_id, name)
    if row is None:
        raise reading.no_file(draft_id, name)
    _refuse_other(draft_id, name, revision, row)
    session.execute(sa.delete(_FILE).where(_FILE.c.draft_id == draft_id, _FILE.c.name == name))
    changed(session, deps, caller, draft, {"file": name, "dropped": True}, always=True)


def take_back(
    session: Session, deps: Deps, caller: Caller, draft_id: UUID, name: str, revision: int
) -> Saved:
    """Make an earlier revision of a file what stands in the draft again, byte for byte, as a new revision.

    A file that was dropped comes back so. Raises NotFound, InvalidInput where there is no room for it any more.
    """
    require(caller, "process_draft.keep")
    draft = reading.found(session, draft_id, lock=True)
    wanted = reading.content(session, caller, draft_id, name, revision)
    row = _standing(session, draft_id, name)
    if row is not None and row.content == wanted.content:
        return Saved(row.revision, row.saved_at, row.saved_by_name)
    _check_room(session, draft_id, name, len(wanted.content))
    kind = row.kind if row is not None else kind_of(name, wanted.content)
    saved = put(session, deps, caller, draft_id, name, kind, wanted.content)
    changed(session, deps, caller, draft, {"file": name, "revision": saved.revision, "of": revision})
    return saved


def changed(
    session: Session,
    deps: Deps,
    caller: Caller,
    draft: Any,
    what: Mapping[str, Any],
    *,
    always: bool = False,
) -> None:
    """Note on a locked draft that the caller has changed its files: it is open again, and they are one of its writers.

    Recorded once per STRETCH and writer, or always; what: of the first change of the stretch.
    """
    now = deps.clock.now()
    known = draft.writers.get(str(caller.id))
    told = known is not None and datetime.fromisoformat(known["at"]) > now - STRETCH
    mine = {"name": caller.name, "at": known["at"] if known is not None and told else now.isoformat()}
    session.execute(
        sa.update(_DRAFT)
        .where(_DRAFT.c.id == draft.id)
        .values(
            revision=_DRAFT.c.revision + 1,
            state="open",
            pinned=None,
            changed_at=now,
            changed_by_name=caller.name,
            writers={**draft.writers, str(caller.id): mine},
        )
    )
    if always or not told or draft.state == "submitted":
        record(
            session,
            caller.actor,
            "process_draft.keep",
            at=now,
            subject="process_draft",
            subject_id=draft.id,
            before={"state": draft.state} if draft.state != "open" else None,
            after={"draft": draft.name, "state": "open", **what},
        )


def _says(kind: str, content: bytes) -> bytes:
    """What would be kept of a file if its text were saved as it is; what cannot be decoded says nothing."""
    found = decoded(kind, content)
    return found.text.encode() if not found.problem else b""


def _standing(session: Session, draft_id: UUID, name: str) -> Any:
    if not storable(name):
        return None
    return session.execute(sa.select(_FILE).where(_FILE.c.draft_id == draft_id, _FILE.c.name == name)).first()


def _refuse_other(draft_id: UUID, name: str, revision: int, row: Any) -> None:
    """Raise SavedMeanwhile where the file does not stand at the revision that was gone on from."""
    there = row.revision if row is not None else 0
    if there == revision:
        return
    asked = f"To go on from revision {revision} of the file {named(name)} in the process draft {draft_id} was asked"
    if row is None:
        raise SavedMeanwhile(
            f"{asked}, but it was dropped meanwhile; nothing was changed.",
            revision=0,
            saved_at=None,
            saved_by="",
            message_zh=f"文件“{named(name)}”已被移出草稿；没有改动任何内容。",
        )
    raise SavedMeanwhile(
        f"{asked}, but it has revision {there}, saved by {row.saved_by_name}; nothing was overwritten.",
        revision=there,
        saved_at=row.saved_at,
        saved_by=row.saved_by_name,
        message_zh=f"文件“{named(name)}”已由{row.saved_by_name}保存过（第 {there} 次）；没有覆盖任何内容。",
    )


def _check_room(session: Session, draft_id: UUID, name: str, size: int) -> None:
    """Raise InvalidInput where a draft cannot take a file of that name and size besides its others."""
    others = session.execute(
        sa.select(_FILE.c.name, _FILE.c.size).where(_FILE.c.draft_id == draft_id, _FILE.c.name != name)
    ).all()
    check_bundle(len(others) + 1, size + sum(one.size for one in others))
    twin = next((one.name for one in others if one.name.casefold() == name.casefold()), None)
    if twin is not None:
        raise InvalidInput(
            f"The file {named(name)} cannot stand beside {named(twin)}: their names differ in capitals only.",
            message_zh=f"文件“{named(name)}”与“{named(twin)}”只有大小写不同，不能同时存在。",
        )
