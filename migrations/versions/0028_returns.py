"""Who gives a task back says why, and the task says how often that was.

Revision: 0028, after 0029.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_task", sa.Column("returned", sa.SmallInteger(), server_default="0", nullable=False))
    op.create_table(
        "task_return",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_task_return_task_id_person_id", "task_return", ["task_id", "person_id"])


def downgrade() -> None:
    op.drop_table("task_return")
    op.drop_column("user_task", "returned")
