"""Closing the file of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.ports import Operation, OperationCall
from tasks.audit.recording import record
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deadlines.clocks.writing import archived
from tasks.operations.inputs import shown
from tasks.organisation.office import Office


def operations(_office: Office) -> dict[str, Operation]:
    """By the name diagrams use."""
    return {"archive_case": archive_case}


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
    return {"archived_at": shown(at or now), "code": call.inputs.get("code")}
