"""Masters: one case for what many cases have in common, such as a mass event. The others hang below it and wait.

A child that joins and a master that releases meet at the master's row: either the child finds that the matter is resolved,
or the master finds the child. Nobody locks the instance of another case: children hear by thrown messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.ids import time_ordered
from engine.instance import ProcessInstance
from engine.ports import BpmnError, OperationCall
from tasks.audit.recording import record
from tasks.cases.linking.links import CHILD_OF, OPEN, link_cases
from tasks.cases.linking.opening import open_case, own_case
from tasks.cases.linking.releasing import release
from tasks.cases.tables import Case, MasterCase
from tasks.core import storable, table
from tasks.organisation.tree import Organisation

LONGEST_KEY = 200

MASTER_EXISTS = "master_exists"
"""Error a diagram can catch: the event has another master already."""

_CASE, _MASTER, _INSTANCE = table(Case), table(MasterCase), table(ProcessInstance)


class Joined(NamedTuple):
    """The master a case hangs below. resolved: nothing will be told any more; text: what was decided, as far as it was said."""

    number: str
    resolved: bool
    text: str | None


def join(
    call: OperationCall,
    organisation: Organisation,
    regime: str,
    key: str,
    facts: Mapping[str, Any],
    unit: str = "",
) -> Joined:
    """Hang the case below the master of that regime and key, which is opened with `facts` when there is none whose file is
    still open.

    Joining twice changes nothing. Raises InvalidInput for a key that is empty, too long or cannot be stored, what
    `open_case` raises, and InvalidInput when the case is the master itself.
    """
    session = call.session
    own = own_case(call)
    _require_key(regime, key)
    found = _running(session, regime, key)
    if found is None:
        _alone(session, regime, key)
        found = _running(session, regime, key)
    if found is None:
        row = open_case(call, organisation, regime, CHILD_OF, facts, refers=False, unit=unit)
        session.execute(sa.insert(_MASTER).values(case_id=row.id, regime=regime, key=key))
        found = _running(session, regime, key)
    assert found is not None
    if found.case_id == own.id:
        raise InvalidInput(
            f"The case {found.number} was asked to join itself as its master.",
            message_zh="主案不能并入自己。",
        )
    link_cases(session, own.id, found.case_id, CHILD_OF, at=call.clock.now())
    _noted(call, "case.link", found.number, {"kind": CHILD_OF, "to": found.number})
    return Joined(found.number, found.released_at is not None or not found.open, found.released_text)


def become(call: OperationCall, key: str) -> None:
    """Make the case the master of its regime and this key. One that `join` has opened is it already: then nothing changes.

    Raises InvalidInput as `join` does, and BpmnError `master_exists` where another case, whose file is open, is the master.
    """
    session, own = call.session, own_case(call)
    regime = call.instance.process_key
    _require_key(regime, key)
    _alone(session, regime, key)
    found = _running(session, regime, key)
    if found is None:
        session.execute(sa.insert(_MASTER).values(case_id=own.id, regime=regime, key=key))
        _noted(call, "case.link", call.instance.business_key, {"master_of": key})
    elif found.case_id != own.id:
        raise BpmnError(
            MASTER_EXISTS,
            f"The case {call.instance.business_key} was to become the master of {regime} {key}; {found.number} is it. "
            f"该事件已有主案 {found.number}。",
        )


def release_children(call: OperationCall, text: str) -> int:
    """Say that the matter of this master is resolved (`tasks.cases.linking.releasing`); return how many cases are told."""
    return release(
        call.session,
        own_case(call).id,
        call.instance.business_key,
        text,
        by=call.instance.id,
        activity_id=call.activity_id,
        token_id=UUID(call.key),
        actor=call.actor,
        at=call.clock.now(),
        new_id=time_ordered(call.clock),
    )


def _running(session: Session, regime: str, key: str) -> Any:
    """The newest master whose file is not archived, held so that it cannot be released meanwhile; None where there is none."""
    statement = (
        sa.select(
            _MASTER.c.case_id,
            _MASTER.c.released_at,
            _MASTER.c.released_text,
            _CASE.c.number,
            sa.func.coalesce(OPEN, sa.false()).label("open"),
        )
        .select_from(
            _MASTER.join(_CASE, _CASE.c.id == _MASTER.c.case_id).outerjoin(
                _INSTANCE, _INSTANCE.c.id == _CASE.c.instance_id
            )
        )
        .where(_MASTER.c.regime == regime, _MASTER.c.key == key, _CASE.c.archived_at.is_(None))
        .order_by(_CASE.c.filed_at.desc())
        .limit(1)
        .with_for_update(read=True, of=_MASTER)
    )
    return session.execute(statement).first()


def _require_key(regime: str, key: str) -> None:
    if not 1 <= len(key) <= LONGEST_KEY or not storable(key, regime):
        raise InvalidInput(
            f"To join the master of {regime} was asked with a key of {len(key)} characters; it names the event in 1 to "
            f"{LONGEST_KEY}.",
            message_zh=f"并入主案需要 1 至 {LONGEST_KEY} 个字的事件标识。",
        )


def _alone(session: Session, regime: str, key: str) -> None:
    """One opens the master, the others wait here and find it; they hold no lock that it needs."""
    name = sa.func.hashtextextended(f"master {regime} {key}", 0)
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(name)))


def _noted(call: OperationCall, verb: str, subject: str, after: Mapping[str, Any]) -> None:
    record(
        call.session, call.actor, verb, at=call.clock.now(), chain=call.instance.business_key, subject="case",
        subject_id=subject, after=after,
    )  # fmt: skip
