"""The log of authority used to compensate.

Revision: 0023, after 0022.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authority_use",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("unit_path", sa.Text(collation="C"), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(12, 2), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=True),
        sa.Column("second_name", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("outcome in ('granted', 'dual_sign', 'refused')", name="ck_authority_use_outcome"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name="fk_authority_use_case_id_case_file", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_authority_use"),
        sa.UniqueConstraint("key", name="uq_authority_use_key"),
    )
    op.create_index("ix_authority_use_case_id", "authority_use", ["case_id"])
    op.create_index("ix_authority_use_person_id_at", "authority_use", ["person_id", "at"])
    op.create_index("ix_authority_use_at_id", "authority_use", ["at", "id"])


def downgrade() -> None:
    op.drop_table("authority_use")
