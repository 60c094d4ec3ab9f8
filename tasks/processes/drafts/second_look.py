"""Four eyes on a deployment: one process owner submits a draft, another one, who has not written it, approves or rejects it.

Submitting pins the revisions of the files; whoever changes one withdraws the draft. Approving deploys it: the deployment
names whoever submitted it, and whoever has approved it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.deployment import DeploymentReceipt
from engine.errors import DeploymentRefused, InvalidInput, NotPermitted, WrongState
from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.processes.drafts import checking, reading
from tasks.processes.drafts.deploying import (
    LONGEST_NOTE,
    carry_out,
    note_of,
    refuse_changed,
    refuse_overtaken,
    refuse_submitted,
)
from tasks.processes.drafts.overtaken import Over
from tasks.processes.drafts.owners import process_owners
from tasks.processes.drafts.tables import ProcessDraft
from tasks.talk.causes import DRAFT_APPROVED, DRAFT_REJECTED, DRAFT_SUBMITTED
from tasks.talk.telling import tell

_DRAFT = table(ProcessDraft)


def submit(
    session: Session,
    deps: Deps,
    caller: Caller,
    draft_id: UUID,
    *,
    note: str,
    over: Over = False,
    revision: int | None = None,
) -> Any:
    """Ask the other process owners to look at a draft as it is; they are told. Returns its row.

    note, over, revision: as of a deployment. Raises what a deployment of it would raise, and WrongState where nobody could
    approve it.
    """
    require(caller, "process_draft.submit")
    row = reading.found(session, draft_id)
    why = note_of(note, row.name)
    refuse_submitted(row, "submit")
    refuse_changed(row, revision)
    refuse_overtaken(session, row, over)
    found = checking.check(session, deps, caller, draft_id)
    if not found.ok:
        raise DeploymentRefused(list(found.findings), found)
    now = reading.found(session, draft_id, lock=True)
    refuse_submitted(now, "submit")
    refuse_changed(now, row.revision)
    others = [
        one.id
        for one in process_owners(session, deps)
        if one.id != caller.id and str(one.id) not in now.writers
    ]
    if not others:
        raise WrongState(
            f"To submit the process draft {row.name} was asked, but nobody could approve it: every other process owner has "
            "changed it since it was last deployed, or there is none.",
            state=row.state,
            message_zh=f"没有人可以复核草稿“{row.name}”：其他流程负责人都改过它，或者没有其他流程负责人。",
        )
    pinned = {one.name: one.revision for one in reading.files(session, caller, draft_id)}
    at, number = deps.clock.now(), now.submission + 1
    session.execute(
        sa.update(_DRAFT)
        .where(_DRAFT.c.id == draft_id)
        .values(
            state="submitted",
            submission=number,
            pinned=pinned,
            note=why,
            submitted_by=caller.id,
            submitted_by_name=caller.name,
            submitted_at=at,
            rejection="",
            rejected_by_name="",
            rejected_at=None,
        )
    )
    record(
        session,
        caller.actor,
        "process_draft.submit",
        at=at,
        subject="process_draft",
        subject_id=draft_id,
        before={"state": now.state},
        after={"draft": row.name, "state": "submitted", "files": pinned},
    )
    tell(
        session,
        deps.clock,
        DRAFT_SUBMITTED,
        f"{draft_id}:{number}",
        people=others,
        fields={"who": caller.name, "draft": row.name},
    )
    return reading.found(session, draft_id)


def withdraw(session: Session, deps: Deps, caller: Caller, draft_id: UUID) -> Any:
    """Take a submitted draft back: it is open again. Any process owner may, as changing it does. Raises WrongState."""
    require(caller, "process_draft.submit")
    row = _submitted(session, draft_id, "withdraw", None)
    session.execute(sa.update(_DRAFT).where(_DRAFT.c.id == draft_id).values(state="open", pinned=None))
    record(
        session,
        caller.actor,
        "process_draft.submit",
        at=deps.clock.now(),
        subject="process_draft",
        subject_id=draft_id,
        before={"state": "submitted"},
        after={"draft": row.name, "state": "open"},
    )
    return reading.found(session, draft_id)


def approve(
    session: Session, deps: Deps, caller: Caller, draft_id: UUID, submission: int, *, over: Over = False
) -> DeploymentReceipt:
    """Deploy what somebody else has submitted. submission: which, as the caller has seen it.

    Raises NotPermitted for whoever submitted it, has changed it since it was last deployed, or is no person; WrongState where
    it is not submitted any more, or anew; and what a deployment raises.
    """
    require(caller, "process_draft.decide")
    require(caller, "deployment.create")
    row = _submitted(session, draft_id, "approve", submission, lock=False)
    refuse_own(caller, row)
    # Somebody may save while the files are read and compiled: what is deployed is what was submitted, or nothing.
    by = Actor(id=str(row.submitted_by), name=row.submitted_by_name)
    receipt = carry_out(
        session,
        deps,
        row,
        by,
        note=row.note,
        over=over,
        approved_by=caller.actor,
        refused=lambda now: _not_submitted(now, "approve"),
    )
    _decided(session, deps, caller, row, {"decision": "approved", "deployment": receipt.deployment_id})
    _tell_submitter(session, deps, caller, row, DRAFT_APPROVED, {})
    return receipt


def reject(
    session: Session, deps: Deps, caller: Caller, draft_id: UUID, submission: int, *, reason: str
) -> Any:
    """Give a submitted draft back with a reason; it is open again. Raises NotPermitted for whoever submitted it; WrongState,
    InvalidInput without a reason.
    """
    require(caller, "process_draft.decide")
    row = _submitted(session, draft_id, "reject", submission)
    if row.submitted_by == caller.id:
        raise NotPermitted(
            f"To reject the process draft {row.name} was asked by {caller.login}, who submitted it; withdraw it instead.",
            message_zh=f"草稿“{row.name}”是您本人提交的；请改为撤回。",
        )
    why = reason.strip() if isinstance(reason, str) else ""
    if not why or len(why) > LONGEST_NOTE or not storable(why):
        raise InvalidInput(
            f"To reject the process draft {row.name} was asked without a reason of at most {LONGEST_NOTE} characters.",
            message_zh=f"请写明退回的理由（最多 {LONGEST_NOTE} 个字符）。",
        )
    at = deps.clock.now()
    session.execute(
        sa.update(_DRAFT)
        .where(_DRAFT.c.id == draft_id)
        .values(state="open", pinned=None, rejection=why, rejected_by_name=caller.name, rejected_at=at)
    )
    _decided(session, deps, caller, row, {"decision": "rejected", "reason": why})
    _tell_submitter(session, deps, caller, row, DRAFT_REJECTED, {"reason": why})
    return reading.found(session, draft_id)


def barred(caller: Caller, row: Any) -> tuple[str, str] | None:
    """Return why the caller cannot approve a submitted draft (its row), in English and Chinese, or None."""
    if caller.kind != "person":
        return "it is a person who has to look", "复核须由人员进行"
    if row.submitted_by == caller.id:
        return "who submitted it", "提交人不能复核自己提交的草稿"
    if str(caller.id) in row.writers:
        return "who has changed its files since it was last deployed", "上次部署后改过草稿的人不能复核"
    return None


def refuse_own(caller: Caller, row: Any) -> None:
    """Raise NotPermitted for whoever cannot be the second pair of eyes."""
    why = barred(caller, row)
    if why is not None:
        raise NotPermitted(
            f"To approve the process draft {row.name} was asked by {caller.login}, but {why[0]}: a second process owner has to.",
            message_zh=f"不能复核草稿“{row.name}”：{why[1]}，须由另一位流程负责人复核。",
        )


def _submitted(
    session: Session, draft_id: UUID, asked: str, submission: int | None, *, lock: bool = True
) -> Any:
    row = reading.found(session, draft_id, lock=lock)
    if row.state != "submitted" or (submission is not None and submission != row.submission):
        raise _not_submitted(row, asked)
    return row


def _not_submitted(row: Any, asked: str) -> WrongState:
    how = (
        "it has been submitted anew meanwhile; look at it again"
        if row.state == "submitted"
        else f"it is {row.state}, and nobody waits for that"
    )
    how_zh = "它已重新提交，请重新查看" if row.state == "submitted" else "它现在没有在等待复核"
    return WrongState(
        f"To {asked} the process draft {row.name} was asked, but {how}.",
        state=row.state,
        submission=row.submission,
        message_zh=f"草稿“{row.name}”：{how_zh}。",
    )


def _decided(session: Session, deps: Deps, caller: Caller, row: Any, after: dict[str, Any]) -> None:
    record(
        session,
        caller.actor,
        "process_draft.decide",
        at=deps.clock.now(),
        subject="process_draft",
        subject_id=row.id,
        before={"state": "submitted", "submitted_by": row.submitted_by_name, "files": row.pinned},
        after={"draft": row.name, **after},
    )


def _tell_submitter(
    session: Session, deps: Deps, caller: Caller, row: Any, cause: str, more: dict[str, str]
) -> None:
    tell(
        session,
        deps.clock,
        cause,
        f"{row.id}:{row.submission}",
        people=[row.submitted_by],
        fields={"who": caller.name, "draft": row.name, **more},
    )
