"""Everybody reads the pages in Chinese and English, or in one of them.

Revision: 0041, after 0040.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("language", sa.Text(), nullable=False, server_default="both"))


def downgrade() -> None:
    op.drop_column("person", "language")
