"""Operations on graded authority (003§2.5.5): whose it is, and that it was used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import InvalidInput
from engine.ids import time_ordered
from engine.ports import BpmnError, Operation, OperationCall
from tasks.authority.tables import OUTCOMES, REFUSED
from tasks.authority.using import amount_of, decider, log_use, used_this_month
from tasks.operations.inputs import text
from tasks.organisation.office import Office

SAME_PERSON = "same_person"
"""The BPMN error of a second signature that is the first one's."""
LONGEST_REASON = 1000


def operations(_office: Office) -> dict[str, Operation]:
    """By the name diagrams use."""
    return {"read_authority": read_authority, "log_authority": log_authority}


def read_authority(call: OperationCall) -> Mapping[str, Any]:
    """读取授权 Tell whose authority a compensation asks for. Inputs: activity (the user task whose completer decided), amount. Gives person, post, unit, amount, used_this_month (yuan)."""
    by = decider(call.session, call.instance.id, text(call, "activity"))
    return {
        "person": str(by.id),
        "name": by.name,
        "post": by.post,
        "unit": by.unit,
        "amount": float(amount_of(call.inputs.get("amount"))),
        "used_this_month": float(used_this_month(call.session, by.id, call.clock.now())),
    }


def log_authority(call: OperationCall) -> Mapping[str, Any]:
    """登记授权 Log a use of authority. Inputs: activity, second (the user task of the second signature, optional), scope, amount, grade, outcome (granted, dual_sign, refused), reason. BPMN error same_person where one person signed twice; to refuse one's own is no signature."""
    outcome = text(call, "outcome")
    if outcome not in OUTCOMES:
        raise InvalidInput(
            f"A use of authority was to be logged as {outcome[:40]!r}; it is one of {', '.join(OUTCOMES)}."
        )
    by = decider(call.session, call.instance.id, text(call, "activity"))
    signer = text(call, "second")
    second = decider(call.session, call.instance.id, signer) if signer else None
    if second is not None and second.id == by.id and outcome != REFUSED:
        raise BpmnError(SAME_PERSON, f"{by.name} decided and signed besides; a second person has to.")
    grade = call.inputs.get("grade")
    log_use(
        call.session,
        use_id=time_ordered(call.clock)(),
        key=call.key,
        number=call.instance.business_key,
        activity_id=text(call, "activity"),
        by=by,
        second=second,
        grade=int(grade) if isinstance(grade, (int, float)) else 0,
        scope=text(call, "scope")[:60],
        amount=amount_of(call.inputs.get("amount")),
        reason=text(call, "reason")[:LONGEST_REASON],
        outcome=outcome,
        at=call.clock.now(),
        actor=call.actor,
    )
    return {"outcome": outcome, "by": by.name, "second": second.name if second else None}
