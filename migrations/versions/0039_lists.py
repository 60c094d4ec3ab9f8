"""Tasks rank by when they should be done, all things weighed, and say which unit has them; lists read both by an index.

Revision: 0039, after 0038.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_KEPT = """
CREATE FUNCTION place_task() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ahead double precision;
BEGIN
    NEW.unit_path := split_part(NEW.candidate_group, '@', 2);
    IF NEW.paused_at IS NOT NULL THEN
        NEW.rank_at := '9999-01-01 00:00:00+00';
        RETURN NEW;
    END IF;
    SELECT coalesce(sum(CASE w.factor
        WHEN 'priority' THEN w.hours * (least(greatest(NEW.priority, 0), 100) - 50)
        WHEN 'returned' THEN w.hours * coalesce(NEW.returned, 0)
        WHEN 'unlimited' THEN CASE WHEN NEW.due_at IS NULL THEN -w.hours ELSE 0 END
        ELSE w.hours END), 0)
    INTO ahead
    FROM next_task_weight w
    WHERE w.factor <> 'fact' OR EXISTS (
        SELECT FROM case_file c,
            jsonb_array_elements(jsonb_build_array(c.facts) || coalesce(earlier_facts(c.refers_to), '[]')) AS said (facts)
        WHERE c.id = NEW.case_id AND said.facts #> string_to_array(w.fact, '.') @> w.value);
    NEW.rank_at := coalesce(NEW.due_at, NEW.created_at) - make_interval(secs => 3600 * ahead);
    RETURN NEW;
END $$;
CREATE TRIGGER tasks_are_placed
    BEFORE INSERT OR UPDATE OF candidate_group, due_at, paused_at, priority, returned, created_at ON user_task
    FOR EACH ROW EXECUTE FUNCTION place_task();
"""
"""What weighs is in `next_task_weight`; a point of priority and the hours of a task without a limit hold until the office says
otherwise."""


def upgrade() -> None:
    op.create_table(
        "next_task_weight",
        sa.Column("factor", sa.Text(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("value", JSONB(), nullable=False),
        sa.Column("hours", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("factor", "fact", "value", name=op.f("pk_next_task_weight")),
    )
    op.execute(
        "INSERT INTO next_task_weight VALUES ('priority', '', 'null', 1), ('unlimited', '', 'null', 72)"
    )
    op.add_column("user_task", sa.Column("rank_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("user_task", sa.Column("unit_path", sa.Text(collation="C"), nullable=True))
    op.execute(_KEPT)
    op.execute("UPDATE user_task SET priority = priority")
    op.alter_column("user_task", "rank_at", nullable=False)
    op.alter_column("user_task", "unit_path", nullable=False)
    for name, columns, where in (
        ("rank", ["candidate_group", "rank_at", "id"], "state = 'created'"),
        ("created", ["candidate_group", "created_at", "id"], "state = 'created'"),
        ("warned", ["candidate_group", "warn_at"], "state = 'created' and warn_at is not null"),
        ("open", ["sort_at", "id"], "state in ('created', 'assigned', 'delegated')"),
        ("team", ["unit_path", "sort_at"], "state in ('created', 'assigned', 'delegated')"),
    ):
        op.create_index(f"ix_user_task_{name}", "user_task", columns, postgresql_where=sa.text(where))


def downgrade() -> None:
    op.execute("DROP TRIGGER tasks_are_placed ON user_task")
    op.execute("DROP FUNCTION place_task()")
    for name in ("rank", "created", "warned", "open", "team"):
        op.drop_index(f"ix_user_task_{name}", table_name="user_task")
    op.drop_column("user_task", "unit_path")
    op.drop_column("user_task", "rank_at")
    op.drop_table("next_task_weight")
