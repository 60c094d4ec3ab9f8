"""What was said with a step on a task stands in its talk. What was said before stays where it was kept.

Revision: 0051, after 0050.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comment", sa.Column("step", sa.Text()))


def downgrade() -> None:
    op.execute("DELETE FROM comment WHERE step IS NOT NULL")
    op.drop_column("comment", "step")
