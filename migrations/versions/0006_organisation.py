"""The organisation: posts, seats with dates, what a unit handles and acts for; what a task asked for.

Revision: 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TEXTS = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    op.add_column("org_unit", sa.Column("acts_for_id", sa.Integer(), sa.ForeignKey("org_unit.id")))
    op.add_column("org_unit", sa.Column("handles", _TEXTS, server_default="{}", nullable=False))
    op.add_column("org_unit", sa.Column("valid_from", sa.Date()))
    op.add_column("org_unit", sa.Column("valid_until", sa.Date()))
    op.create_table(
        "org_post",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("roles", _TEXTS, nullable=False),
        sa.Column("grants", _TEXTS, nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
    )
    op.create_table(
        "org_role",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("aliases", _TEXTS, nullable=False),
        sa.Column("near", sa.Text(), nullable=False),
    )
    op.create_table(
        "org_former_path",
        sa.Column("path", sa.Text(collation="C"), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("office_revision", sa.Column("work", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("office_revision", sa.Column("looked_at", sa.Date()))
    op.add_column("office_revision", sa.Column("loaded", sa.LargeBinary()))
    op.drop_constraint("pk_membership", "membership")
    op.drop_index("ix_membership_unit_id", "membership")
    op.alter_column("membership", "post", new_column_name="title", server_default="")
    op.add_column("membership", sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False))
    op.create_primary_key("pk_membership", "membership", ["id"])
    op.add_column("membership", sa.Column("post", sa.Text(), sa.ForeignKey("org_post.key")))
    op.add_column(
        "membership", sa.Column("superior_id", sa.Uuid(), sa.ForeignKey("person.id", ondelete="SET NULL"))
    )
    op.add_column("membership", sa.Column("valid_from", sa.Date()))
    op.add_column("membership", sa.Column("valid_until", sa.Date()))
    op.create_index("ix_membership_person_id_position", "membership", ["person_id", "position"])
    op.create_index("ix_membership_unit_id", "membership", ["unit_id"])
    op.add_column("user_task", sa.Column("asked", _TEXTS))
    op.add_column("user_task", sa.Column("routed", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("user_task", "routed")
    op.drop_column("user_task", "asked")
    op.drop_column("office_revision", "loaded")
    op.drop_column("office_revision", "looked_at")
    op.drop_column("office_revision", "work")
    op.drop_table("org_former_path")
    op.drop_table("org_role")
    op.drop_index("ix_membership_person_id_position", "membership")
    for column in ("valid_until", "valid_from", "superior_id", "post"):
        op.drop_column("membership", column)
    op.drop_constraint("pk_membership", "membership")
    op.drop_column("membership", "id")
    op.alter_column("membership", "title", new_column_name="post", server_default=None)
    op.create_primary_key("pk_membership", "membership", ["person_id", "unit_id"])
    op.drop_table("org_post")
    for column in ("valid_until", "valid_from", "handles", "acts_for_id"):
        op.drop_column("org_unit", column)
