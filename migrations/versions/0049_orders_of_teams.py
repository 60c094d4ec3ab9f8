"""What is open is read by an index in every order of a list, so that a whole country's work is listed as fast as a queue.

Revision: 0049, after 0048.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_ORDERS = ("rank", "created")


def upgrade() -> None:
    for name in _ORDERS:
        op.create_index(
            f"ix_user_task_open_{name}",
            "user_task",
            [f"{name}_at", "id"],
            postgresql_where=sa.text("state in ('created', 'assigned', 'delegated')"),
        )


def downgrade() -> None:
    for name in _ORDERS:
        op.drop_index(f"ix_user_task_open_{name}", table_name="user_task")
