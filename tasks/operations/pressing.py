"""Pressing whoever holds the open work of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import jobs
from engine.ports import Operation, OperationCall
from tasks.deadlines.supervision.sweep import PRESS
from tasks.operations.inputs import now
from tasks.organisation.office import Office


def operations(_office: Office) -> dict[str, Operation]:
    """By the name diagrams use."""
    return {"supervise_case": supervise_case}


def supervise_case(call: OperationCall) -> Mapping[str, Any]:
    """发起督办 Press whoever holds the open work of the case, such as when the customer urges: supervision begins beside it."""
    arguments = {"instance_id": str(call.instance.id), "key": call.key}
    jobs.defer(call.session, PRESS, arguments, lock=f"i:{call.instance.id}")
    return {"at": now(call)}
