"""Who may not do a task stands on its row: whoever did what it is checked against, and whom the case complains about.

Revision: 0043, after 0042.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_ASKED = """
CREATE FUNCTION words_of(said jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT word)
    FROM jsonb_array_elements_text(CASE jsonb_typeof(said) WHEN 'array' THEN said ELSE jsonb_build_array(said) END) AS part (text),
        regexp_split_to_table(part.text, '[\\s\\u3000,，、;；]+') AS word
    WHERE word <> ''
$$;
CREATE FUNCTION complained_of_in(of_case uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE matter (id, refers_to, complained_of) AS (
        SELECT id, refers_to, complained_of FROM case_file WHERE id = of_case
        UNION
        SELECT c.id, c.refers_to, c.complained_of
        FROM matter
        CROSS JOIN LATERAL (
            SELECT to_id FROM case_link WHERE from_id = matter.id AND kind IN ('upgraded_from', 'prior')
            UNION ALL SELECT from_id FROM case_link WHERE to_id = matter.id AND kind = 'merged_into'
            UNION ALL SELECT matter.refers_to) AS earlier (id)
        JOIN case_file c ON c.id = earlier.id)
    SELECT array_agg(DISTINCT login) FROM matter, unnest(complained_of) AS login
$$;
CREATE FUNCTION barred_from(task user_task) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    apart text[];
    from_all boolean;
    complained text[];
    found jsonb := '{}';
BEGIN
    IF task.properties ?| ARRAY['separateFrom', 'separateFrom.case'] THEN
        apart := coalesce(words_of(task.properties -> 'separateFrom'), '{}');
        from_all := coalesce(lower(task.properties ->> 'separateFrom.case') IN ('yes', 'true', '是'), false);
        SELECT coalesce(jsonb_object_agg(person, jsonb_build_object(
                'rule', CASE WHEN done.activity_id = ANY(apart) THEN 'separate' ELSE 'case' END,
                'activity', done.activity_id, 'name', done.name)
            ORDER BY done.activity_id = ANY(apart), done.completed_at, done.id), '{}')
        INTO found
        FROM user_task done, unnest(done.helped_by || done.completed_by || done.completed_for) AS person
        WHERE (done.case_id = task.case_id OR task.case_id IS NULL AND done.instance_id = task.instance_id)
            AND done.state = 'completed' AND done.id <> task.id AND (from_all OR done.activity_id = ANY(apart))
            AND person IS NOT NULL;
    END IF;
    IF task.case_id IS NOT NULL THEN
        complained := complained_of_in(task.case_id);
        IF complained IS NOT NULL THEN
            SELECT found || jsonb_object_agg('@' || lower(login), '{"rule": "staff"}'::jsonb)
            INTO found FROM unnest(complained) AS login;
        END IF;
    END IF;
    RETURN nullif(found, '{}');
END $$;
"""
"""words_of: the words of a text or of a list of texts, which spaces or commas part. complained_of_in: the logins a case complains
about, and the earlier cases of the same matter: those it refers to, was upgraded from, follows, and those merged into it.
barred_from: who may not do a task: id of a person, or @login, to by what rule; null is nobody."""

_KEPT = """
CREATE FUNCTION bar_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.barred := barred_from(NEW);
    RETURN NEW;
END $$;
CREATE TRIGGER tasks_are_barred BEFORE INSERT ON user_task FOR EACH ROW EXECUTE FUNCTION bar_task();

CREATE FUNCTION bar_again(cases uuid[]) RETURNS void LANGUAGE sql AS $$
    WITH RECURSIVE later (id) AS (
        SELECT unnest(cases)
        UNION
        SELECT next.id
        FROM later CROSS JOIN LATERAL (
            SELECT from_id FROM case_link WHERE to_id = later.id AND kind IN ('upgraded_from', 'prior')
            UNION ALL SELECT to_id FROM case_link WHERE from_id = later.id AND kind = 'merged_into'
            UNION ALL SELECT c.id FROM case_file c WHERE c.refers_to = later.id) AS next (id)),
    now_barred AS (
        SELECT t.id, barred_from(t) AS barred FROM user_task t
        WHERE t.case_id = ANY(ARRAY(SELECT id FROM later)) AND t.state IN ('created', 'assigned', 'delegated')
        ORDER BY t.id)
    UPDATE user_task t SET barred = now_barred.barred, nobody_left = NULL
    FROM now_barred WHERE t.id = now_barred.id AND t.barred IS DISTINCT FROM now_barred.barred
$$;

CREATE FUNCTION bar_who_did_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE user_task t SET barred = barred_from(t), nobody_left = NULL
    WHERE (t.case_id = NEW.case_id OR NEW.case_id IS NULL AND t.instance_id = NEW.instance_id)
        AND t.state IN ('created', 'assigned', 'delegated')
        AND t.properties ?| ARRAY['separateFrom', 'separateFrom.case']
        AND t.barred IS DISTINCT FROM barred_from(t);
    IF NEW.case_id IS NOT NULL AND NEW.answers ? 'staff_complained_of' THEN
        UPDATE case_file SET complained_of = ARRAY(
            SELECT DISTINCT unnest(complained_of || words_of(NEW.answers -> 'staff_complained_of')) AS login ORDER BY login)
        WHERE id = NEW.case_id AND NOT coalesce(complained_of, '{}') @> words_of(NEW.answers -> 'staff_complained_of');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER who_did_it_is_barred AFTER UPDATE OF state ON user_task FOR EACH ROW
    WHEN (NEW.state = 'completed' AND OLD.state <> 'completed') EXECUTE FUNCTION bar_who_did_it();

CREATE FUNCTION keep_complained_of() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text[] := CASE TG_OP WHEN 'UPDATE' THEN words_of(OLD.facts -> 'staff_complained_of') END;
BEGIN
    NEW.complained_of := (
        SELECT array_agg(DISTINCT login ORDER BY login)
        FROM unnest(words_of(NEW.facts -> 'staff_complained_of') || ARRAY(
            SELECT login FROM unnest(NEW.complained_of) AS login WHERE login <> ALL(coalesce(before, '{}')))) AS login);
    RETURN NEW;
END $$;
CREATE TRIGGER complained_of_is_kept BEFORE INSERT OR UPDATE OF facts ON case_file
    FOR EACH ROW EXECUTE FUNCTION keep_complained_of();

CREATE FUNCTION bar_of_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM bar_again(ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE TRIGGER complained_of_are_barred AFTER UPDATE OF facts, complained_of, refers_to ON case_file FOR EACH ROW
    WHEN (OLD.complained_of IS DISTINCT FROM NEW.complained_of OR OLD.refers_to IS DISTINCT FROM NEW.refers_to)
    EXECUTE FUNCTION bar_of_case();

CREATE FUNCTION bar_of_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    later uuid := CASE NEW.kind WHEN 'merged_into' THEN NEW.to_id ELSE NEW.from_id END;
BEGIN
    IF complained_of_in(later) IS NOT NULL THEN
        PERFORM bar_again(ARRAY[later]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER linked_are_barred AFTER INSERT ON case_link FOR EACH ROW
    WHEN (NEW.kind IN ('upgraded_from', 'prior', 'merged_into')) EXECUTE FUNCTION bar_of_link();
"""
"""The row is written by whatever makes it true: the task begins, what it is checked against is completed, the case says whom it
complains about, in its facts or in the answers to a task, or continues another that does."""


def upgrade() -> None:
    op.add_column("user_task", sa.Column("barred", JSONB(), nullable=True))
    op.add_column("user_task", sa.Column("completed_for", sa.Uuid(), nullable=True))
    op.add_column("user_task", sa.Column("helped_by", ARRAY(sa.Uuid()), nullable=True))
    op.add_column("user_task", sa.Column("nobody_left", sa.Boolean(), nullable=True))
    op.add_column("case_file", sa.Column("complained_of", ARRAY(sa.Text()), nullable=True))
    op.execute(_ASKED)
    op.execute(_KEPT)
    op.execute("UPDATE case_file SET facts = facts WHERE facts ? 'staff_complained_of'")
    op.execute(
        "UPDATE user_task t SET barred = barred_from(t) "
        "WHERE state IN ('created', 'assigned', 'delegated') AND properties ?| ARRAY['separateFrom', 'separateFrom.case']"
    )
    op.create_index(
        "ix_user_task_barred",
        "user_task",
        ["id"],
        postgresql_where=sa.text(
            "barred is not null and nobody_left is null and state in ('created', 'assigned', 'delegated')"
        ),
    )


def downgrade() -> None:
    op.drop_index("ix_user_task_barred", table_name="user_task")
    op.execute("DROP TRIGGER linked_are_barred ON case_link")
    op.execute("DROP TRIGGER complained_of_are_barred ON case_file")
    op.execute("DROP TRIGGER complained_of_is_kept ON case_file")
    op.execute("DROP TRIGGER who_did_it_is_barred ON user_task")
    op.execute("DROP TRIGGER tasks_are_barred ON user_task")
    op.execute("DROP FUNCTION bar_of_link(), bar_of_case(), keep_complained_of(), bar_who_did_it()")
    op.execute("DROP FUNCTION bar_task(), bar_again(uuid[]), barred_from(user_task)")
    op.execute("DROP FUNCTION complained_of_in(uuid), words_of(jsonb)")
    op.drop_column("case_file", "complained_of")
    for name in ("nobody_left", "helped_by", "completed_for", "barred"):
        op.drop_column("user_task", name)
