"""Beginning drafts: from a deployed version, from files, from nothing, from another draft; and dropping them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.deployment import Deployment, ProcessDefinition, Resource
from engine.dialect import SourceFile
from engine.dialect.archives import with_contents
from engine.dialect.compiler import GENERATED
from engine.dialect.files import distinct, is_archive
from engine.dialect.findings import Report
from engine.errors import InvalidInput, NotFound, NotPermitted, WrongState
from tasks.audit.recording import record
from tasks.core import table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.processes.drafts import reading
from tasks.processes.drafts.blanks import ENDINGS, blank, check_key
from tasks.processes.drafts.keeping import changed, put
from tasks.processes.drafts.tables import ProcessDraft
from tasks.processes.drafts.texts import (
    LONGEST_TITLE,
    check_bundle,
    check_name,
    check_size,
    encoded,
    kind_of,
    named,
    title_of,
)
from tasks.processes.versions.files import imported_beside

MOST_DRAFTS = 200
"""Drafts one person owns."""

_DRAFT, _DEFINITION, _RESOURCE = table(ProcessDraft), table(ProcessDefinition), table(Resource)
_DEPLOYMENT = table(Deployment)


def from_version(
    session: Session, deps: Deps, caller: Caller, definition_id: UUID, *, name: str = ""
) -> UUID:
    """Begin a draft with the files a deployed version is made of: its diagram, and the decisions and forms its deployment
    bound, byte for byte. name: of the draft; empty: that of the process and the version.

    Raises NotFound, InvalidInput.
    """
    require(caller, "process_draft.keep")
    wanted = session.execute(
        sa.select(
            _DEFINITION.c.id,
            _DEFINITION.c.key,
            _DEFINITION.c.version,
            _DEFINITION.c.name,
            _DEFINITION.c.resource_id,
        ).where(_DEFINITION.c.id == definition_id)
    ).first()
    if wanted is None:
        raise NotFound(
            f"A draft of the process definition {definition_id} was asked for; there is none.",
            message_zh="没有这个流程版本。",
        )
    beside = session.execute(
        sa.select(_DEFINITION.c.key, _DEFINITION.c.version, _DEFINITION.c.bindings).where(
            _DEFINITION.c.resource_id == wanted.resource_id
        )
    ).all()
    title = f"{(wanted.name or wanted.key)[: LONGEST_TITLE - 12]} v{wanted.version}"
    return _made(
        session,
        deps,
        caller,
        name or title,
        _files_of(session, wanted.resource_id, [row.bindings for row in beside]),
        based=wanted,
        bases={row.key: row.version for row in beside},
        # What is deployed was looked at before: its author's names stand.
        trusted=True,
    )


def from_deployment(
    session: Session, deps: Deps, caller: Caller, deployment_id: UUID, *, name: str = ""
) -> UUID:
    """Begin a draft with the files of a deployment, all of them and byte for byte; archives are left out, since what was in
    them stands beside them. Raises NotFound, InvalidInput.
    """
    require(caller, "process_draft.keep")
    about = session.execute(sa.select(_DEPLOYMENT).where(_DEPLOYMENT.c.id == deployment_id)).first()
    if about is None:
        raise NotFound(
            f"A draft of the deployment {deployment_id} was asked for; there is none.",
            message_zh="没有这次部署。",
        )
    found = session.execute(
        sa.select(_RESOURCE.c.name, _RESOURCE.c.content).where(
            _RESOURCE.c.deployment_id == deployment_id, _RESOURCE.c.kind != "archive"
        )
    )
    files = [SourceFile(row.name, row.content) for row in found if not row.name.startswith(GENERATED)]
    made = session.execute(
        sa.select(_DEFINITION.c.id, _DEFINITION.c.key, _DEFINITION.c.version)
        .where(_DEFINITION.c.deployment_id == deployment_id)
        .order_by(_DEFINITION.c.key)
    ).all()
    return _made(
        session,
        deps,
        caller,
        name or about.name[:LONGEST_TITLE],
        files,
        based=made[0] if len(made) == 1 else None,
        bases={row.key: row.version for row in made},
        trusted=True,
    )


def from_files(
    session: Session, deps: Deps, caller: Caller, files: Sequence[SourceFile], *, name: str = ""
) -> UUID:
    """Begin a draft with files somebody brings; archives are unpacked. What is wrong in the files is for the check to say.

    Raises InvalidInput for none, and for a name, a size or an archive that cannot be kept.
    """
    require(caller, "process_draft.keep")
    kept = unpacked(files)
    return _made(session, deps, caller, name or kept[0].name.rpartition("/")[2][:LONGEST_TITLE], kept)


def from_nothing(session: Session, deps: Deps, caller: Caller, key: str, *, name: str) -> UUID:
    """Begin a draft with the smallest diagram of a new process. Raises InvalidInput; WrongState for a key that is deployed."""
    require(caller, "process_draft.keep")
    check_key(key)
    title = title_of(name)
    if session.scalar(sa.select(_DEFINITION.c.id).where(_DEFINITION.c.key == key).limit(1)) is not None:
        raise WrongState(
            f"A new process {key} was asked for, but a process of that key is deployed; open that one, or choose another key.",
            key=key,
            message_zh=f"标识为“{key}”的流程已经部署；请在设计器中打开它，或另取标识。",
        )
    text = blank("bpmn", key, title)
    return _made(session, deps, caller, title, [SourceFile(f"{key}{ENDINGS['bpmn']}", text.encode())])


def copied(
    session: Session,
    deps: Deps,
    caller: Caller,
    draft_id: UUID,
    *,
    name: str,
    texts: Mapping[str, str] | None = None,
) -> UUID:
    """Begin a draft of the caller's own with the files of another one, and these texts over them. Raises NotFound,
    InvalidInput.

    Whoever has written the other one has written this one too, and cannot approve it alone.
    """
    require(caller, "process_draft.keep")
    original = reading.found(session, draft_id)
    files = laid_over(reading.sources(session, draft_id), texts or {})
    return _made(
        session,
        deps,
        caller,
        name,
        files,
        based=original,
        bases=original.bases,
        writers=original.writers,
        of=draft_id,
        trusted=True,
    )


def bring(
    session: Session, deps: Deps, caller: Caller, draft_id: UUID, files: Sequence[SourceFile]
) -> list[str]:
    """Put files into a draft, unpacked; one whose name is there already becomes its next revision. Returns the names.

    Raises NotFound, InvalidInput as `from_files` does.
    """
    require(caller, "process_draft.keep")
    draft = reading.found(session, draft_id, lock=True)
    kept = unpacked(files)
    there = {one.name: one for one in reading.files(session, caller, draft_id)}
    folded = {name.casefold(): name for name in there}
    for file in kept:
        twin = folded.setdefault(file.name.casefold(), file.name)
        if twin != file.name:
            raise InvalidInput(
                f"The file {named(file.name)} cannot stand beside {named(twin)}: their names differ in capitals only.",
                message_zh=f"文件“{named(file.name)}”与“{named(twin)}”只有大小写不同，不能同时存在。",
            )
    sizes = {name: one.size for name, one in there.items()} | {one.name: len(one.content) for one in kept}
    check_bundle(len(sizes), sum(sizes.values()))
    for file in kept:
        check_size(file.name, len(file.content))
        put(session, deps, caller, draft_id, file.name, kind_of(file.name, file.content), file.content)
    names = [file.name for file in kept]
    changed(session, deps, caller, draft, {"files": names}, always=True)
    return names


def rename(session: Session, deps: Deps, caller: Caller, draft_id: UUID, name: str) -> None:
    """Call a draft otherwise. Raises NotFound, InvalidInput."""
    require(caller, "process_draft.keep")
    row = reading.found(session, draft_id, lock=True)
    title = title_of(name)
    if title == row.name:
        return
    session.execute(sa.update(_DRAFT).where(_DRAFT.c.id == draft_id).values(name=title))
    record(
        session,
        caller.actor,
        "process_draft.keep",
        at=deps.clock.now(),
        subject="process_draft",
        subject_id=draft_id,
        before={"draft": row.name},
        after={"draft": title},
    )


def drop(session: Session, deps: Deps, caller: Caller, draft_id: UUID) -> None:
    """Drop a draft of the caller's own with everything that was saved in it. Raises NotFound, NotPermitted."""
    require(caller, "process_draft.drop")
    row = reading.found(session, draft_id, lock=True)
    if row.owner_id != caller.id:
        raise NotPermitted(
            f"To drop the process draft {row.name} ({draft_id}) was asked by {caller.login}; it is {row.owner_name}'s, and only "
            "they drop it.",
            message_zh=f"流程草稿“{row.name}”属于{row.owner_name}，只有本人可以删除。",
        )
    names = {one.name: one.revision for one in reading.files(session, caller, draft_id)}
    session.execute(sa.delete(_DRAFT).where(_DRAFT.c.id == draft_id))
    record(
        session,
        caller.actor,
        "process_draft.drop",
        at=deps.clock.now(),
        subject="process_draft",
        subject_id=draft_id,
        before={"draft": row.name, "state": row.state, "files": names},
    )


