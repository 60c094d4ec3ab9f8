"""Comments, and notices to one person that are read once.

Revision: 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "comment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("author_unit", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
    )
    op.create_index("ix_comment_case_id_id", "comment", ["case_id", "id"])
    op.add_column("notice", sa.Column("to_person", sa.Uuid()))
    op.add_column("notice", sa.Column("task_id", sa.Uuid()))
    op.alter_column("notice", "instance_id", nullable=True)
    op.create_index("ix_notice_to_person_created_at", "notice", ["to_person", "created_at"])
    op.create_table(
        "notice_read",
        sa.Column("notice_id", sa.Uuid(), sa.ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("at", _INSTANT, nullable=False),
    )
    op.create_index("ix_notice_read_person_id", "notice_read", ["person_id"])


def downgrade() -> None:
    op.drop_table("notice_read")
    op.drop_index("ix_notice_to_person_created_at", "notice")
    op.drop_column("notice", "task_id")
    op.drop_column("notice", "to_person")
    op.drop_table("comment")
