"""Comments, and notices to one person that are read once.

Revision: 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "comment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("case_id", sa.Uuid()),
        sa.Column("task_id", sa.Uuid()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("author_unit", sa.Text(), nullable=False),
        sa.Column("once", sa.Uuid()),
        sa.Column("at", _INSTANT, nullable=False),
        sa.UniqueConstraint("author_id", "once", name="uq_comment_author_id_once"),
    )
    op.create_index("ix_comment_case_id_at_id", "comment", ["case_id", "at", "id"])
    op.create_index("ix_comment_task_id_at_id", "comment", ["task_id", "at", "id"])
    op.add_column("notice", sa.Column("cause", sa.Text(), server_default="told", nullable=False))
    op.add_column(
        "notice",
        sa.Column("fields", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    )
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
    op.create_table(
        "notice_mark",
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("until", _INSTANT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("notice_mark")
    op.drop_table("notice_read")
    op.drop_index("ix_notice_to_person_created_at", "notice")
    for column in ("task_id", "to_person", "fields", "cause"):
        op.drop_column("notice", column)
    op.drop_table("comment")
