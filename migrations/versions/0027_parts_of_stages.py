"""A holding says what it stood in, so that it is known whose a stage is.

What was held before is a part of no stage: such a stage stays with whoever got it first.

Revision: 0027, after 0026.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("holding", sa.Column("inside", sa.ARRAY(sa.Uuid()), server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("holding", "inside")
