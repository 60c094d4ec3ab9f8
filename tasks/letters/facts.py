"""What a letter may say of a case: its facts and answers, its limits, who signs, and the words forms have for answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.ports import OperationCall
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deadlines.clocks.tables import CASE, Clock
from tasks.letters.forms import START, Fields, newest_form
from tasks.letters.mistakes import LetterFailed
from tasks.organisation.tree import Organisation, Unit

_CLOCK = table(Clock)


def gather(
    call: OperationCall, organisation: Organisation, letter: Mapping[str, str], signs: str, query_page: str
) -> dict[str, Any]:
    """Everything a template's fields see (`words.ROOTS`).

    letter: its number, to, method, date and name. signs: code of the unit that signs; empty: the company's part where the
    case was taken in (its province, or headquarters). Raises LetterFailed when no such unit is there.
    """
    found = {
        name: call.variables.get(name) or {} for name in ("form", "result", "decision", "loop", "message")
    }
    return {
        **found,
        "case": call.case,
        "input": dict(call.inputs),
        "clock": _clocks(call.session, call.instance.business_key),
        "letter": dict(letter),
        "unit": _signing(organisation, signs, str(call.case.get("org") or "")),
        "query_page": query_page,
    }


def _signing(organisation: Organisation, signs: str, org: str) -> dict[str, str]:
    taken_in = organisation.by_code.get(org)
    if signs:
        unit = organisation.by_code.get(signs)
        if unit is None or unit.external:
            raise LetterFailed(
                f"The letter was not made: the unit {signs[:60]!r} should sign it, and there is no such unit of the company.",
                f"文书没有生成：落款单位“{signs[:60]}”不存在或不属于本公司。",
            )
    else:
        found = _company_of(organisation, taken_in)
        if found is None:
            raise LetterFailed(
                "The letter was not made: the organisation has no headquarters that could sign it.",
                "文书没有生成：组织中没有可以落款的总部。",
            )
        unit = found
    asked = taken_in if taken_in is not None and not taken_in.external else unit
    return {"code": unit.code, "name": unit.name, "name_en": unit.name_en, "asked": asked.name}


def _company_of(organisation: Organisation, unit: Unit | None) -> Unit | None:
    """The province a unit belongs to, else headquarters: also for a body outside the company."""
    province = None if unit is None or unit.external else organisation.province_of(unit.path)
    return province or next(iter(organisation.tops), None)


def _clocks(session: Session, number: str) -> dict[str, Any]:
    """The limits of a case by code, the last one begun of each, and what binds the company towards the customer: the
    earliest promise, and the earliest due instant of the case's own running limits.
    """
    rows = session.execute(
        sa.select(
            _CLOCK.c.code, _CLOCK.c.kind, _CLOCK.c.name, _CLOCK.c.started_at, _CLOCK.c.due_at,
            _CLOCK.c.promised_at, _CLOCK.c.stopped_at,
        )
        .where(_CLOCK.c.number == number)
        .order_by(_CLOCK.c.started_at, _CLOCK.c.id)
    ).all()  # fmt: skip
    found: dict[str, Any] = {}
    for row in rows:
        place = found
        for step in row.code.split("."):
            place = place.setdefault(step, {})
        place.update(
            name=row.name,
            **{
                name: None if (at := getattr(row, name)) is None else _shown(at)
                for name in ("started_at", "due_at", "promised_at", "stopped_at")
            },
        )
    promised = [row.promised_at for row in rows if row.promised_at is not None]
    due = [
        row.due_at for row in rows if row.kind == CASE and row.stopped_at is None and row.due_at is not None
    ]
    found["promised_at"] = _shown(min(promised)) if promised else None
    found["due_at"] = _shown(min(due)) if due else None
    return found


def _shown(at: Any) -> str:
    return str(at.astimezone(SHANGHAI).isoformat(timespec="seconds"))


def words_of_forms(session: Session, variables: Mapping[str, Any], regime: str) -> Callable[[str], str]:
    """Return `label(path)`: the word the newest form has for the answer there, else the answer itself."""
    forms: dict[str, Fields] = {}

    def options(key: str) -> Fields:
        if key not in forms:
            forms[key] = newest_form(session, key)
        return forms[key]

    def label(path: str) -> str:
        root, *steps = path.split(".")
        value: Any = variables.get(root)
        for step in steps:
            value = value.get(step) if isinstance(value, Mapping) else None
        key, inside = (
            (steps[0], ".".join(steps[1:]))
            if root == "form" and steps
            else (f"{regime}{START}", ".".join(steps))
        )
        named = options(key).get(inside, {})
        values = value if isinstance(value, list) else [value]
        return "、".join(str(named.get(one) or one) for one in values if one not in (None, ""))

    return label
