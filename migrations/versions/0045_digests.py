"""When what has gathered for somebody goes out.

Revision: 0045, after 0044.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_digest",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_notice_digest_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name="pk_notice_digest"),
    )


def downgrade() -> None:
    op.drop_table("notice_digest")
