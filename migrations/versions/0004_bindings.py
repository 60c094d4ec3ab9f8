"""What a diagram asks the installation for is bound per version; a version that is not fully bound cannot start.

Revision: 0004, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "process_definition", sa.Column("source_hash", sa.Text(), server_default="", nullable=False)
    )
    op.add_column(
        "process_definition", sa.Column("need_count", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "process_definition", sa.Column("startable", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.create_table(
        "definition_binding",
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("need_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("bound_by", sa.Text(), nullable=False),
        sa.Column("bound_by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_definition_binding_definition_id"),
        ),
        sa.PrimaryKeyConstraint("definition_id", "need_key", name=op.f("pk_definition_binding")),
    )


def downgrade() -> None:
    op.drop_table("definition_binding")
    op.drop_column("process_definition", "startable")
    op.drop_column("process_definition", "need_count")
    op.drop_column("process_definition", "source_hash")
