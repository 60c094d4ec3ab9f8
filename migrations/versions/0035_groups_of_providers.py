"""Groups of an identity provider give seats, and it is known which seats they gave.

Revision: 0035, after 0030.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oidc_group",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("post", sa.Text()),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_oidc_group"),
        sa.UniqueConstraint(
            "provider",
            "value",
            "unit",
            "post",
            name="uq_oidc_group_provider_value_unit_post",
        ),
    )
    op.create_table(
        "oidc_seat",
        sa.Column("membership_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("membership_id", name="pk_oidc_seat"),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name="fk_oidc_seat_membership_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("oidc_seat")
    op.drop_table("oidc_group")
