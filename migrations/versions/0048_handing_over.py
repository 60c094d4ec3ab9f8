"""What becomes of somebody's desk when they are away.

Revision: 0048, after 0047.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("absence", sa.Column("hand_over", sa.Text(), nullable=True))
    op.add_column("absence", sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_absence_hand_over"), "absence", "hand_over in ('substitute', 'queue')"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_absence_hand_over"), "absence", type_="check")
    op.drop_column("absence", "handed_over_at")
    op.drop_column("absence", "hand_over")
