"""A case keeps the times it has waited for somebody outside, for clocks that begin later but run since before.

Revision: 0026, after 0025.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_file", sa.Column("stood_still", JSONB(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("case_file", "stood_still")
