"""Process owners keep drafts of processes on the server; a deployment says who has approved it.

Revision: 0054, after 0053.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "process_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("based_key", sa.Text(), server_default="", nullable=False),
        sa.Column("based_version", sa.Integer(), nullable=True),
        sa.Column("based_definition_id", sa.Uuid(), nullable=True),
        sa.Column("bases", JSONB(), server_default="{}", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("writers", JSONB(), server_default="{}", nullable=False),
        sa.Column("submission", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pinned", JSONB(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("submitted_at", _INSTANT, nullable=True),
        sa.Column("rejection", sa.Text(), server_default="", nullable=False),
        sa.Column("rejected_by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("rejected_at", _INSTANT, nullable=True),
        sa.Column("deployment_id", sa.Uuid(), nullable=True),
        sa.Column("deployed_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_process_draft"),
    )
    op.create_index("ix_process_draft_changed_at", "process_draft", ["changed_at"])
    op.create_index("ix_process_draft_owner_id", "process_draft", ["owner_id"])
    op.create_table(
        "process_draft_file",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", _INSTANT, nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_by_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["process_draft.id"],
            name="fk_process_draft_file_draft_id_process_draft",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("draft_id", "name", name="pk_process_draft_file"),
    )
    op.create_table(
        "process_draft_revision",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["process_draft.id"],
            name="fk_process_draft_revision_draft_id_process_draft",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("draft_id", "name", "revision", name="pk_process_draft_revision"),
    )
    for name in ("approved_by", "approved_by_name"):
        op.add_column("deployment", sa.Column(name, sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    for name in ("approved_by_name", "approved_by"):
        op.drop_column("deployment", name)
    op.drop_table("process_draft_revision")
    op.drop_table("process_draft_file")
    op.drop_table("process_draft")
