"""The clock register as a file: the columns of `bpmn/organisation/clocks.csv`, all rows or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import day_of
from tasks.deadlines.clocks.limits import UNITS
from tasks.deadlines.policies.rungs import LADDER, read_rungs
from tasks.deadlines.policies.tables import CLAIM, DONE, ClockPolicy
from tasks.organisation.revision import bump_office

Key = tuple[str, str, str, str]


def load_policies(session: Session, rows: Iterable[Mapping[str, str]], *, now: datetime) -> int:
    """Bring the register in line with `rows`: what differs becomes a new version, what is gone is retired.

    Idempotent; returns how many rows were added, changed or retired. Raises InvalidInput naming every wrong row.
    """
    wrong: list[str] = []
    wanted: dict[Key, dict[str, Any]] = {}
    for number, row in enumerate(rows, start=1):
        clean = {key: (value or "").strip() for key, value in row.items() if key}
        try:
            values = _values(clean)
        except (InvalidInput, InvalidOperation) as error:
            reason = str(error) if isinstance(error, InvalidInput) else "a number in it is none"
            wrong.append(f"row {number} ({clean.get('code', '')}): {reason}")
            continue
        key = _key(values)
        if key in wanted:
            wrong.append(f"row {number} repeats {'/'.join(part for part in key if part)}")
        wanted[key] = values
    if wrong:
        raise InvalidInput("The clock register cannot be loaded: " + "; ".join(wrong) + ".")
    return _write(session, wanted, now)


def _values(row: Mapping[str, str]) -> dict[str, Any]:
    amount = Decimal(row.get("limit", ""))
    target = Decimal(row["target"]) if row.get("target") else None
    rungs = row.get("rungs") or LADDER
    read_rungs(rungs)
    stops_on = row.get("stops_on") or DONE
    if (
        not row.get("code")
        or row.get("unit") not in UNITS
        or not 0 < amount <= 100_000
        or (target is not None and not 0 < target <= amount)
        or stops_on not in (DONE, CLAIM)
    ):
        raise InvalidInput(
            f"it needs a code, a unit of {'/'.join(UNITS)}, a limit above 0, a target above 0 and up to the limit, "
            f"and stops_on {DONE} or {CLAIM}"
        )
    return {
        "code": row["code"],
        "level": row.get("level", ""),
        "customer_level": row.get("customer_level", ""),
        "network": row.get("network", ""),
        "amount": amount,
        "unit": row["unit"],
        "rolls": row.get("rolls", "yes") != "no",
        "target": target,
        "rungs": rungs,
        "pauses": row.get("pauses", "").split(),
        "promised": row.get("promised") == "yes",
        "stops_on": stops_on,
        "name_zh": row.get("name_zh", ""),
        "name_en": row.get("name_en", ""),
        "clause": row.get("clause", ""),
        "ours": row.get("ours") == "yes",
    }


def _key(values: Mapping[str, Any]) -> Key:
    return (values["code"], values["level"], values["customer_level"], values["network"])


def _write(session: Session, wanted: Mapping[Key, dict[str, Any]], now: datetime) -> int:
    policy = table(ClockPolicy)
    stored = {
        _key(dict(row._mapping)): row
        for row in session.execute(sa.select(policy).where(policy.c.retired_at.is_(None)).with_for_update())
    }
    last = sa.select(
        policy.c.code,
        policy.c.level,
        policy.c.customer_level,
        policy.c.network,
        sa.func.max(policy.c.version),
    )
    versions = {tuple(row[:4]): row[4] for row in session.execute(last.group_by(*policy.c[*_KEY]))}
    changed = [key for key, values in wanted.items() if key not in stored or not _same(stored[key], values)]
    gone = [stored[key].id for key in stored if key not in wanted or key in changed]
    if gone:
        session.execute(sa.update(policy).where(policy.c.id.in_(gone)).values(retired_at=now))
    if changed:
        fresh = [
            {**wanted[key], "id": uuid4(), "version": versions.get(key, 0) + 1, "effective_from": day_of(now),
             "changed_at": now, "changed_by": "", "note": ""}
            for key in changed
        ]  # fmt: skip
        session.execute(sa.insert(policy), fresh)
    moved = len(changed) + len(set(stored) - set(wanted))
    if moved:
        bump_office(session, moves_work=False)
    return moved


_KEY = ("code", "level", "customer_level", "network")


def _same(row: Any, values: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())
