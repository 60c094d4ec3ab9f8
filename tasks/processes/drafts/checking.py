"""Checking a draft: everything a deployment of it would be told, with what an editor has not saved yet."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from engine.dialect.outcome import Outcome
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.processes import deployments
from tasks.processes.drafts import reading
from tasks.processes.drafts.making import laid_over
from tasks.processes.drafts.texts import check_bundle


def check(
    session: Session, deps: Deps, caller: Caller, draft_id: UUID, texts: Mapping[str, str] | None = None
) -> Outcome:
    """Say everything a deployment of a draft would be told; nothing is stored. texts: by file name, over those saved.

    Raises NotFound, InvalidInput, TooBusy.
    """
    require(caller, "process_draft.read")
    reading.found(session, draft_id)
    files = laid_over(reading.sources(session, draft_id), texts or {})
    check_bundle(len(files), sum(len(file.content) for file in files))
    return deployments.check(session, deps, caller, files)
