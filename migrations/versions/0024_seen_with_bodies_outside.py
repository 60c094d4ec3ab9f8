"""Units see the earlier cases theirs continue also where the organisation has bodies outside.

The name `path` meant the path of the body outside, not the unit's: with one such body nobody got to see an earlier case.
The cases that are linked already are shown to those who should have seen them.

Revision: 0024, after 0023.
"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_TOUCH = """
CREATE OR REPLACE FUNCTION touch_case(of_case uuid, units text[], outside text[]) RETURNS void LANGUAGE plpgsql AS $$
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
            missing := ARRAY(SELECT seen FROM unnest(units) AS seen WHERE NOT EXISTS (
                SELECT FROM org_unit u WHERE u.kind = ANY(outside) AND starts_with(seen, u.path)));
        END IF;
        UPDATE case_file
        SET paths = ARRAY(SELECT DISTINCT unnest(paths || missing) AS path ORDER BY path)
        WHERE id = one AND NOT paths @> missing;
    END LOOP;
END $$;
"""

_MISSED = """
SELECT touch_case(id, paths, ARRAY['external', 'regulator'])
FROM case_file
WHERE refers_to IS NOT NULL OR EXISTS (
    SELECT FROM case_link
    WHERE from_id = case_file.id AND kind IN ('upgraded_from', 'prior', 'merged_into'))
"""


def upgrade() -> None:
    op.execute(_TOUCH)
    op.execute(_MISSED)


def downgrade() -> None:
    op.execute(_TOUCH.replace("seen", "path"))
