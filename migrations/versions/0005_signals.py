"""Signals: what was thrown, who waits for which, and which processes they start.

Revision: 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "process_definition",
        sa.Column("start_signals", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.create_table(
        "signal",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("reach", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("thrown_by", sa.Uuid(), sa.ForeignKey("process_instance.id")),
        sa.Column("activity_id", sa.Text()),
        sa.Column("thrown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
    )
    op.create_index("ix_signal_name_reach", "signal", ["name", "reach"])
    op.create_index("ix_signal_thrown_by", "signal", ["thrown_by"])
    op.create_table(
        "signal_subscription",
        sa.Column("token_id", sa.Uuid(), primary_key=True),
        sa.Column("instance_id", sa.Uuid(), sa.ForeignKey("process_instance.id"), nullable=False),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(), nullable=False),
    )
    op.create_index("ix_signal_subscription_instance_id", "signal_subscription", ["instance_id"])
    op.create_index("ix_signal_subscription_name_number", "signal_subscription", ["name", "number"])


def downgrade() -> None:
    op.drop_table("signal_subscription")
    op.drop_table("signal")
    op.drop_column("process_definition", "start_signals")