def unpacked(files: Sequence[SourceFile]) -> list[SourceFile]:
    """Return files somebody brings, those in archives instead of the archives. Raises InvalidInput saying what cannot be kept."""
    if not files:
        raise InvalidInput(
            "A draft was to be made of files, and none was sent; choose at least one.",
            message_zh="没有选择文件；请至少选择一个。",
        )
    reports: dict[str, Report] = {}

    def report(name: str) -> Report:
        return reports.setdefault(name, Report(name))

    kept = [one for one in with_contents(distinct(files, report), report) if not is_archive(one)]
    kept = list(distinct(kept, report))
    for one in reports.values():
        for finding in one.findings:
            raise InvalidInput(finding.message, message_zh=finding.message_zh)
    for file in kept:
        check_name(file.name)
    return kept


def laid_over(files: Iterable[SourceFile], texts: Mapping[str, str]) -> list[SourceFile]:
    """Return files with texts in place of those of the same name, and beside them. Raises InvalidInput."""
    there = {file.name: file for file in files}
    for name, text in texts.items():
        if name not in there:
            check_name(name)
        kind = kind_of(name, text.encode("utf-8", "replace"))
        there[name] = SourceFile(name, encoded(name, kind, text))
    return list(there.values())


def _files_of(session: Session, resource_id: UUID, bound: Sequence[Mapping[str, Any]]) -> list[SourceFile]:
    """The diagram, and what it is bound to; of two files of one name the later gets its key's folder in front."""
    wanted = {resource_id: ""}
    for bindings in bound:
        for kind in ("decisions", "forms"):
            wanted |= {UUID(id): key for key, id in bindings.get(kind, {}).items() if id}
    rows = session.execute(sa.select(_RESOURCE).where(_RESOURCE.c.id.in_(wanted))).all()
    rows = sorted(rows, key=lambda row: (row.id != resource_id, row.name))
    rows += imported_beside(session, rows)
    files: dict[str, SourceFile] = {}
    for row in rows:
        if row.name.startswith(GENERATED):
            continue  # the deployment made it, and makes it again
        name = row.name if row.name not in files else f"{wanted.get(row.id) or row.id}/{row.name}"
        files[name] = SourceFile(name, row.content)
    return list(files.values())


