"""Signing in: passwords that must be changed, wrong ones counted for all processes, keys for signed calls.

Revision: 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("person", sa.Column("email", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "person",
        sa.Column("must_change_password", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("person", sa.Column("password_changed_at", _INSTANT))
    op.add_column(
        "api_token", sa.Column("issued_by", sa.Uuid(), sa.ForeignKey("person.id", ondelete="SET NULL"))
    )
    op.add_column("web_session", sa.Column("seen_at", _INSTANT, server_default=sa.func.now(), nullable=False))
    op.create_table(
        "sign_in_attempt",
        sa.Column("login_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", _INSTANT, nullable=False),
        sa.Column("locked_until", _INSTANT),
    )
    op.create_index("ix_sign_in_attempt_last_at", "sign_in_attempt", ["last_at"])
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("issued_by", sa.Uuid(), sa.ForeignKey("person.id", ondelete="SET NULL")),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT),
    )
    op.create_index("ix_signing_key_person_id", "signing_key", ["person_id"])
    op.create_table(
        "signed_nonce",
        sa.Column("key_id", sa.Text(), primary_key=True),
        sa.Column("nonce", sa.Text(), primary_key=True),
        sa.Column("at", _INSTANT, nullable=False),
    )
    op.create_index("ix_signed_nonce_at", "signed_nonce", ["at"])


def downgrade() -> None:
    op.drop_table("signed_nonce")
    op.drop_table("signing_key")
    op.drop_table("sign_in_attempt")
    op.drop_column("web_session", "seen_at")
    op.drop_column("api_token", "issued_by")
    for column in ("password_changed_at", "must_change_password", "email"):
        op.drop_column("person", column)
