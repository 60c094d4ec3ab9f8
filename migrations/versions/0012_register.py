"""The clock register in versions.

Revision: 0012, after 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_COPY = """
INSERT INTO clock_policy
SELECT gen_random_uuid(), code, '', level, customer_level, '', 1, amount, unit, true, NULL,
       CASE WHEN warn_ratio < 1 THEN trim_scale(warn_ratio * 100) || '% ' ELSE '' END || '100% +4h +24h',
       '{}', false, 'done', name_zh, name_en, clause, false, date '2000-01-01', false, now(), '', '', ''
FROM clock_policy_before
"""
_COPY_BACK = """
INSERT INTO clock_policy_before
SELECT code, level, customer_level, amount, unit,
       CASE WHEN rungs ~ '^[0-9.]+%' THEN least(split_part(rungs, '%', 1)::numeric / 100, 1) ELSE 1 END,
       name_zh, name_en, clause
FROM (
    SELECT DISTINCT ON (code, level, customer_level) * FROM clock_policy
    WHERE regime = '' AND network = '' AND effective_from <= current_date
    ORDER BY code, level, customer_level, version DESC
) AS latest WHERE NOT ended
"""


def upgrade() -> None:
    op.execute("ALTER TABLE clock_policy RENAME TO clock_policy_before")
    op.execute("ALTER INDEX pk_clock_policy RENAME TO pk_clock_policy_before")
    op.create_table(
        "clock_policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("regime", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("customer_level", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=10, scale=3), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("rolls", sa.Boolean(), nullable=False),
        sa.Column("target", sa.Numeric(precision=10, scale=3)),
        sa.Column("rungs", sa.Text(), nullable=False),
        sa.Column("pauses", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("promised", sa.Boolean(), nullable=False),
        sa.Column("stops_on", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_by_name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("unit in ('h', 'cd', 'wd')", name=op.f("ck_clock_policy_unit")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_clock_policy_amount")),
        sa.CheckConstraint("target > 0 and target <= amount", name=op.f("ck_clock_policy_target")),
        sa.CheckConstraint("stops_on in ('done', 'claim')", name=op.f("ck_clock_policy_stops_on")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_policy")),
        sa.UniqueConstraint(
            "code",
            "regime",
            "level",
            "customer_level",
            "network",
            "version",
            name=op.f("uq_clock_policy_code_regime_level_customer_level_network_version"),
        ),
    )
    op.execute(_COPY)
    op.drop_table("clock_policy_before")


def downgrade() -> None:
    op.create_table(
        "clock_policy_before",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("customer_level", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=10, scale=3), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("warn_ratio", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
    )
    op.execute(_COPY_BACK)
    op.drop_table("clock_policy")
    op.execute("ALTER TABLE clock_policy_before RENAME TO clock_policy")
    op.create_primary_key("pk_clock_policy", "clock_policy", ["code", "level", "customer_level"])
