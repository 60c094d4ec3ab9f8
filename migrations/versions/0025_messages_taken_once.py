"""Messages that are taken once are kept beside what a case was filed with; stored answers keep the order of their names.

Revision: 0025, after 0024.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_TABLE = "case_submission"


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("message", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        _TABLE, sa.Column("id", sa.Uuid(), nullable=False, server_default=sa.text("gen_random_uuid()"))
    )
    op.alter_column(_TABLE, "id", server_default=None)
    op.drop_constraint(op.f("pk_case_submission"), _TABLE)
    op.create_primary_key(op.f("pk_case_submission"), _TABLE, ["id"])
    op.create_index("ix_case_submission_case_id_message", _TABLE, ["case_id", "message"])
    op.create_index(
        "ix_case_submission_filing",
        _TABLE,
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("message = ''"),
    )
    op.alter_column(_TABLE, "answer", type_=sa.JSON(), postgresql_using="answer::json")


def downgrade() -> None:
    op.alter_column(_TABLE, "answer", type_=JSONB(none_as_null=True), postgresql_using="answer::jsonb")
    op.drop_index("ix_case_submission_filing", table_name=_TABLE)
    op.drop_index("ix_case_submission_case_id_message", table_name=_TABLE)
    op.execute("DELETE FROM case_submission WHERE message <> ''")
    op.drop_constraint(op.f("pk_case_submission"), _TABLE)
    op.create_primary_key(op.f("pk_case_submission"), _TABLE, ["case_id"])
    op.drop_column(_TABLE, "id")
    op.drop_column(_TABLE, "message")
