"""Opening a case on behalf of another one: what a diagram does when a complaint is upgraded or many have one cause.

The new case is written and started in the transaction of the operation, which holds the lock of its own instance only: a
new instance is nobody else's to wait for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.deployment import ProcessDefinition, latest_definition
from engine.errors import InvalidInput, NotFound
from engine.ids import time_ordered
from engine.ports import OperationCall
from tasks.audit.digests import given
from tasks.audit.recording import record
from tasks.cases.facts import laid_over
from tasks.cases.keys import keep_keys
from tasks.cases.linking.links import CHILD_OF, link_cases
from tasks.cases.numbers import new_query_code, next_number, prefix_of, query_hash
from tasks.cases.starting import unanswered
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.listener import OF_A_NEW_CASE, case_behind, remember_case
from tasks.memo import CaseMemo
from tasks.organisation.tree import Organisation
from tasks.permissions.visibility import with_superiors

LARGEST_FACTS = 64 * 1024
BY_NOBODY = UUID(int=0)
"""Who filed a case that a process opened."""
BY_NAME = "系统 SYSTEM"

_CASE = table(Case)


def own_case(call: OperationCall) -> CaseMemo:
    """The case an operation works for. Raises InvalidInput where its process runs without one."""
    found = case_behind(call.session, call.instance.business_key)
    if found is None:
        raise InvalidInput(
            f"The activity {call.activity_id} asks for what only a case can do; {call.instance.business_key} is none.",
            message_zh=f"环节 {call.activity_id} 只能在案件中进行，{call.instance.business_key} 不是案件。",
        )
    return found


def opened(session: Session, key: str) -> Any:
    """The case that this activation of an operation has opened already; None where it has not."""
    return session.execute(sa.select(_CASE).where(_CASE.c.opened_by == key)).first()


def open_case(
    call: OperationCall,
    organisation: Organisation,
    regime: str,
    kind: str,
    facts: Mapping[str, Any],
    *,
    refers: bool,
    unit: str = "",
) -> Any:
    """Write a case of a regime, linked with the one that opens it, start its process, and return its row.

    unit: code of the unit it is filed at; by default that of the opening case. refers: it sees the facts of the opening case
    under its own, and its customer asks after it with the same query code. What the regime's start form asks beyond the facts
    is null. It is confidential when the opening case is.
    Raises NotFound for a regime that is not deployed or only runs beside cases, NeedsBinding, InvalidInput for facts
    that are too large or cannot be stored and for an unknown unit.
    """
    session, now = call.session, call.clock.now()
    own = own_case(call)
    before = session.execute(sa.select(_CASE).where(_CASE.c.id == own.id)).one()
    definition = _definition(session, regime)
    place = organisation.by_code.get(unit or before.org_code)
    if place is None:
        raise InvalidInput(
            f"To open a case at the unit {unit or before.org_code} was asked; there is no such unit now.",
            message_zh=f"没有单位 {unit or before.org_code}，不能在该单位立案。",
        )
    facts = laid_over(facts, [unanswered(session, definition)])
    _require_storable(regime, facts)
    confidential = (
        before.confidential and kind != CHILD_OF
    )  # a master shows what its diagram gives it, of no one case
    home = organisation.province(_home(laid_over(facts, [own.facts] if refers else None)))
    case_id = time_ordered(call.clock)()
    values = {
        "id": case_id,
        "number": next_number(session, prefix_of(regime, definition.properties), place.id, now),
        "regime": regime,
        "query_hash": before.query_hash if refers else query_hash(new_query_code()),
        "org_code": place.code,
        "org_path": place.path,
        "province": home.code if home else before.province if refers else "",
        "facts": dict(facts),
        "paths": sorted(with_superiors([place.path])),
        "filed_by": BY_NOBODY,
        "filed_by_name": BY_NAME,
        "filed_at": now,
        "confidential": confidential,
        "confidential_reason": before.confidential_reason if confidential else "",
        "refers_to": own.id if refers else None,
        "opened_by": call.key,
    }
    row = session.execute(sa.insert(_CASE).values(values).returning(*_CASE.c, *OF_A_NEW_CASE)).one()
    seen = remember_case(session, row.id, row)
    keep_keys(session, case_id, now, seen.facts)
    if kind != CHILD_OF:
        link_cases(session, case_id, own.id, kind, at=now)
    record(
        session,
        call.actor,
        "case.file",
        at=now,
        chain=row.number,
        subject="case",
        subject_id=row.number,
        after={
            "regime": regime,
            "org": place.code,
            "links": [[before.number, kind]],
            "refers": refers,
            **given(dict(facts)),
        },
    )
    move = call.start(regime, business_key=row.number, answers=dict(seen.facts), actor=call.actor)
    session.execute(sa.update(_CASE).where(_CASE.c.id == case_id).values(instance_id=move.instance.id))
    return row


def _definition(session: Session, regime: str) -> ProcessDefinition:
    if not storable(regime):
        raise NotFound("A regime with an impossible name was asked for; it is not deployed.")
    definition = latest_definition(session, regime)
    if definition.properties.get("case.linked") == "true":
        raise NotFound(
            f"To open a case under {regime} was asked; it only runs beside the cases of other processes.",
            message_zh=f"流程 {regime} 只随其他案件运行，不能立案。",
        )
    return definition


def _require_storable(regime: str, facts: Mapping[str, Any]) -> None:
    written = orjson.dumps(facts, default=str)
    if len(written) > LARGEST_FACTS or b"\\u0000" in written:
        raise InvalidInput(
            f"To open a case under {regime} was asked with facts that cannot be kept: more than "
            f"{LARGEST_FACTS // 1024} KiB, or with a NUL character.",
            message_zh=f"立案内容超过 {LARGEST_FACTS // 1024} KiB 或含有不能保存的字符。",
        )


def _home(facts: Mapping[str, Any]) -> str:
    customer = facts.get("customer")
    named = customer.get("home_province") if isinstance(customer, Mapping) else facts.get("home_province")
    return str(named or "")
