"""The operations a diagram may name, and what each does. An operation raises to make an incident; it never
commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine import jobs
from engine.ports import Operation, OperationCall
from tasks.audit.recording import record
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deadlines.clocks.keeping import archived
from tasks.deadlines.supervision.sweep import PRESS
from tasks.listener import touch
from tasks.organisation.assigning.routing import classification_of, route
from tasks.organisation.office import Office
from tasks.talk.telling import tell_in_words

LONGEST_NOTICE = 5000


def operations(office: Office) -> dict[str, Operation]:
    """All operations by the name diagrams use."""

    def notify_unit(call: OperationCall) -> Mapping[str, Any]:
        """通知单位 Tell a unit, which sees the case from then on. Inputs: role (a candidate role key), unit (a code, optional), template, text."""
        role = _text(call, "role") or "supervisor"
        customer = call.case.get("customer")
        home = customer.get("home_province") if isinstance(customer, Mapping) else None
        to_group = route(
            office.current(call.session).organisation,
            role,
            unit=_text(call, "unit") or None,
            province=str(home or call.case.get("province") or ""),
            org=str(call.case.get("org") or ""),
            classification=classification_of({}, call.case),
        )
        touch(call.session, call.instance.business_key, [to_group])
        _tell(call, "unit", to_group)
        return {"told": to_group, "at": _now(call)}

    return {
        "archive_case": archive_case,
        "supervise_case": supervise_case,
        "notify_unit": notify_unit,
        "notify_customer": notify_customer,
    }


def archive_case(call: OperationCall) -> Mapping[str, Any]:
    """归档 Close the file: from now on it is only read. Archiving twice keeps the first instant."""
    now = call.clock.now()
    row = call.session.execute(
        sa.update(table(Case))
        .where(Case.number == call.instance.business_key)
        .values(archived_at=sa.func.coalesce(Case.archived_at, now))
        .returning(Case.archived_at, Case.id)
    ).first()
    at = row.archived_at if row else None
    if row is not None and at == now:
        archived(call.session, row.id, now)
        number = call.instance.business_key
        record(
            call.session, call.actor, "case.archive", at=now, chain=number, subject="case", subject_id=number,
            after={"archived_at": at},
        )  # fmt: skip
    shown = (at or now).astimezone(SHANGHAI).isoformat(timespec="seconds")
    return {"archived_at": shown, "code": call.inputs.get("code")}


def supervise_case(call: OperationCall) -> Mapping[str, Any]:
    """发起督办 Press whoever holds the open work of the case, such as when the customer urges: supervision begins beside it."""
    arguments = {"instance_id": str(call.instance.id), "key": call.key}
    jobs.defer(call.session, PRESS, arguments, lock=f"i:{call.instance.id}")
    return {"at": _now(call)}


def notify_customer(call: OperationCall) -> Mapping[str, Any]:
    """书面告知客户 Tell the customer in writing. Inputs: template, text. The letter or message is sent from the notice."""
    _tell(call, "customer", "")
    return {"at": _now(call)}


def _tell(call: OperationCall, audience: str, to_group: str) -> None:
    tell_in_words(
        call.session,
        call.clock,
        key=call.key,
        number=call.instance.business_key,
        instance_id=call.instance.id,
        activity_id=call.activity_id,
        audience=audience,
        to_group=to_group,
        template=_text(call, "template") or call.activity_id,
        text=_text(call, "text")[:LONGEST_NOTICE],
    )


def _text(call: OperationCall, name: str) -> str:
    value = call.inputs.get(name)
    return "" if value is None else str(value)


def _now(call: OperationCall) -> str:
    return call.clock.now().astimezone(SHANGHAI).isoformat(timespec="seconds")
