"""Linking a case with others by their numbers, and merging it into one, on behalf of its process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from engine.errors import InvalidInput
from engine.ports import BpmnError, OperationCall
from tasks.audit.recording import record
from tasks.cases.linking.finding import MOST_NAMED, named
from tasks.cases.linking.links import KINDS, MERGED_INTO, OF_OPERATIONS, link_cases
from tasks.cases.linking.opening import own_case
from tasks.cases.tables import CaseLink
from tasks.organisation.tree import Organisation

MISSING, OVER = "case_missing", "case_over"
"""Errors a diagram can catch: there is no such case for this one; it is closed, so that nothing is merged into it."""


def link_numbers(
    call: OperationCall, organisation: Organisation, numbers: Sequence[str], kind: str
) -> tuple[list[str], list[str]]:
    """Link the case with the cases of these numbers, and return those it is linked with, and those that are not there.

    What may not become known to those who see the case (`tasks.cases.linking.finding.within`) is not there, just as a number nobody
    has. Raises InvalidInput for a kind that is none, and for more than MOST_NAMED numbers.
    """
    own = own_case(call)
    if kind not in KINDS or kind in OF_OPERATIONS:
        known = ", ".join(sorted(KINDS.keys() - OF_OPERATIONS))
        raise InvalidInput(
            f"To link the case {call.instance.business_key} as {kind or 'nothing'} was asked; it can be {known}.",
            message_zh=f"关联类型“{kind}”不存在，可用的有 {known}。",
        )
    if len(numbers) > MOST_NAMED:
        raise InvalidInput(
            f"To link the case {call.instance.business_key} with {len(numbers)} cases was asked; it takes {MOST_NAMED} at once.",
            message_zh=f"一次最多关联 {MOST_NAMED} 件案件，现有 {len(numbers)} 件。",
        )
    found = named(call.session, organisation, own.org_path, numbers)
    linked = [number for number in numbers if number in found and found[number].id != own.id]
    for number in linked:
        link_cases(call.session, own.id, found[number].id, kind, at=call.clock.now())
    if linked:
        _noted(call, "case.link", {"kind": kind, "to": linked})
    return linked, [number for number in numbers if number not in linked]


def merge(call: OperationCall, organisation: Organisation, into: str) -> str:
    """Say that the case goes on as another one, and return that one's number. Merging twice into the same changes nothing.

    Raises BpmnError `case_missing` for a number that is not there for this case (just as one nobody has) or is its own, and
    `case_over` for a case that is closed, or is itself merged into this one.
    """
    own, number = own_case(call), call.instance.business_key
    for name in sorted(
        {number, into}
    ):  # two that are merged into each other at once wait for each other here
        lock = sa.func.hashtextextended(f"merge {name}", 0)
        call.session.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
    target = named(call.session, organisation, own.org_path, [into]).get(into)
    if target is None or target.id == own.id:
        raise BpmnError(
            MISSING,
            f"To merge the case {number} into {into[:60] or '(none)'} was asked; there is no such other case for it. "
            "没有可以并入的案件。",
        )
    if _merged(call, target.id, own.id):
        raise BpmnError(
            OVER,
            f"To merge the case {number} into {into} was asked, which is merged into {number}. 对方已并入本案。",
        )
    if not target.open:
        state = "archived" if target.archived_at else target.status or "not begun"
        raise BpmnError(
            OVER,
            f"To merge the case {number} into {into} was asked, but that is {state}; nothing is merged into a closed case. "
            "对方已经结案，不能并入。",
        )
    link_cases(call.session, own.id, target.id, MERGED_INTO, at=call.clock.now())
    _noted(call, "case.merge", {"into": into})
    return into


def _merged(call: OperationCall, from_id: Any, to_id: Any) -> bool:
    link = sa.select(CaseLink.from_id).where(
        CaseLink.from_id == from_id, CaseLink.to_id == to_id, CaseLink.kind == MERGED_INTO
    )
    return call.session.scalar(link) is not None


def _noted(call: OperationCall, verb: str, after: dict[str, Any]) -> None:
    number = call.instance.business_key
    record(
        call.session, call.actor, verb, at=call.clock.now(), chain=number, subject="case", subject_id=number, after=after
    )  # fmt: skip
