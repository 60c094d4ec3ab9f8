"""Cases that refer to others: outcome, facts read through, by what a case is found, masters, and what was sent from outside.

Revision: 0017, after 0016.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_FUNCTIONS = """
CREATE FUNCTION earlier_facts(of_case uuid) RETURNS jsonb LANGUAGE sql STABLE STRICT AS $$
    WITH RECURSIVE above (facts, refers_to, depth) AS (
        SELECT facts, refers_to, 1 FROM case_file WHERE id = of_case
        UNION ALL
        SELECT c.facts, c.refers_to, above.depth + 1
        FROM above JOIN case_file c ON c.id = above.refers_to WHERE above.depth < 20)
    SELECT jsonb_agg(facts ORDER BY depth) FROM above
$$;
CREATE FUNCTION touch_case(of_case uuid, units text[], outside text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one uuid;
    missing text[];
BEGIN
    FOR one IN
        WITH RECURSIVE reached (id, filed_at, refers_to) AS (
            SELECT id, filed_at, refers_to FROM case_file WHERE id = of_case
            UNION
            SELECT c.id, c.filed_at, c.refers_to
            FROM reached
            CROSS JOIN LATERAL (
                SELECT to_id FROM case_link
                WHERE from_id = reached.id AND kind IN ('upgraded_from', 'prior', 'merged_into')
                UNION ALL SELECT reached.refers_to) AS earlier (id)
            JOIN case_file c ON c.id = earlier.id AND NOT c.confidential)
        SELECT id FROM reached ORDER BY filed_at DESC, id DESC LIMIT 200
    LOOP
        missing := units;
        IF one <> of_case THEN
            missing := ARRAY(SELECT path FROM unnest(units) AS path WHERE NOT EXISTS (
                SELECT FROM org_unit u WHERE u.kind = ANY(outside) AND starts_with(path, u.path)));
        END IF;
        UPDATE case_file
        SET paths = ARRAY(SELECT DISTINCT unnest(paths || missing) AS path ORDER BY path)
        WHERE id = one AND NOT paths @> missing;
    END LOOP;
END $$;
"""
"""earlier_facts: the facts of a case and of those it refers to, the nearest first. touch_case: units (paths) see a case from
now on, and, but for bodies outside, the earlier cases that it continues; their rows are always locked in one order.
"""

_BY_WHAT_IT_IS_FOUND = """
INSERT INTO case_key (key, filed_at, case_id)
SELECT DISTINCT kind || ':' || value, filed_at, id FROM case_file, LATERAL (VALUES
    ('phone', right(regexp_replace(facts #>> '{customer,phone}', '\\D', '', 'g'), 20)),
    ('person', upper((facts #>> '{customer,name}') || '/' || (facts #>> '{customer,id_last4}'))),
    ('business', facts ->> 'business')) AS found (kind, value)
WHERE value <> ''
"""


def upgrade() -> None:
    op.add_column("case_file", sa.Column("outcome", sa.Text(), nullable=True))
    op.add_column("case_file", sa.Column("refers_to", sa.Uuid(), nullable=True))
    op.add_column("case_file", sa.Column("opened_by", sa.Text(), nullable=True))
    op.create_foreign_key(op.f("fk_case_file_refers_to"), "case_file", "case_file", ["refers_to"], ["id"])
    for name, columns, unique, where in (
        ("outcome", ["outcome", "filed_at"], False, "outcome is not null"),
        ("refers_to", ["refers_to"], False, "refers_to is not null"),
        ("opened_by", ["opened_by"], True, "opened_by is not null"),
    ):
        op.create_index(
            f"ix_case_file_{name}", "case_file", columns, unique=unique, postgresql_where=sa.text(where)
        )
    op.create_table(
        "case_key",
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("key", "filed_at", "case_id", name=op.f("pk_case_key")),
    )
    op.create_table(
        "case_master",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("regime", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_master_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_master")),
    )
    op.create_index("ix_case_master_regime_key", "case_master", ["regime", "key"])
    op.create_table(
        "case_submission",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("regime", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("values", JSONB(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("answer", JSONB(none_as_null=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("sent_by_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_submission_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_submission")),
        sa.UniqueConstraint("regime", "key", name=op.f("uq_case_submission_regime_key")),
    )
    op.execute(_FUNCTIONS)
    op.execute(_BY_WHAT_IT_IS_FOUND)


def downgrade() -> None:
    op.execute("DROP FUNCTION earlier_facts(uuid), touch_case(uuid, text[], text[])")
    for table in ("case_submission", "case_master", "case_key"):
        op.drop_table(table)
    for name in ("opened_by", "refers_to", "outcome"):
        op.drop_index(f"ix_case_file_{name}", table_name="case_file")
        op.drop_column("case_file", name)
