"""Whom a case complains about is asked for every new task: by a function whose plan is kept.

Revision: 0047, after 0046.
"""

from __future__ import annotations

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

_ASKED = """
    WITH RECURSIVE matter (id, refers_to, complained_of) AS (
        SELECT c.id, c.refers_to, c.complained_of FROM case_file c WHERE c.id = of_case
        UNION
        SELECT c.id, c.refers_to, c.complained_of
        FROM matter
        CROSS JOIN LATERAL (
            SELECT l.to_id FROM case_link l WHERE l.from_id = matter.id AND l.kind IN ('upgraded_from', 'prior')
            UNION ALL SELECT l.from_id FROM case_link l WHERE l.to_id = matter.id AND l.kind = 'merged_into'
            UNION ALL SELECT matter.refers_to) AS earlier (id)
        JOIN case_file c ON c.id = earlier.id)
    SELECT array_agg(DISTINCT login) FROM matter, unnest(matter.complained_of) AS login
"""
_NOBODY = """
    IF NOT EXISTS (
        SELECT FROM case_file c WHERE c.id = of_case AND (c.complained_of IS NOT NULL OR c.refers_to IS NOT NULL)
        UNION ALL
        SELECT FROM case_link l WHERE l.from_id = of_case AND l.kind IN ('upgraded_from', 'prior')
        UNION ALL
        SELECT FROM case_link l WHERE l.to_id = of_case AND l.kind = 'merged_into')
    THEN RETURN NULL; END IF;
"""
"""Most cases complain about nobody and continue no other."""
_HEAD = "CREATE OR REPLACE FUNCTION complained_of_in(of_case uuid) RETURNS text[]"


def upgrade() -> None:
    op.execute(f"{_HEAD} LANGUAGE plpgsql STABLE AS $$ BEGIN {_NOBODY} RETURN ({_ASKED}); END $$")


def downgrade() -> None:
    op.execute(f"{_HEAD} LANGUAGE sql STABLE AS $$ {_ASKED} $$")
