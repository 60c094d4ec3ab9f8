"""Choosing a time limit: the most specific row of the register wins (domain §1.13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine.errors import RedressError
from tasks.core import table
from tasks.deadlines.clocks.limits import Limit
from tasks.deadlines.policies.rungs import LADDER
from tasks.deadlines.policies.tables import CHOSEN_BY, DONE, ClockPolicy


class NoSuchPolicy(RedressError):
    """No time limit of this code is in the clock register."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a row of the register, as far as clocks need it; the columns of `ClockPolicy`."""

    code: str
    amount: Decimal
    unit: str
    level: str = ""
    customer_level: str = ""
    network: str = ""
    rolls: bool = True
    target: Decimal | None = None
    rungs: str = LADDER
    pauses: tuple[str, ...] = ()
    promised: bool = False
    stops_on: str = DONE
    name_zh: str = ""
    name_en: str = ""
    clause: str = ""
    id: UUID | None = None
    version: int = 1

    @property
    def limit(self) -> Limit:
        """The limit it sets."""
        return Limit(self.amount, self.unit, self.rolls)


@dataclass(frozen=True)
class Policies:
    """All rows that count on one day, by code."""

    by_code: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict)

    def find(self, code: str, *, level: str = "", customer_level: str = "", network: str = "") -> Policy:
        """The most specific row of `code` for a case of this level, customer level and network.

        A row naming the level beats one naming only the customer level, which beats one naming only the network; empty
        matches any. Raises NoSuchPolicy.
        """
        asked = {"level": level, "customer_level": customer_level, "network": network}
        rows = [
            row
            for row in self.by_code.get(code, ())
            if all(getattr(row, name) in ("", asked[name]) for name in CHOSEN_BY)
        ]
        if not rows:
            raise NoSuchPolicy(
                f"The time limit {code} was asked for, but the clock register has no row of it for the "
                f"level {level or 'any'}.",
                message_zh=f"时限登记表中没有 {code}（级别 {level or '任意'}）。",
                code=code,
            )
        return max(rows, key=lambda row: tuple(bool(getattr(row, name)) for name in CHOSEN_BY))


def read_policies(session: Session, day: date) -> Policies:
    """Read what counts on `day` (Shanghai): of each row the version that came into effect last. One statement."""
    columns = table(ClockPolicy).c
    keys = (columns.code, *(columns[name] for name in CHOSEN_BY))
    rows = session.execute(
        sa.select(table(ClockPolicy))
        .ext(distinct_on(*keys))
        .where(columns.retired_at.is_(None), columns.effective_from <= day)
        .order_by(*keys, columns.effective_from.desc())
    )
    grouped: dict[str, list[Policy]] = {}
    for row in rows:
        policy = Policy(
            row.code, row.amount, row.unit, row.level, row.customer_level, row.network, row.rolls, row.target,
            row.rungs, tuple(row.pauses), row.promised, row.stops_on, row.name_zh, row.name_en, row.clause, row.id,
            row.version,
        )  # fmt: skip
        grouped.setdefault(row.code, []).append(policy)
    return Policies({code: tuple(found) for code, found in grouped.items()})
