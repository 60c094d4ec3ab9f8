"""Rungs that have rung, and supervision instances.

Revision: 0014, after 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clock_ring",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(collation="C"), nullable=False),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.Column("supervision_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_clock_ring_clock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_ring")),
        sa.UniqueConstraint(
            "clock_id", "revision", "rung", name=op.f("uq_clock_ring_clock_id_revision_rung")
        ),
    )
    op.create_index("ix_clock_ring_rung_at", "clock_ring", ["rung_at", "id"], unique=False)
    op.create_table(
        "supervision",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_supervision_clock_id")),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_supervision")),
        sa.UniqueConstraint("key", name=op.f("uq_supervision_key")),
    )
    op.create_index("ix_supervision_case", "supervision", ["case_id", "opened_at"], unique=False)
    op.create_index("ix_supervision_clock", "supervision", ["clock_id", "opened_at"], unique=False)
    op.create_index(
        "ix_supervision_open",
        "supervision",
        ["instance_id"],
        unique=False,
        postgresql_where=sa.text("closed_at is null and queued_at is null"),
    )


def downgrade() -> None:
    op.drop_table("supervision")
    op.drop_table("clock_ring")
