"""Whoever holds a task may delegate the work on it: somebody else has it in hand, and the owner gets it back.

Revision: 0033, after 0031.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None

_STATES = "state in ('created', 'assigned', {}'completed', 'cancelled')"


def upgrade() -> None:
    op.add_column("user_task", sa.Column("owner_id", sa.Uuid()))
    op.add_column("user_task", sa.Column("owner_name", sa.Text()))
    op.add_column("user_task", sa.Column("note", sa.Text()))
    _allow("'delegated', ")
    _inbox("state in ('assigned', 'delegated')")
    op.create_index(
        "ix_user_task_owner",
        "user_task",
        ["owner_id", "sort_at", "id"],
        postgresql_where=sa.text("state = 'delegated'"),
    )


def downgrade() -> None:
    op.execute(
        "UPDATE user_task SET state = 'assigned', assignee_id = owner_id, assignee_name = owner_name"
        " WHERE state = 'delegated'"
    )
    op.drop_index("ix_user_task_owner", "user_task")
    _inbox("state = 'assigned'")
    _allow("")
    for column in ("note", "owner_name", "owner_id"):
        op.drop_column("user_task", column)


def _allow(delegated: str) -> None:
    op.drop_constraint(op.f("ck_user_task_state"), "user_task")
    op.create_check_constraint(op.f("ck_user_task_state"), "user_task", _STATES.format(delegated))


def _inbox(where: str) -> None:
    op.drop_index("ix_user_task_inbox", "user_task")
    op.create_index(
        "ix_user_task_inbox",
        "user_task",
        ["assignee_id", "sort_at", "id"],
        postgresql_where=sa.text(where),
    )
