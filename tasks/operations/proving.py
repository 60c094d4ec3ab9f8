"""The evidence pack of earlier cases, as a variable that decision tables read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.ports import Operation, OperationCall
from tasks.cases.linking.evidence import pack
from tasks.cases.linking.links import PRIOR
from tasks.cases.linking.opening import own_case
from tasks.operations.inputs import shown, texts
from tasks.organisation.office import Office

_LEFT_OUT = frozenset({"task_id", "by"})
"""What the page shows and variables are spared."""


def operations(office: Office) -> dict[str, Operation]:
    """By the name diagrams use."""

    def evidence_pack(call: OperationCall) -> Mapping[str, Any]:
        """先期处理证据包 What was answered in the cases linked with this one, when and in which limit. Input: kind (of the link, or several; by default prior)."""
        organisation = office.current(call.session).organisation
        kinds = texts(call, "kind") or [PRIOR]
        found: Mapping[str, Any] = _plain(pack(call.session, organisation, own_case(call).id, kinds))
        return found

    return {"evidence_pack": evidence_pack}


def _plain(value: Any) -> Any:
    """The same with instants as FEEL reads them."""
    if isinstance(value, datetime):
        return shown(value)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items() if name not in _LEFT_OUT}
    return [_plain(one) for one in value] if isinstance(value, list) else value
