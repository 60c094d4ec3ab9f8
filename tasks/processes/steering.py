"""Steering process instances: start, messages and signals, cancel, suspend, resume, correct, retry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.deployment import ProcessDefinition
from engine.dialect.ids import engine_id
from engine.errors import InvalidInput, NotFound
from engine.incidents import Incident
from engine.instance import ACTIVE, CANCELLED, SUSPENDED
from engine.messages import awaiting_instances
from engine.ports import Move
from tasks.audit.digests import digest, given
from tasks.audit.recording import chain_of, record
from tasks.cases.letterbox import not_awaited, take
from tasks.cases.numbers import is_number
from tasks.cases.reading import read_case
from tasks.cases.submissions import Sent, keep
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.listener import case_behind
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.permissions.visibility import visible_to
from tasks.processes.instances import Reached, reached

LARGEST_PAYLOAD = 64 * 1024
_CASE = table(Case)


def cancel_instance(session: Session, deps: Deps, caller: Caller, instance_id: UUID, *, reason: str) -> Move:
    """End an instance for good, with the reason. Raises NotFound, NotPermitted, WrongState."""
    found = reached(session, deps, caller, "instance.cancel", instance_id)
    _noted(session, deps, caller, "instance.cancel", found, {"status": CANCELLED}, reason)
    return deps.engine.cancel(session, instance_id, reason=_reason(reason), actor=caller.actor)


def suspend_instance(session: Session, deps: Deps, caller: Caller, instance_id: UUID, *, reason: str) -> None:
    """Stop an instance from moving; its tasks stay visible. Raises NotFound, NotPermitted, WrongState."""
    found = reached(session, deps, caller, "instance.suspend", instance_id)
    _noted(session, deps, caller, "instance.suspend", found, {"status": SUSPENDED}, reason)
    deps.engine.suspend(session, instance_id, reason=_reason(reason), actor=caller.actor)


def resume_instance(
    session: Session, deps: Deps, caller: Caller, instance_id: UUID, *, reason: str = ""
) -> None:
    """Let a suspended instance move again. Raises NotFound, NotPermitted, WrongState."""
    found = reached(session, deps, caller, "instance.resume", instance_id)
    _noted(session, deps, caller, "instance.resume", found, {"status": ACTIVE}, reason)
    deps.engine.resume(session, instance_id, reason=reason.strip()[:1000], actor=caller.actor)


def set_variables(
    session: Session,
    deps: Deps,
    caller: Caller,
    instance_id: UUID,
    variables: Mapping[str, Any],
    *,
    reason: str,
    at: str | None = None,
) -> Move:
    """Set variables a diagram reads and nobody gave, with the reason; at: the activity that reads them.

    Raises NotFound, NotPermitted, WrongState, InvalidInput, also for values above 64 KiB.
    """
    found = reached(session, deps, caller, "instance.correct", instance_id)
    carried = _carried("correction", str(instance_id), variables)
    _noted(session, deps, caller, "instance.correct", found, {"at": at, **given(carried)}, reason)
    return deps.engine.set_variables(
        session, instance_id, carried, reason=_reason(reason), at=at, actor=caller.actor
    )


def retry_incident(session: Session, deps: Deps, caller: Caller, incident_id: UUID) -> UUID:
    """Ask for a failing activity to be run again, by a job; return the id of its instance. Raises NotFound, NotPermitted, WrongState."""
    require(caller, "incident.retry")
    instance_id = session.scalar(sa.select(Incident.instance_id).where(Incident.id == incident_id))
    if instance_id is None:
        raise NotFound(f"The incident {incident_id} was asked for; there is no such incident for you.")
    found = reached(session, deps, caller, "incident.retry", instance_id)
    _noted(session, deps, caller, "incident.retry", found, {"incident": incident_id})
    deps.engine.retry(session, incident_id, actor=caller.actor)
    return instance_id


@dataclass(frozen=True, slots=True)
class Delivered:
    """Who took a message: the instance, its status then, and whether it has ended. repeated: it was taken before."""

    instance_id: str
    status: str
    ended: bool
    repeated: bool = False


def send_message(
    session: Session,
    deps: Deps,
    caller: Caller,
    number: str,
    name: str,
    payload: Mapping[str, Any] | None,
    sent: Sent | None = None,
) -> Delivered:
    """Give a message such as `withdraw` or `urge` to a case, now or not at all. sent: the request as it came.

    What it carries passes the form of the element that waits for it (`message.form`) and its table (`message.check`); one that
    names a paper (`message.unique`) is taken once, and who sends it again gets the first answer. Raises NotFound when the caller
    may not see the case, MessageNotAwaited when nothing in it waits for the message from them, NotPermitted to staff where only
    others send it, AnswersRefused with every mistake, DecisionFailed, FiledOtherwise, InvalidInput for a payload above 64 KiB.
    """
    case = read_case(session, deps, caller, number, verb="message.send")
    if not storable(name):
        raise InvalidInput("A message with an impossible name was sent.")
    if _only_files(session, name, case.number):
        raise not_awaited(case.number, name)
    taken = take(session, deps, caller, case, name, _carried("message", name, payload))
    if taken.answer is not None:
        return Delivered(**taken.answer, repeated=True)
    record(
        session,
        caller.actor,
        "message.send",
        at=deps.clock.now(),
        chain=case.number,
        subject="case",
        subject_id=case.number,
        after={"message": name, **given(taken.payload)},
    )
    move = deps.engine.correlate(
        session,
        name,
        business_key=case.number,
        instance_id=taken.instance_id,
        payload=taken.payload,
        actor=caller.actor,
    )
    answer: dict[str, Any] = {
        "instance_id": str(move.instance.id),
        "status": move.instance.status,
        "ended": move.ended,
    }
    if taken.letter is not None:
        keep(session, deps, caller, case.id, taken.letter, sent, answer)
    return Delivered(**answer)


def _only_files(session: Session, name: str, number: str) -> bool:
    """Whether nobody in the case waits for a message and it would start a case of its own: that is filed, with a number of
    its own, and never runs under the number of another.
    """
    if awaiting_instances(session, name, number):
        return False
    beside = ProcessDefinition.properties["case.linked"].astext
    starts = sa.select(ProcessDefinition.key).where(
        ProcessDefinition.start_messages.any_() == name, sa.func.coalesce(beside, "") != "true"
    )
    return session.scalar(starts.limit(1)) is not None


def send_signal(
    session: Session, deps: Deps, caller: Caller, name: str, payload: Mapping[str, Any] | None
) -> int:
    """Throw a signal to every instance that waits for it, of any case; return how many activities wait for it now.

    It starts the processes that begin with it. Raises NotPermitted, InvalidInput for a payload above 64 KiB.
    """
    require(caller, "signal.send")
    if not storable(name):
        raise InvalidInput("A signal with an impossible name was sent.")
    content = _carried("signal", name, payload)
    record(
        session,
        caller.actor,
        "signal.send",
        at=deps.clock.now(),
        subject="signal",
        subject_id=name,
        after=given(content),
    )
    return deps.engine.signal(session, name, payload=content, actor=caller.actor)


def start_process(
    session: Session,
    deps: Deps,
    caller: Caller,
    process_key: str,
    *,
    business_key: str,
    variables: Mapping[str, Any] | None,
    version: int | None = None,
    start_event: str | None = None,
) -> Move:
    """Start any deployed process without a case, at the named start event or the first plain one drawn.

    A business key that is the number of a case lets the process read that case: whoever starts it has to see it. Raises
    NotFound, NotPermitted, InvalidInput, which lists the start events where the named one is none of them.
    """
    require(caller, "instance.start")
    if is_number(business_key):
        _for_a_case(session, caller, business_key)
    move = deps.engine.start(
        session,
        process_key,
        business_key=business_key,
        variables=variables or {},
        actor=caller.actor,
        version=version,
        start_event=engine_id(start_event) if start_event else None,
    )
    behind = case_behind(session, business_key)
    record(
        session,
        caller.actor,
        "instance.start",
        at=deps.clock.now(),
        chain=chain_of(business_key if behind else None, move.instance.id),
        subject="instance",
        subject_id=move.instance.id,
        after={"process": process_key, "business_key": business_key, **given(variables or {})},
    )
    return move


def _carried(kind: str, name: str, payload: Mapping[str, Any] | None) -> dict[str, Any]:
    content = dict(payload or {})
    if len(orjson.dumps(content)) > LARGEST_PAYLOAD:
        raise InvalidInput(
            f"The {kind} {name} was sent with more than {LARGEST_PAYLOAD // 1024} KiB of payload."
        )
    return content


def _noted(
    session: Session,
    deps: Deps,
    caller: Caller,
    verb: str,
    found: Reached,
    after: Mapping[str, Any],
    reason: str = "",
) -> None:
    record(
        session,
        caller.actor,
        verb,
        at=deps.clock.now(),
        chain=chain_of(found.number, found.row.id),
        subject="instance",
        subject_id=found.row.id,
        before={"status": found.row.status},
        after={**after, "reason": digest(reason.strip())} if reason.strip() else after,
    )


def _for_a_case(session: Session, caller: Caller, number: str) -> None:
    seen = sa.select(_CASE.c.id).where(_CASE.c.number == number, visible_to(caller))
    if session.scalar(seen) is None:
        raise NotFound(
            f"To start a process for the case {number} was asked; there is no such case for you.",
            number=number,
        )


def _reason(reason: str) -> str:
    text = reason.strip()
    if not 1 <= len(text) <= 1000 or not storable(text):
        raise InvalidInput("A reason of 1 to 1000 characters is needed.")
    return text
