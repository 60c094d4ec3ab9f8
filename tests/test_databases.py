"""The databases that tests work in: none of them sees what another has left behind."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.databases import Databases

NEW_JOB = "INSERT INTO procrastinate_jobs (task_name, queue_name) VALUES ('a', 'b') RETURNING id"


def _ask(url: str, query: str) -> Any:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def test_what_a_test_wrote_is_gone_and_numbers_start_again(databases: Databases) -> None:
    for _ in range(2):
        with databases.lend() as url:
            assert _ask(url, NEW_JOB) == [(1,)]
            assert _ask(url, "SELECT count(*) FROM procrastinate_jobs") == [(1,)]
            _ask(url, "DELETE FROM alembic_version RETURNING 1")


def test_what_the_template_holds_is_there_again(databases: Databases) -> None:
    with databases.lend() as url:
        held = _ask(url, "TABLE alembic_version")
        _ask(url, "DELETE FROM alembic_version RETURNING 1")
    with databases.lend() as url:
        assert held == _ask(url, "TABLE alembic_version") != []


def test_a_connection_left_open_is_cut(databases: Databases) -> None:
    with databases.lend() as url:
        forgotten = psycopg.connect(url)
        forgotten.execute("LOCK TABLE procrastinate_jobs")
    with databases.lend() as url:
        assert _ask(url, "SELECT count(*) FROM procrastinate_jobs") == [(0,)]
    forgotten.close()


def test_a_database_whose_tables_were_changed_is_not_used_again(databases: Databases) -> None:
    with databases.lend() as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE left_behind (n int)")
    with databases.lend() as url:
        assert _ask(url, "SELECT to_regclass('left_behind')::text") == [(None,)]
