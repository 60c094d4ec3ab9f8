"""Deploying a draft: its files together or not at all, with why, and never over what somebody else has deployed unseen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.deployment import DeploymentReceipt
from engine.errors import InvalidInput, WrongState
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.processes import deployments
from tasks.processes.drafts import reading
from tasks.processes.drafts.overtaken import Over, Overtaken, newer_versions, unseen
from tasks.processes.drafts.tables import ProcessDraft

LONGEST_NOTE = 2000

_DRAFT = table(ProcessDraft)


def deploy(
    session: Session,
    deps: Deps,
    caller: Caller,
    draft_id: UUID,
    *,
    note: str,
    over: Over = False,
    revision: int | None = None,
) -> DeploymentReceipt:
    """Deploy the files of a draft together. The draft stays, and goes on from what was deployed.

    note: what has changed, and why. over: which newer versions the caller has seen and replaces. revision: of the draft, as
    the caller has seen it. Raises NotFound, NotPermitted where four eyes are asked for, InvalidInput without a note,
    WrongState where the draft is submitted or has changed since, Overtaken, DeploymentRefused with every finding, TooBusy.
    """
    require(caller, "deployment.create")
    require(caller, "process_draft.keep")
    deployments.refuse_alone(deps, caller)
    row = reading.found(session, draft_id)
    why = note_of(note, row.name)
    refuse_submitted(row, "deploy")
    refuse_changed(row, revision)
    return carry_out(session, deps, row, caller.actor, note=why, over=over)


def carry_out(
    session: Session,
    deps: Deps,
    row: Any,
    actor: Actor,
    *,
    note: str,
    over: Over,
    approved_by: Actor | None = None,
    refused: Callable[[Any], WrongState] | None = None,
) -> DeploymentReceipt:
    """Deploy a draft (its row) for whoever was allowed to, and let it go on from what was deployed.

    refused: what is raised, given the row as it is then, where somebody has saved into it or decided on it meanwhile; without
    it, what was saved meanwhile stays in the draft, and is not deployed.
    """
    refuse_overtaken(session, row, over)
    files = reading.sources(session, row.id)
    if not files:
        raise InvalidInput(
            f"To deploy the process draft {row.name} was asked, which holds no file.",
            message_zh=f"草稿“{row.name}”中没有文件，没有部署。",
        )
    with deps.turns.one("A deployment"):
        receipt = deployments.deploy_as(
            session,
            deps,
            actor,
            files,
            name=row.name,
            note=note,
            source=f"draft {row.id}",
            approved_by=approved_by,
        )
    # Nobody else deploys until this transaction is over: what was deployed while the files were compiled is seen now.
    if not receipt.unchanged:
        keys = {one.key for one in receipt.definitions}
        newer = unseen(newer_versions(session, row, keys, besides=receipt.deployment_id), over)
        if newer:
            raise Overtaken(row, newer)
    now = reading.found(session, row.id, lock=True)
    same = (now.revision, now.state, now.submission) == (row.revision, row.state, row.submission)
    if refused is not None and not same:
        raise refused(now)
    _go_on(session, deps, now, receipt, note, same=same)
    return receipt


def _go_on(
    session: Session, deps: Deps, now: Any, receipt: DeploymentReceipt, note: str, *, same: bool
) -> None:
    values: dict[str, Any] = {
        "bases": {**now.bases, **{one.key: one.version for one in receipt.definitions}},
        "note": note,
        "deployed_at": deps.clock.now(),
        "deployment_id": receipt.deployment_id or now.deployment_id,
        "rejection": "",
        "rejected_by_name": "",
        "rejected_at": None,
        "pinned": None,
    }
    if same:
        values |= {"state": "deployed", "writers": {}}
    main = next((one for one in receipt.definitions if one.key == now.based_key), None)
    if main is None and not now.based_key and receipt.definitions:
        main = receipt.definitions[0]
    if main is not None:
        values |= {"based_key": main.key, "based_version": main.version, "based_definition_id": main.id}
    session.execute(sa.update(_DRAFT).where(_DRAFT.c.id == now.id).values(values))


def refuse_overtaken(session: Session, row: Any, over: Over) -> None:
    """Raise Overtaken where a newer version of what the draft goes on from is deployed that may not be replaced."""
    newer = unseen(newer_versions(session, row, row.bases), over)
    if newer:
        raise Overtaken(row, newer)


def refuse_submitted(row: Any, asked: str) -> None:
    """Raise WrongState while a draft waits for a second process owner."""
    if row.state == "submitted":
        raise WrongState(
            f"To {asked} the process draft {row.name} was asked, but {row.submitted_by_name} has submitted it and a second process "
            "owner is to look at it; withdraw it first, or change a file.",
            state="submitted",
            message_zh=f"草稿“{row.name}”已由{row.submitted_by_name}提交复核；请等待复核，或先撤回。",
        )


def refuse_changed(row: Any, revision: int | None) -> None:
    """Raise WrongState where the draft is not what the caller has seen."""
    if revision is not None and revision != row.revision:
        raise WrongState(
            f"To go on with the process draft {row.name} as it was at revision {revision} was asked, but it is at {row.revision}: "
            f"{row.changed_by_name} has saved into it meanwhile; look at it again.",
            revision=row.revision,
            message_zh=f"草稿“{row.name}”在此期间由{row.changed_by_name}保存过；请重新查看后再操作。",
        )


def note_of(note: object, name: str) -> str:
    """Return what has changed and why. Raises InvalidInput without it."""
    text = note.strip() if isinstance(note, str) else ""
    if not text or len(text) > LONGEST_NOTE or not storable(text):
        raise InvalidInput(
            f"To deploy the process draft {name} was asked without saying what has changed and why, in at most {LONGEST_NOTE} "
            "characters.",
            message_zh=f"请写明改了什么、为什么改（最多 {LONGEST_NOTE} 个字符）。",
        )
    return text
