"""Cases are found by any part of their number and of what their facts say: pairs of characters behind a GIN index.

Revision: 0029, after 0027.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None

_FUNCTIONS = """
CREATE FUNCTION search_words(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(lower(normalize(given, NFKC)), '[\\s-]+', '', 'g')
$$;
CREATE FUNCTION letter_pairs(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT pair), '{}')
    FROM (SELECT letter || lead(letter) OVER (ORDER BY place) AS pair
          FROM unnest(string_to_array(words, NULL)) WITH ORDINALITY AS each (letter, place)) AS pairs
    WHERE strpos(pair, chr(10)) = 0
$$;
CREATE FUNCTION words_of_case(number text, facts jsonb, refers_to uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT search_words(number) || chr(10) || coalesce(left(string_agg(search_words(said #>> '{}'), chr(10)), 20000), '')
    FROM (SELECT DISTINCT jsonb_path_query(
              jsonb_build_array(facts, earlier_facts(refers_to)),
              'strict $.** ? (@.type() == "string" || @.type() == "number")') AS said) AS texts
$$;
CREATE FUNCTION keep_case_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said text := words_of_case(NEW.number, NEW.facts, NEW.refers_to);
BEGIN
    INSERT INTO case_words (case_id, words, pairs) VALUES (NEW.id, said, letter_pairs(said))
    ON CONFLICT (case_id) DO UPDATE SET words = excluded.words, pairs = excluded.pairs;
    RETURN NULL;
END $$;
CREATE TRIGGER case_words_are_kept AFTER INSERT OR UPDATE OF number, facts, refers_to ON case_file
    FOR EACH ROW EXECUTE FUNCTION keep_case_words();
"""
"""search_words: a text as it is searched: one form of every character, without case, spaces and hyphens, so that a phone is
found however it was typed. letter_pairs: every two characters that follow each other in a line.
"""

_EVERY_CASE = """
INSERT INTO case_words (case_id, words, pairs)
SELECT id, said, letter_pairs(said)
FROM case_file, LATERAL words_of_case(number, facts, refers_to) AS said
"""


def upgrade() -> None:
    op.create_table(
        "case_words",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("pairs", sa.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_words_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_words")),
    )
    op.execute(_FUNCTIONS)
    op.execute(_EVERY_CASE)
    op.create_index(
        "ix_case_words_pairs",
        "case_words",
        ["pairs"],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 512},
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER case_words_are_kept ON case_file")
    op.execute(
        "DROP FUNCTION keep_case_words(), words_of_case(text, jsonb, uuid), letter_pairs(text), search_words(text)"
    )
    op.drop_table("case_words")
