"""The embedded PostgreSQL as an operator meets it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from redress.postgres import EmbeddedPostgres, EmbeddedServerError


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """One data folder for the tests here: making one takes PostgreSQL longer than anything else."""
    with TemporaryDirectory(prefix="redress-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "pg"


@pytest.fixture
def server(data: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data, configuration="fsync = off\n")
    yield server
    server.stop()


def _note(url: str, text: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
        connection.execute("INSERT INTO note VALUES (%s)", [text])


def _notes(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM note")]


def test_a_second_start_keeps_what_was_stored(server: EmbeddedPostgres) -> None:
    _note(server.start(), "第一次")
    server.stop()
    assert server.pid() is None
    assert "第一次" in _notes(server.start())


def test_a_server_left_behind_by_a_killed_parent_is_used_again(server: EmbeddedPostgres) -> None:
    url = server.start()
    _note(url, "kept")
    left_behind = server.pid()
    again = EmbeddedPostgres(server.data)
    assert "kept" in _notes(again.start())
    assert again.pid() == left_behind


def test_a_server_killed_outright_recovers_at_the_next_start(server: EmbeddedPostgres) -> None:
    url = server.start()
    _note(url, "survived")
    pid = server.pid()
    assert pid is not None
    family = [psutil.Process(pid), *psutil.Process(pid).children()]
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs(family, timeout=10)
    assert server.pid() is None
    assert "survived" in _notes(server.start())


def test_a_stale_pid_file_that_names_somebody_elses_process_is_no_obstacle(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text(
        f"{os.getpid()}\n{server.data}\n1\n5432\n{server.data}\n\n0\nready\n"
    )
    assert server.pid() is None
    server.start()
    assert server.pid() not in (None, os.getpid())


def test_a_deeply_nested_home_works_although_socket_paths_are_short(place: Path) -> None:
    server = EmbeddedPostgres(place / ("a-very-long-folder-name-" * 5) / "pg", configuration="fsync = off\n")
    try:
        _note(server.start(), "deep")
        assert _notes(server.url("redress")) == ["deep"]
        assert server.socket_dir.stat().st_mode & 0o077 == 0
    finally:
        server.stop()


def test_a_folder_made_by_another_postgresql_is_refused_with_advice(place: Path) -> None:
    server = EmbeddedPostgres(place / "pg")
    server.data.mkdir()
    (server.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedServerError, match=r"made by PostgreSQL 15.*DATABASE_URL"):
        server.start()
