"""Who is away, until when, and who does their work meanwhile.

Revision: 0030, after 0033.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("substitute_id", sa.Uuid()),
        sa.Column("roles", sa.ARRAY(sa.Text())),
        sa.Column("approvals", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_by_name", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_off_at", sa.DateTime(timezone=True)),
        sa.Column("look_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("from_at < until_at OR called_off_at IS NOT NULL", name=op.f("ck_absence_period")),
        sa.CheckConstraint("substitute_id <> person_id", name=op.f("ck_absence_somebody_else")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_absence_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["person.id"], name=op.f("fk_absence_substitute_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_person_id_from_at", "absence", ["person_id", "from_at"])
    op.create_index("ix_absence_substitute_id_from_at", "absence", ["substitute_id", "from_at"])
    op.create_index("ix_absence_until_at", "absence", ["until_at"])
    op.create_index(
        "ix_absence_look_at", "absence", ["look_at"], postgresql_where=sa.text("look_at IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_table("absence")
