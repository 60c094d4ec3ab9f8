"""Notices go out through more channels: phones that text messages reach, and several deliveries in one message.

Revision: 0042, after 0041.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("phone", sa.Text(), nullable=False, server_default=""))
    op.add_column("delivery", sa.Column("batch_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE delivery SET batch_id = id")
    op.alter_column("delivery", "batch_id", nullable=False)
    op.create_index("ix_delivery_batch_id", "delivery", ["batch_id"])


def downgrade() -> None:
    op.drop_index("ix_delivery_batch_id", table_name="delivery")
    op.drop_column("delivery", "batch_id")
    op.drop_column("person", "phone")
