"""People may be known by what an identity provider calls them, and a session says which identity opened it.

Revision: 0032, after 0028.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_person_identity"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], ondelete="CASCADE"),
        sa.UniqueConstraint("issuer", "subject", name="uq_person_identity_issuer_subject"),
    )
    op.create_index("ix_person_identity_person_id", "person_identity", ["person_id"])
    op.add_column("web_session", sa.Column("identity_id", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_web_session_identity_id"),
        "web_session",
        "person_identity",
        ["identity_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_index("ix_web_session_identity_id", "web_session", ["identity_id"])


def downgrade() -> None:
    op.drop_column("web_session", "identity_id")
    op.drop_table("person_identity")
