"""Clocks with their pauses, revisions, requests and promises.

Revision: 0013, after 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=10, scale=3), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("rolls", sa.Boolean(), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("target", sa.Numeric(precision=10, scale=3), nullable=True),
        sa.Column("extended", sa.Numeric(precision=10, scale=3), nullable=False),
        sa.Column("rungs", sa.Text(), nullable=False),
        sa.Column("pausable", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("stops_on", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("next_rung", sa.Integer(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_reason", sa.Text(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('case', 'stage', 'task')", name=op.f("ck_clock_kind")),
        sa.CheckConstraint("unit in ('h', 'cd', 'wd', 'at')", name=op.f("ck_clock_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_index("ix_clock_case", "clock", ["case_id", "started_at"], unique=False)
    op.create_index(
        "ix_clock_counted",
        "clock",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("stopped_at is null and unit in ('cd', 'wd')"),
    )
    op.create_index(
        "ix_clock_instance",
        "clock",
        ["instance_id"],
        unique=False,
        postgresql_where=sa.text("stopped_at is null"),
    )
    op.create_index(
        "ix_clock_next",
        "clock",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at is not null and queued_at is null"),
    )
    op.create_index(
        "ix_clock_queued",
        "clock",
        ["queued_at"],
        unique=False,
        postgresql_where=sa.text("queued_at is not null"),
    )
    op.create_index(
        "ix_clock_stopped",
        "clock",
        ["stopped_at"],
        unique=False,
        postgresql_where=sa.text("stopped_at is not null"),
    )
    op.create_index("ix_clock_token", "clock", ["token_id"], unique=False)
    op.create_table(
        "clock_pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("held_by", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint("to_at >= from_at", name=op.f("ck_clock_pause_order")),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_clock_pause_clock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_pause")),
    )
    op.create_index("ix_clock_pause_clock", "clock_pause", ["clock_id", "from_at"], unique=False)
    op.create_index(
        "ix_clock_pause_open",
        "clock_pause",
        ["clock_id"],
        unique=True,
        postgresql_where=sa.text("to_at is null"),
    )
    op.create_table(
        "clock_promise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_clock_promise_clock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_promise")),
    )
    op.create_index("ix_clock_promise_clock", "clock_promise", ["clock_id", "made_at"], unique=False)
    op.create_table(
        "clock_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=10, scale=3), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_by_name", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_by_name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('extension', 'shortening')", name=op.f("ck_clock_request_kind")),
        sa.CheckConstraint(
            "state in ('requested', 'approved', 'refused')", name=op.f("ck_clock_request_state")
        ),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_clock_request_clock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_request")),
    )
    op.create_index("ix_clock_request_clock", "clock_request", ["clock_id", "asked_at"], unique=False)
    op.create_index(
        "ix_clock_request_open",
        "clock_request",
        ["clock_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state = 'requested'"),
    )
    op.create_table(
        "clock_revision",
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_clock_revision_clock_id")),
        sa.PrimaryKeyConstraint("clock_id", "revision", name=op.f("pk_clock_revision")),
    )
    op.add_column("case_file", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case_file", sa.Column("pause_reason", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "case_file", sa.Column("paused_by", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("user_task", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("user_task", "paused_at")
    op.drop_column("case_file", "paused_by")
    op.drop_column("case_file", "pause_reason")
    op.drop_column("case_file", "paused_at")
    op.drop_table("clock_promise")
    op.drop_table("clock_request")
    op.drop_table("clock_revision")
    op.drop_table("clock_pause")
    op.drop_table("clock")
