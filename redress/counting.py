"""Counts the SQL statements and commits of each request, for the benchmarks."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask, Response

HEADER = "X-Redress-Statements"
"""Statements and commits of the request, as in `8/1`; a COMMIT is no statement."""
_count: ContextVar[int] = ContextVar("statements", default=0)
_commits: ContextVar[int] = ContextVar("commits", default=0)


class CountingCursor(psycopg.Cursor[Any]):
    """Counts what is sent, whoever sends it: the ORM, or the job engine on the same connection."""

    def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
        if query != "COMMIT":
            _count.set(_count.get() + 1)
        return super().execute(query, *arguments, **options)

    def executemany(self, *arguments: Any, **options: Any) -> None:
        _count.set(_count.get() + 1)
        super().executemany(*arguments, **options)


def count_statements(app: Flask, engine: sa.Engine) -> None:
    """Let every answer of `app` say in a header how many statements and commits it took."""

    @sa.event.listens_for(engine, "connect")
    def use_counting_cursor(connection: psycopg.Connection[Any], _record: object) -> None:
        connection.cursor_factory = CountingCursor

    @sa.event.listens_for(engine, "commit")
    def committed(_connection: sa.Connection) -> None:
        _commits.set(_commits.get() + 1)

    @app.before_request
    def start() -> None:
        _count.set(0)
        _commits.set(0)

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers[HEADER] = f"{_count.get()}/{_commits.get()}"
        return response
