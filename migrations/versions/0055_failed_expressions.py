"""Incidents keep the expression that failed; instances are found by when they started.

Revision: 0055, after 0054.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incident", sa.Column("expression", sa.Text(), nullable=False, server_default=""))
    op.add_column("incident", sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_process_instance_started_at", "process_instance", ["started_at", "id"])
    op.create_index(
        "ix_process_instance_process_key_started_at", "process_instance", ["process_key", "started_at"]
    )


def downgrade() -> None:
    op.drop_index("ix_process_instance_process_key_started_at", table_name="process_instance")
    op.drop_index("ix_process_instance_started_at", table_name="process_instance")
    op.drop_column("incident", "position")
    op.drop_column("incident", "expression")
