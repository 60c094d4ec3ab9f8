"""What a master decided is kept for the cases that join it later.

Revision: 0022, after 0021.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_master", sa.Column("released_text", sa.Text()))


def downgrade() -> None:
    op.drop_column("case_master", "released_text")
