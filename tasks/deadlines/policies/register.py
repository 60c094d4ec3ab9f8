"""Choosing a time limit: the most specific row of the register wins (domain §1.13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine.errors import RedressError
from tasks.core import table
from tasks.deadlines.calendar.limits import Limit
from tasks.deadlines.policies.rows import Terms
from tasks.deadlines.policies.tables import CHOSEN_BY, KEY, ClockPolicy


class NoSuchPolicy(RedressError):
    """No time limit of this code is in the clock register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Terms):
    """One version of a row of the register, as it is chosen for a clock."""

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

    @cached_property
    def by_id(self) -> Mapping[UUID, Policy]:
        """The same by the ids of their versions."""
        return {row.id: row for rows in self.by_code.values() for row in rows if row.id}

    def find(
        self,
        code: str,
        *,
        regime: str = "",
        level: str = "",
        customer_level: str = "",
        network: str = "",
    ) -> Policy:
        """The most specific row of `code` for a case of this regime (its process key), level, customer level and network.

        Empty in a row matches any. Of the rows that match, one naming the regime beats all that do not, then one naming
        the level, then the customer level, then the network (CHOSEN_BY). Raises NoSuchPolicy.
        """
        asked = {"regime": regime, "level": level, "customer_level": customer_level, "network": network}
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
    """Read what counts on `day` (Shanghai): of each row the last version that has begun, unless it ended the row. One
    statement.
    """
    columns = table(ClockPolicy).c
    keys = [columns[name] for name in KEY]
    rows = session.execute(
        sa.select(table(ClockPolicy))
        .ext(distinct_on(*keys))
        .where(columns.effective_from <= day)
        .order_by(*keys, columns.version.desc())
    )
    grouped: dict[str, list[Policy]] = {}
    for row in rows:
        if not row.ended:
            known = {each.name: getattr(row, each.name) for each in fields(Policy)}
            policy = Policy(**{**known, "pauses": tuple(row.pauses)})
            grouped.setdefault(row.code, []).append(policy)
    return Policies({code: tuple(found) for code, found in grouped.items()})
