"""A task says which lead set its priority.

Revision: 0034, after 0035.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_task", sa.Column("priority_by", sa.Uuid()))


def downgrade() -> None:
    op.drop_column("user_task", "priority_by")
