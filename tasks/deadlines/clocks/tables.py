"""The rows of clocks: the clock itself, what paused it, what moved it, what was promised beside it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant, TextList

CASE, STAGE, TASK = "case", "stage", "task"


class Clock(Base):
    """One running or stopped limit of a case, a stage or a task.

    The terms (code … pausable) are copied from the policy version when it starts, so that a changed register leaves
    running clocks alone. token_id: the user task, the activity it is drawn on, or the instance for a case's clock.
    region: path of the unit whose working calendar counts. holder: the candidate group answering for it; of a
    stage the first one, after which its work's holdings say (`clocks.holders`).
    due_at, warn_at and next_at are null while it is paused, next_at also when no rung is left; one that was stopped while it
    stood still has a next_at until a job has counted when it was due. `revision` counts how often
    due moved. promised_at: what the customer was told last (domain §1.14 #21).
    """

    __tablename__ = "clock"
    __table_args__ = (
        sa.CheckConstraint("kind in ('case', 'stage', 'task')", name="kind"),
        sa.CheckConstraint("unit in ('h', 'cd', 'wd', 'at')", name="unit"),
        sa.Index(
            "ix_clock_next",
            "next_at",
            postgresql_where=sa.text("next_at is not null and queued_at is null"),
        ),
        sa.Index("ix_clock_queued", "queued_at", postgresql_where=sa.text("queued_at is not null")),
        sa.Index("ix_clock_token", "token_id"),
        sa.Index("ix_clock_case", "case_id", "started_at"),
        sa.Index("ix_clock_stopped", "stopped_at", postgresql_where=sa.text("stopped_at is not null")),
        sa.Index("ix_clock_instance", "instance_id", postgresql_where=sa.text("stopped_at is null")),
        sa.Index(
            "ix_clock_counted",
            "due_at",
            postgresql_where=sa.text("stopped_at is null and unit <> 'h'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    code: Mapped[str] = mapped_column(sa.Text)
    policy_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    name: Mapped[str] = mapped_column(sa.Text)
    case_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    number: Mapped[str] = mapped_column(sa.Text)
    instance_id: Mapped[UUID] = mapped_column(sa.Uuid)
    token_id: Mapped[UUID] = mapped_column(sa.Uuid)
    activity_id: Mapped[str] = mapped_column(sa.Text)
    region: Mapped[str] = mapped_column(sa.Text)
    holder: Mapped[str] = mapped_column(sa.Text)
    amount: Mapped[Decimal] = mapped_column(sa.Numeric(10, 3))
    unit: Mapped[str] = mapped_column(sa.Text)
    rolls: Mapped[bool] = mapped_column(sa.Boolean)
    fixed_at: Mapped[datetime | None] = mapped_column(Instant)
    target: Mapped[Decimal | None] = mapped_column(sa.Numeric(10, 3))
    extended: Mapped[Decimal] = mapped_column(sa.Numeric(10, 3), default=0)
    rungs: Mapped[str] = mapped_column(sa.Text)
    pausable: Mapped[list[str]] = mapped_column(TextList)
    stops_on: Mapped[str] = mapped_column(sa.Text)
    started_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    warn_at: Mapped[datetime | None] = mapped_column(Instant)
    provisional: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    promised_at: Mapped[datetime | None] = mapped_column(Instant)
    revision: Mapped[int] = mapped_column(sa.Integer, default=1)
    next_rung: Mapped[int | None] = mapped_column(sa.Integer)
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    queued_at: Mapped[datetime | None] = mapped_column(Instant)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    pause_reason: Mapped[str] = mapped_column(sa.Text, default="")
    stopped_at: Mapped[datetime | None] = mapped_column(Instant)
    stop_reason: Mapped[str] = mapped_column(sa.Text, default="")


class ClockPause(Base):
    """The suspension ledger: one time a clock stood still. No two of one clock overlap.

    held_by: what keeps it, each as `reason:id` with the id of a person or of a token that waits in a diagram; the pause ends
    with the last of them.
    """

    __tablename__ = "clock_pause"
    __table_args__ = (
        sa.Index("ix_clock_pause_clock", "clock_id", "from_at"),
        sa.Index("ix_clock_pause_open", "clock_id", unique=True, postgresql_where=sa.text("to_at is null")),
        sa.CheckConstraint("to_at >= from_at", name="order"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    clock_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clock.id"))
    reason: Mapped[str] = mapped_column(sa.Text)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    from_at: Mapped[datetime] = mapped_column(Instant)
    to_at: Mapped[datetime | None] = mapped_column(Instant)
    begun_by: Mapped[str] = mapped_column(sa.Text)
    ended_by: Mapped[str] = mapped_column(sa.Text, default="")
    held_by: Mapped[list[str]] = mapped_column(TextList)


class ClockRevision(Base):
    """Every due instant a clock has had, why it moved and who moved it: pause, resume, extension, calendar, policy …"""

    __tablename__ = "clock_revision"

    clock_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clock.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    provisional: Mapped[bool] = mapped_column(sa.Boolean)
    cause: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(sa.Text)


class ClockRequest(Base):
    """A move of a due instant that somebody has to decide on.

    kind: `extension` (asked for by who handles, domain §1.14 #10) or `shortening` (a recomputation that would take back what
    was promised). state: requested, approved, refused. amount: more of the clock's own unit (hours for a fixed one).
    """

    __tablename__ = "clock_request"
    __table_args__ = (
        sa.CheckConstraint("kind in ('extension', 'shortening')", name="kind"),
        sa.CheckConstraint("state in ('requested', 'approved', 'refused')", name="state"),
        sa.Index("ix_clock_request_clock", "clock_id", "asked_at"),
        sa.Index(
            "ix_clock_request_open",
            "clock_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("state = 'requested'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    clock_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clock.id"))
    kind: Mapped[str] = mapped_column(sa.Text)
    amount: Mapped[Decimal | None] = mapped_column(sa.Numeric(10, 3))
    reason: Mapped[str] = mapped_column(sa.Text)
    due_before: Mapped[datetime | None] = mapped_column(Instant)
    due_after: Mapped[datetime | None] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(sa.Text)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by: Mapped[str] = mapped_column(sa.Text)
    asked_by_name: Mapped[str] = mapped_column(sa.Text)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str] = mapped_column(sa.Text, default="")
    decided_by_name: Mapped[str] = mapped_column(sa.Text, default="")
    note: Mapped[str] = mapped_column(sa.Text, default="")


class ClockPromise(Base):
    """What the customer was told, each time: the last one is the clock's `promised_at`."""

    __tablename__ = "clock_promise"
    __table_args__ = (sa.Index("ix_clock_promise_clock", "clock_id", "made_at"),)

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    clock_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clock.id"))
    promised_at: Mapped[datetime] = mapped_column(Instant)
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text, default="")


UNASSIGNED = "R35.unassigned"
"""The clock of a task that nobody has taken (regime R35)."""
