"""Process owners make an older version of a process current again, and retire processes.

Revision: 0057, after 0056.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "process_choice",
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=True),
        sa.Column("chosen_at", _INSTANT, nullable=True),
        sa.Column("chosen_by", sa.Text(), server_default="", nullable=False),
        sa.Column("chosen_by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("retired_at", _INSTANT, nullable=True),
        sa.Column("retired_by", sa.Text(), server_default="", nullable=False),
        sa.Column("retired_by_name", sa.Text(), server_default="", nullable=False),
        sa.Column("retired_note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name="fk_process_choice_definition_id_process_definition",
        ),
        sa.PrimaryKeyConstraint("process_key", name="pk_process_choice"),
        sa.UniqueConstraint("definition_id", name="uq_process_choice_definition_id"),
    )


def downgrade() -> None:
    op.drop_table("process_choice")
