"""Counts the SQL statements of each request, for the benchmarks."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask, Response

HEADER = "X-Redress-Statements"
_count: ContextVar[int] = ContextVar("statements", default=0)


class CountingCursor(psycopg.Cursor[Any]):
    """Counts what is sent, whoever sends it: the ORM, or the job engine on the same connection."""

    def execute(self, *arguments: Any, **options: Any) -> Any:
        _count.set(_count.get() + 1)
        return super().execute(*arguments, **options)

    def executemany(self, *arguments: Any, **options: Any) -> None:
        _count.set(_count.get() + 1)
        super().executemany(*arguments, **options)


def count_statements(app: Flask, engine: sa.Engine) -> None:
    """Let every answer of `app` say in a header how many statements it took."""

    @sa.event.listens_for(engine, "connect")
    def use_counting_cursor(connection: psycopg.Connection[Any], _record: object) -> None:
        connection.cursor_factory = CountingCursor

    @app.before_request
    def start() -> None:
        _count.set(0)

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers[HEADER] = str(_count.get())
        return response
