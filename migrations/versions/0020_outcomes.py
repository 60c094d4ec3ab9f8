"""A task that an outcome of its case has cancelled says so; a clock that is due with a day rolls when its calendar changes.

Revision: 0020, after 0019.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def _counted(where: str) -> None:
    op.drop_index("ix_clock_counted", table_name="clock")
    op.create_index(
        "ix_clock_counted",
        "clock",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text(f"stopped_at is null and {where}"),
    )


def upgrade() -> None:
    op.add_column("user_task", sa.Column("end_reason", sa.Text(), nullable=True))
    op.execute("UPDATE clock SET rolls = false WHERE unit = 'at' AND rolls")
    _counted("unit <> 'h'")


def downgrade() -> None:
    _counted("unit in ('cd', 'wd')")
    op.drop_column("user_task", "end_reason")
