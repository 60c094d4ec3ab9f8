"""Telling units and the customer what a diagram says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.ports import Operation, OperationCall
from tasks.listener import touch
from tasks.operations.inputs import now, text
from tasks.organisation.assigning.routing import classification_of, route
from tasks.organisation.office import Office
from tasks.talk.telling import tell_in_words

LONGEST_NOTICE = 5000


def operations(office: Office) -> dict[str, Operation]:
    """By the name diagrams use."""

    def notify_unit(call: OperationCall) -> Mapping[str, Any]:
        """通知单位 Tell a unit, which sees the case from then on. Inputs: role (a candidate role key), unit (a code, optional), template, text."""
        role = text(call, "role") or "supervisor"
        customer = call.case.get("customer")
        home = customer.get("home_province") if isinstance(customer, Mapping) else None
        to_group = route(
            office.current(call.session).organisation,
            role,
            unit=text(call, "unit") or None,
            province=str(home or call.case.get("province") or ""),
            org=str(call.case.get("org") or ""),
            classification=classification_of({}, call.case),
        )
        touch(call.session, call.instance.business_key, [to_group])
        _tell(call, "unit", to_group)
        return {"told": to_group, "at": now(call)}

    return {"notify_unit": notify_unit, "notify_customer": notify_customer}


def notify_customer(call: OperationCall) -> Mapping[str, Any]:
    """书面告知客户 Tell the customer in writing. Inputs: template, text. The letter or message is sent from the notice."""
    _tell(call, "customer", "")
    return {"at": now(call)}


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
        template=text(call, "template") or call.activity_id,
        text=text(call, "text")[:LONGEST_NOTICE],
    )
