"""The migrations lead to exactly the schema the code declares."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.orm import Session, sessionmaker

from redress import migrate
from redress.postgres import EmbeddedPostgres
from redress.schema import declared_metadata, is_ours


def test_a_migrated_database_has_exactly_the_tables_the_code_declares(
    sessions: sessionmaker[Session],
) -> None:
    engine = sessions.kw["bind"]
    with engine.connect() as connection:
        options = {"include_object": is_ours, "compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, declared_metadata()) == []


def test_the_job_engine_finds_its_tables(session: Session) -> None:
    assert session.scalar(sa.text("SELECT count(*) FROM procrastinate_jobs")) == 0


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    assert migrate.current(database_url) == migrate.head()
    migrate.upgrade(database_url)
    assert migrate.current(database_url) == migrate.head()


def test_a_migration_that_fails_leaves_the_database_as_it_was(postgres: EmbeddedPostgres) -> None:
    name = "half_migrated"
    postgres.create_database(name)
    url = postgres.url(name)
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            connection.execute(
                sa.text("CREATE TABLE case_file (id int)")
            )  # the first revision will trip over it
        with pytest.raises(sa.exc.ProgrammingError, match="case_file"):
            migrate.upgrade(url)
        with engine.connect() as connection:
            assert sa.inspect(connection).get_table_names() == ["case_file"]
        assert migrate.current(url) is None
    finally:
        engine.dispose()
        postgres.drop_database(name)
