"""Finding, linking, opening and merging cases; masters that other cases wait for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from engine.errors import InvalidInput
from engine.ports import Operation, OperationCall
from tasks.cases.facts import facts_of, summary
from tasks.cases.keys import business_key, person_key, phone_key
from tasks.cases.linking import masters
from tasks.cases.linking.finding import find
from tasks.cases.linking.links import KINDS, OF_OPERATIONS, RELATED
from tasks.cases.linking.merging import link_numbers, merge
from tasks.cases.linking.opening import open_case as open_for
from tasks.cases.linking.opening import opened, own_case
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.operations.inputs import mapping, shown, text, texts
from tasks.organisation.office import Office

LONGEST_SUMMARY = 80
MOST_DAYS = 36_500


def operations(office: Office) -> dict[str, Operation]:
    """By the name diagrams use."""

    def find_cases(call: OperationCall) -> Mapping[str, Any]:
        """查找相关案件 Find cases of the same matter or person, the newest first, at most 20. Inputs: numbers, phone, person (name and id_last4) each find by themselves; business, where none of them is said, too; it, regimes, days and open narrow what is found."""
        organisation = office.current(call.session).organisation
        person = call.inputs.get("person")
        keys = [key for key in (phone_key(call.inputs.get("phone")), person_key(person)) if key]
        numbers = texts(call, "numbers")
        business = business_key(call.inputs.get("business"))
        narrowed = [business] if business and (keys or numbers) else []
        rows = find(
            call.session,
            organisation,
            own_case(call).org_path,
            but=call.instance.business_key,
            numbers=numbers,
            keys=keys or ([business] if business and not numbers else []),
            narrowed=narrowed,
            regimes=texts(call, "regimes"),
            since=_since(call),
            only_open=call.inputs.get("open") is True,
        )
        return {
            "cases": [_found(row) for row in rows],
            "numbers": [row.number for row in rows],
            "options": [{"value": row.number, "label": _label(row)} for row in rows],
        }

    def link_cases(call: OperationCall) -> Mapping[str, Any]:
        """关联案件 Link the case with earlier ones. Inputs: numbers, kind (upgraded_from, prior or related). Gives `linked`, and the numbers that are not there for this case in `missing`."""
        organisation = office.current(call.session).organisation
        linked, missing = link_numbers(
            call, organisation, texts(call, "numbers"), text(call, "kind") or RELATED
        )
        return {"linked": linked, "missing": missing}

    def open_case(call: OperationCall) -> Mapping[str, Any]:
        """另立案件 Open a case of another regime that is linked with this one. Inputs: regime, kind (of the link), facts, refers (true: it sees this case's facts under its own), unit (a code; whose case it is, by default this one's)."""
        done = opened(call.session, call.key)
        if done is not None:
            return {"number": done.number}
        kind = text(call, "kind") or RELATED
        if kind not in KINDS or kind in OF_OPERATIONS:
            known = ", ".join(sorted(KINDS.keys() - OF_OPERATIONS))
            raise InvalidInput(
                f"To open a case linked as {kind} was asked; it can be {known}.",
                message_zh=f"关联类型“{kind}”不存在，可用的有 {known}。",
            )
        organisation = office.current(call.session).organisation
        refers = call.inputs.get("refers") is True
        row = open_for(
            call,
            organisation,
            text(call, "regime"),
            kind,
            mapping(call, "facts"),
            refers=refers,
            unit=text(call, "unit"),
        )
        return {"number": row.number}

    def merge_case(call: OperationCall) -> Mapping[str, Any]:
        """并案 Let the case go on as another one. Input: into (its number). Throws `case_missing` and `case_over`."""
        return {"into": merge(call, office.current(call.session).organisation, text(call, "into"))}

    def join_master(call: OperationCall) -> Mapping[str, Any]:
        """并入主案 Hang the case below the master of a regime and key, which is opened where there is none. Inputs: regime, key, facts, unit (of the master). Gives its number, and whether it is resolved already, with the text of what was decided; if not, wait for the message `master_resolved` at once."""
        organisation = office.current(call.session).organisation
        joined = masters.join(
            call,
            organisation,
            text(call, "regime"),
            text(call, "key"),
            mapping(call, "facts"),
            text(call, "unit"),
        )
        return joined._asdict()

    def become_master(call: OperationCall) -> Mapping[str, Any]:
        """登记主案 Make the case the master of a key, as staff may open one before any case joins. Input: key. Throws `master_exists`."""
        masters.become(call, text(call, "key"))
        return {}

    def release_children(call: OperationCall) -> Mapping[str, Any]:
        """主案办结 Tell every case that waits below this master that it is resolved. Input: text."""
        return {"released": masters.release_children(call, text(call, "text"))}

    return {
        "find_cases": find_cases,
        "link_cases": link_cases,
        "open_case": open_case,
        "merge_case": merge_case,
        "join_master": join_master,
        "become_master": become_master,
        "release_children": release_children,
    }


def _since(call: OperationCall) -> datetime | None:
    days = call.inputs.get("days")
    if days is None:
        return None
    try:
        number = float(days)
    except (TypeError, ValueError):
        number = 0.0
    if not 0 < number <= MOST_DAYS:
        raise InvalidInput(
            f"To find cases of the last {days} days was asked; it takes a number above 0, up to {MOST_DAYS}.",
            message_zh=f"查找天数应大于 0，不超过 {MOST_DAYS}，现为 {days}。",
        )
    return call.clock.now() - timedelta(days=number)


def _found(row: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "regime": row.regime,
        "filed_at": shown(row.filed_at),
        "status": row.status,
        "open": row.open,
        "outcome": row.outcome,
        "summary": summary(facts_of(row))[:LONGEST_SUMMARY],
        "matched": sorted(row.matched),
    }


def _label(row: Any) -> str:
    day = row.filed_at.astimezone(SHANGHAI).strftime("%Y-%m-%d")
    parts = (row.number, day, "办理中" if row.open else "已结束", summary(facts_of(row))[:40])
    return " · ".join(part for part in parts if part)
