"""A session says what the identity provider calls its own, so that the provider can end it.

Revision: 0036, after 0034.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("web_session", sa.Column("provider_sid", sa.Text()))
    op.create_index("ix_web_session_provider_sid", "web_session", ["provider_sid"])


def downgrade() -> None:
    op.drop_column("web_session", "provider_sid")
