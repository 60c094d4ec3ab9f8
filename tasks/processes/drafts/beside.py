"""The files a diagram names: a form, a decision or a called process of a key, found in the draft, brought into it from what is
deployed, or begun.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.deployment import Deployment, ProcessDefinition, Resource
from engine.dialect.compiler import GENERATED
from engine.errors import InvalidInput, NotFound
from tasks.core import legible, table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.processes.drafts import keeping, reading
from tasks.processes.drafts.blanks import ENDINGS, blank, check_key
from tasks.processes.drafts.texts import LONGEST_TITLE, decoded, named
from tasks.processes.vocabulary.files import decisions_in, offered_by

KINDS = {"form": "forms", "dmn": "decisions", "bpmn": "processes"}
"""Kind of file → what files of that kind offer."""
_DEFINITION, _DEPLOYMENT, _RESOURCE = table(ProcessDefinition), table(Deployment), table(Resource)


def file_of(session: Session, deps: Deps, caller: Caller, draft_id: UUID, kind: str, key: str) -> str:
    """Return the name of the draft's file that holds the form, decision (`dmn`) or process (`bpmn`) of a key; what is deployed
    but not in the draft yet is put into it, byte for byte as far as it is text. Raises InvalidInput, NotFound.
    """
    require(caller, "process_draft.keep")
    _check(kind, key)
    own = _offered(session, draft_id, kind)
    if key in own:
        return own[key]
    found = _deployed(session, kind, key)
    if found is None:
        raise NotFound(
            f"The {kind} file of {named(key)!r} was asked for; neither the draft {draft_id} nor a deployment has it.",
            message_zh=f"草稿和已部署的文件里都没有“{named(key)}”。",
        )
    name, content = found
    return _put(session, deps, caller, draft_id, [name, f"{key}{ENDINGS[kind]}"], decoded(kind, content).text)


def begun(
    session: Session, deps: Deps, caller: Caller, draft_id: UUID, kind: str, key: str, *, title: str = ""
) -> tuple[str, str]:
    """Begin a file of a key in the draft, or of the next free key after it; returns the key and the file's name.

    title: what people call it, as far as it can be read.

    Raises InvalidInput, NotFound.
    """
    require(caller, "process_draft.keep")
    _check(kind, key)
    own = _offered(session, draft_id, kind)
    free = next(
        one
        for one in (key, *(f"{key}_{number}" for number in range(2, len(own) + 1_000)))
        if one not in own and _deployed(session, kind, one) is None
    )
    called = " ".join(title[:LONGEST_TITLE].split())
    called = called if legible(called) else ""
    return free, _put(
        session, deps, caller, draft_id, [f"{free}{ENDINGS[kind]}"], blank(kind, free, called or free)
    )


def _check(kind: str, key: str) -> None:
    if kind not in KINDS:
        raise InvalidInput(
            f"A file of the kind {named(kind)!r} was asked for; there are form, dmn and bpmn.",
            message_zh="只有表单、决策表和流程图。",
        )
    check_key(key)


def _offered(session: Session, draft_id: UUID, kind: str) -> dict[str, str]:
    reading.found(session, draft_id)
    found = offered_by(reading.sources(session, draft_id))
    return {one["key"]: one["file"] for one in found[KINDS[kind]]}


def _deployed(session: Session, kind: str, key: str) -> tuple[str, bytes] | None:
    """Name and bytes of the newest deployed file."""
    files = sa.select(_RESOURCE.c.name, _RESOURCE.c.content)
    if kind == "bpmn":
        newest = (
            files.join(_DEFINITION, _DEFINITION.c.resource_id == _RESOURCE.c.id)
            .where(_DEFINITION.c.key == key)
            .order_by(_DEFINITION.c.version.desc())
        )
    else:
        newest = (
            files.join(_DEPLOYMENT, _DEPLOYMENT.c.id == _RESOURCE.c.deployment_id)
            .where(_RESOURCE.c.kind == kind, *([_RESOURCE.c.key == key] if kind == "form" else []))
            .order_by(_DEPLOYMENT.c.deployed_at.desc(), _DEPLOYMENT.c.id.desc())
        )
    for row in session.execute(newest):
        if row.name.startswith(GENERATED):
            continue
        if kind != "dmn" or any(one["key"] == key for one in decisions_in(row.content)):
            return row.name, row.content
    return None


def _put(
    session: Session, deps: Deps, caller: Caller, draft_id: UUID, names: Iterable[str], text: str
) -> str:
    there = {one.name for one in reading.files(session, caller, draft_id)}
    for name in names:
        if name not in there:
            keeping.save(session, deps, caller, draft_id, name, text, 0)
            return name
    raise InvalidInput(
        f"A file could not be put into the draft {draft_id}: it has others called {', '.join(names)}; rename one of them.",
        message_zh=f"草稿里已有别的文件叫“{'、'.join(names)}”，没有放入；请先给它改名。",
    )
