"""A case and its tasks carry the level it has been judged to be of, and what it is marked as.

Revision: 0046, after 0045.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_KNOWN = """
UPDATE case_file SET level = known.level
FROM (SELECT DISTINCT ON (k.case_id) k.case_id, p.level
      FROM clock k JOIN clock_policy p ON p.id = k.policy_id
      WHERE k.case_id IS NOT NULL AND p.level <> ''
      ORDER BY k.case_id, k.started_at DESC, k.id DESC) AS known
WHERE case_file.id = known.case_id
"""
"""The level of a case before: that by which the terms of its newest clock were chosen."""


def upgrade() -> None:
    for table in ("case_file", "user_task"):
        op.add_column(table, sa.Column("level", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("mark", sa.Text(), nullable=True))
    op.execute(_KNOWN)
    op.execute(
        "UPDATE user_task SET level = c.level FROM case_file c WHERE c.id = user_task.case_id AND c.level <> ''"
    )


def downgrade() -> None:
    for table in ("case_file", "user_task"):
        op.drop_column(table, "mark")
        op.drop_column(table, "level")
