"""Which database this installation uses, and the embedded server's coming and going around a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from redress.postgres import EmbeddedPostgres
from redress.settings import Settings

NAME = "redress"


def embedded_server(settings: Settings) -> EmbeddedPostgres:
    """The embedded server of this home folder, running or not."""
    return EmbeddedPostgres(settings.home / "pg")


def is_installed(settings: Settings) -> bool:
    """Whether an installation is configured, or has its data in this home folder."""
    return settings.database_url is not None or (embedded_server(settings).data / "PG_VERSION").exists()


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Give the URL of the database; an embedded server that had to be started for this is stopped at the
    end.

    A server that was already running belongs to somebody else and stays; so does one that somebody has
    meanwhile begun to use.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    server = embedded_server(settings)
    was_running = server.pid() is not None
    url = server.start(NAME)
    try:
        yield url
    finally:
        if not was_running and not _in_use(server):
            server.stop()


def _in_use(server: EmbeddedPostgres) -> bool:
    """Whether somebody else is connected to the server."""
    with psycopg.connect(server.url()) as connection:
        others = (
            "SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        row = connection.execute(f"SELECT EXISTS ({others})").fetchone()
        return bool(row and row[0])
