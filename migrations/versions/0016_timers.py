"""A timer that cannot be fired rests and is tried again; one whose job was lost is found.

Revision: 0016, after 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("timer", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("timer", sa.Column("again_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_timer_queued",
        "timer",
        ["queued_at"],
        unique=False,
        postgresql_where=sa.text("fired_at IS NULL AND queued_at IS NOT NULL AND NOT held"),
    )


def downgrade() -> None:
    op.drop_index("ix_timer_queued", table_name="timer")
    op.drop_column("timer", "again_at")
    op.drop_column("timer", "attempts")
