"""Warnings of an instance are found by an index of their own, and an incident has its sentence in Chinese too.

Revision: 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incident", sa.Column("message_zh", sa.Text(), server_default="", nullable=False))
    op.create_index(
        "ix_history_event_warning",
        "history_event",
        ["instance_id"],
        unique=False,
        postgresql_where=sa.text("kind = 'warning_recorded'"),
    )


def downgrade() -> None:
    op.drop_index("ix_history_event_warning", table_name="history_event")
    op.drop_column("incident", "message_zh")
