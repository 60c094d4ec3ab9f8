"""Tasks carry the business and the level of the customer that their cases say; cases are found by the unit that filed them.

Revision: 0053, after 0052.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

_CARRIED = """
WITH said AS (
    SELECT c.id,
        (SELECT btrim(facts ->> 'business') FROM jsonb_array_elements(every) WITH ORDINALITY AS each (facts, nth)
         WHERE jsonb_typeof(facts -> 'business') = 'string' AND facts ->> 'business' <> '' ORDER BY nth LIMIT 1) AS business,
        (SELECT btrim(facts #>> '{customer,level}') FROM jsonb_array_elements(every) WITH ORDINALITY AS each (facts, nth)
         WHERE jsonb_typeof(facts #> '{customer,level}') = 'string' AND facts #>> '{customer,level}' <> ''
         ORDER BY nth LIMIT 1) AS customer_level
    FROM case_file c,
        LATERAL (SELECT jsonb_build_array(c.facts) || coalesce(earlier_facts(c.refers_to), '[]') AS every) AS told)
UPDATE user_task
SET business = CASE WHEN length(said.business) BETWEEN 1 AND 60 THEN said.business END,
    customer_level = CASE WHEN length(said.customer_level) BETWEEN 1 AND 60 THEN said.customer_level END
FROM said WHERE said.id = user_task.case_id AND (said.business <> '' OR said.customer_level <> '')
"""
"""What a case says itself comes before what the cases say that it refers to."""


def upgrade() -> None:
    for name in ("business", "customer_level"):
        op.add_column("user_task", sa.Column(name, sa.Text(), nullable=True))
    op.execute(_CARRIED)
    op.create_index("ix_case_file_org_path", "case_file", ["org_path"])
    op.create_index(
        "ix_user_task_returned",
        "user_task",
        ["candidate_group", "sort_at", "id"],
        postgresql_where=sa.text("state = 'created' and returned > 0"),
    )


def downgrade() -> None:
    op.drop_index("ix_user_task_returned", table_name="user_task")
    op.drop_index("ix_case_file_org_path", table_name="case_file")
    for name in ("customer_level", "business"):
        op.drop_column("user_task", name)
