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
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.Column("supervision_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_clock_ring_clock_id")),
        sa.PrimaryKeyConstraint("clock_id", "revision", "rung", name=op.f("pk_clock_ring")),
    )
    op.create_index("ix_clock_ring_rung_at", "clock_ring", ["rung_at"], unique=False)
    op.create_table(
        "supervision",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_supervision_clock_id")),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_supervision")),
    )
    op.create_index("ix_supervision_case", "supervision", ["case_id", "opened_at"], unique=False)
    op.create_index(
        "ix_supervision_open",
        "supervision",
        ["clock_id"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )


def downgrade() -> None:
    op.drop_table("supervision")
    op.drop_table("clock_ring")