def _made(
    session: Session,
    deps: Deps,
    caller: Caller,
    name: str,
    files: Sequence[SourceFile],
    *,
    based: Any = None,
    bases: Mapping[str, int] | None = None,
    writers: Mapping[str, Any] | None = None,
    of: UUID | None = None,
    trusted: bool = False,
) -> UUID:
    title = title_of(name)
    owned = session.scalar(sa.select(sa.func.count()).where(_DRAFT.c.owner_id == caller.id))
    if (owned or 0) >= MOST_DRAFTS:
        raise InvalidInput(
            f"Another process draft was asked for by {caller.login}, who has {owned} of them; drop some first.",
            message_zh=f"您已有 {owned} 份流程草稿；请先删除不用的。",
        )
    check_bundle(len(files), sum(len(file.content) for file in files))
    for file in files:
        check_size(file.name, len(file.content))
        if not trusted:
            check_name(file.name)
    now, draft_id = deps.clock.now(), deps.engine.new_id()
    values: dict[str, Any] = {
        "id": draft_id,
        "name": title,
        "owner_id": caller.id,
        "owner_name": caller.name,
        "bases": dict(bases or {}),
        "created_at": now,
        "changed_at": now,
        "changed_by_name": caller.name,
        "writers": {**(writers or {})},
    }
    if based is not None:
        copy = hasattr(based, "based_key")
        values["based_key"] = based.based_key if copy else based.key
        values["based_version"] = based.based_version if copy else based.version
        values["based_definition_id"] = based.based_definition_id if copy else based.id
    if of is not None or not values["bases"]:
        # What was deployed as it is needs no writer; what somebody brings, begins or goes on with has one.
        values["writers"][str(caller.id)] = {"name": caller.name, "at": now.isoformat()}
    session.execute(sa.insert(_DRAFT).values(values))
    for file in files:
        put(session, deps, caller, draft_id, file.name, kind_of(file.name, file.content), file.content)
    record(
        session,
        caller.actor,
        "process_draft.keep",
        at=now,
        subject="process_draft",
        subject_id=draft_id,
        after={
            "draft": title,
            "state": "open",
            "based_on": ", ".join(f"{key} v{version}" for key, version in values["bases"].items())
            or (f"draft {of}" if of else None),
            "files": [named(file.name) for file in files],
        },
    )
    return draft_id
