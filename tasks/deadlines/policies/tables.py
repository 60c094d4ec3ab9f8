"""The rows of the clock register, in versions: nothing is overwritten or deleted, and running clocks keep their version."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant, TextList

CHOSEN_BY = ("regime", "level", "customer_level", "network")
"""What a row may narrow itself to besides its code (`R01.audit`), the strongest first; empty means any. `regime` is the
process key of the case: a call activity that several regimes share may give each its own limit.
"""

KEY = ("code", *CHOSEN_BY)
"""What a row is known by; its versions share it."""

DONE, CLAIM = "done", "claim"
"""What stops a task's clock: that it is done, or already that somebody has taken it."""


class ClockPolicy(Base):
    """One version of one row of the register (domain §1.13), known by `KEY`.

    version, effective_from: a version counts from its day (Shanghai) on, until a later version of the row does. The one
    with the higher number has the last word: one that begins earlier than those already planned takes their place too.
    ended: from that day on there is no such row. So what counts on a day follows from the rows alone, and no row is ever
    changed.
    amount, unit: the hard limit; target: the aim, in the same unit (the two columns of domain §1.14 #9).
    rungs: shares of the limit and hours after it at which somebody is told, such as `90% 100% +4h +24h`.
    pauses: reasons that stop this clock (`customer`, `mass_event`, `regulator`).
    promised: its due instant is given to the customer, so that it is never shortened without review.
    stops_on: `done` or `claim`. clause: where it comes from; ours: our own decision, not the source's.
    changed_by: id of who wrote the version; empty for the file that is loaded at the start.
    """

    __tablename__ = "clock_policy"
    __table_args__ = (
        sa.UniqueConstraint(*KEY, "version"),
        sa.CheckConstraint("unit in ('h', 'cd', 'wd')", name="unit"),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint("target > 0 and target <= amount", name="target"),
        sa.CheckConstraint("stops_on in ('done', 'claim')", name="stops_on"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(sa.Text)
    regime: Mapped[str] = mapped_column(sa.Text, default="")
    level: Mapped[str] = mapped_column(sa.Text, default="")
    customer_level: Mapped[str] = mapped_column(sa.Text, default="")
    network: Mapped[str] = mapped_column(sa.Text, default="")
    version: Mapped[int] = mapped_column(sa.Integer, default=1)
    amount: Mapped[Decimal] = mapped_column(sa.Numeric(10, 3))
    unit: Mapped[str] = mapped_column(sa.Text)
    rolls: Mapped[bool] = mapped_column(sa.Boolean, default=True)
    target: Mapped[Decimal | None] = mapped_column(sa.Numeric(10, 3))
    rungs: Mapped[str] = mapped_column(sa.Text)
    pauses: Mapped[list[str]] = mapped_column(TextList)
    promised: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    stops_on: Mapped[str] = mapped_column(sa.Text, default=DONE)
    name_zh: Mapped[str] = mapped_column(sa.Text, default="")
    name_en: Mapped[str] = mapped_column(sa.Text, default="")
    clause: Mapped[str] = mapped_column(sa.Text, default="")
    ours: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    effective_from: Mapped[date] = mapped_column(sa.Date)
    ended: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(sa.Text, default="")
    changed_by_name: Mapped[str] = mapped_column(sa.Text, default="")
    note: Mapped[str] = mapped_column(sa.Text, default="")
