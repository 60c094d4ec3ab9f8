"""Databases for tests: copied once, given back as they were after each test.

Copying a database takes PostgreSQL half a second on a busy machine; taking back what a test has written takes
a hundredth of that.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import psycopg
from psycopg import sql

from redress.postgres import EmbeddedPostgres

_COLUMNS = """
    SELECT relname, array_agg(attname ORDER BY attnum) FILTER (WHERE attgenerated = '')
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace GROUP BY relname ORDER BY relname
"""
_SHAPE = """
    SELECT md5(string_agg(concat_ws(' ', relname, attname, atttypid), ',' ORDER BY pg_class.oid, attnum))
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid WHERE relnamespace = 'public'::regnamespace
"""
_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@dataclass
class Databases:
    """Copies of one template database, lent to one test after the other."""

    server: EmbeddedPostgres
    template: str
    _spare: list[str] = field(default_factory=list)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The URL of a database that is exactly as the template is."""
        if self._spare:
            name = self._spare.pop()
        else:
            name = f"t_{uuid.uuid4().hex[:16]}"
            self.server.create_database(name, template=self.template)
        try:
            yield self.server.url(name)
        finally:
            with psycopg.connect(self.server.url(name), autocommit=True) as connection:
                unchanged = self._take_back(connection)
            if unchanged:
                self._spare.append(name)
            else:
                self.server.drop_database(name)

    def _take_back(self, connection: psycopg.Connection[Any]) -> bool:
        """Undo what a test has written; False when it has changed tables themselves."""
        connection.execute(_OTHERS)
        if _only(connection, _SHAPE) != self._original.shape:
            return False
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no foreign keys, no triggers
            cursor.execute(self._original.emptied)
            for copy, rows in self._original.filled:
                with cursor.copy(copy) as table:
                    table.write(rows)
        return True

    @cached_property
    def _original(self) -> _Original:
        with psycopg.connect(self.server.url(self.template), autocommit=True) as connection:
            tables = [
                (sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns)))
                for name, columns in connection.execute(_COLUMNS)
            ]
            sequences = connection.execute(
                "SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public'"
            ).fetchall()
            filled = []
            for table, columns in tables:
                with connection.cursor().copy(
                    sql.SQL("COPY {} ({}) TO STDOUT").format(table, columns)
                ) as copy:
                    rows = b"".join(bytes(part) for part in copy)
                if rows:
                    filled.append((sql.SQL("COPY {} ({}) FROM STDIN").format(table, columns), rows))
            statements = [sql.SQL("DELETE FROM {}").format(table) for table, _ in tables] + [
                sql.SQL("SELECT setval({}, {}, {})").format(name, last or start, last is not None)
                for name, start, last in sequences
            ]
            return _Original(_only(connection, _SHAPE), sql.SQL("; ").join(statements), filled)


@dataclass(frozen=True, slots=True)
class _Original:
    """What makes a database like its template again."""

    shape: str
    emptied: sql.Composed
    filled: list[tuple[sql.Composed, bytes]]


def _only(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None
