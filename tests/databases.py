"""Databases for tests: copied once, given back as they were after each test, and furnished once for a whole run.

Copying a database takes PostgreSQL half a second on a busy machine, furnishing one with an office as long again; taking
back what a test has written takes some thousandths of a second.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import fasteners
import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.orm import Session, sessionmaker

from engine.db import open_database
from redress.postgres import EmbeddedPostgres

_COLUMNS = """
    SELECT relname, array_agg(attname ORDER BY attnum) FILTER (WHERE attgenerated = '')
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace GROUP BY relname ORDER BY relname
"""
_SEQUENCES = (
    "SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace ORDER BY 1"
)
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
    _spare: list[_Copy] = field(default_factory=list)
    _lent: dict[str, _Copy] = field(default_factory=dict)
    _original: _Original | None = None

    @classmethod
    def furnished(
        cls, server: EmbeddedPostgres, bare: str, name: str, furnish: Callable[[sessionmaker[Session]], None]
    ) -> Databases:
        """Databases with more in them: the first worker to ask lets `furnish` fill a copy of the template `bare`."""
        done = server.data.parent / f"{name}.ready"
        with fasteners.InterProcessLock(done.with_suffix(".lock")):
            if not done.exists():
                server.drop_database(name)
                server.create_database(name, template=bare)
                sessions = open_database(server.url(name), pool_size=1)
                furnish(sessions)
                sessions.kw["bind"].dispose()
                done.touch()
        return cls(server, name)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The URL of a database that is exactly as the template is."""
        copy = self._spare.pop() if self._spare else self._made()
        self._lent[copy.url] = copy
        try:
            yield copy.url
        finally:
            del self._lent[copy.url]
            if copy.taken_back():
                self._spare.append(copy)
            else:
                copy.connection.close()
                self.server.drop_database(copy.name)

    def sessions(self, url: str) -> sessionmaker[Session]:
        """The session factory of a database that is lent; what listens to it or to its engine is gone after the test.

        What SQLAlchemy has compiled stays for the tests that get the database later.
        """
        copy = self._lent[url]
        engine = copy.factory.kw["bind"]
        engine.pool = copy.pool.recreate()
        return sessionmaker(**{**copy.factory.kw, "bind": engine.execution_options()})

    def close(self) -> None:
        """Nothing is lent any more."""
        for copy in self._spare:
            copy.connection.close()

    def _made(self) -> _Copy:
        name = f"t_{uuid.uuid4().hex[:16]}"
        self.server.create_database(name, template=self.template)
        url = self.server.url(name)
        connection = psycopg.connect(url, autocommit=True)
        if self._original is None:
            # Of a fresh copy: while anybody is connected to the template, no other worker can copy it.
            self._original = _Original.read(connection)
        return _Copy(name, url, self._original, connection, self._original.state)


@dataclass
class _Copy:
    """One copy of a template. `state`: what each table and sequence of it looks like untouched."""

    name: str
    url: str
    original: _Original
    connection: psycopg.Connection[Any]
    state: Mapping[str, str]

    @cached_property
    def factory(self) -> sessionmaker[Session]:
        return open_database(self.url, pool_size=4)

    @cached_property
    def pool(self) -> sa.Pool:
        """Connections nobody has listened to yet."""
        pool: sa.Pool = self.factory.kw["bind"].pool
        return pool

    def taken_back(self) -> bool:
        """Undo what a test has written; False when it has changed tables themselves."""
        if "factory" in self.__dict__:
            self.factory.kw["bind"].dispose()
        self.connection.execute(_OTHERS)
        if _only(self.connection, _SHAPE) != self.original.shape:
            return False
        before, after = self.state, self._looks()
        touched = [name for name, look in after.items() if look != before[name]]
        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no foreign keys, no triggers
            refilled = False
            for name in touched:
                cursor.execute(self.original.emptied[name])
                if name in self.original.filled:
                    refilled = True
                    statement, rows = self.original.filled[name]
                    with cursor.copy(statement) as table:
                        table.write(rows)
        if refilled:
            self.state = self._looks()
        return True

    def _looks(self) -> dict[str, str]:
        return dict(self.connection.execute(self.original.looks, prepare=True).fetchall())


@dataclass(frozen=True, slots=True)
class _Original:
    """What makes a copy like its template again, table by table and sequence by sequence."""

    shape: str
    looks: sql.Composed
    """One row for each: its name, and which version of which rows it holds. Every change makes new versions."""
    state: Mapping[str, str]
    emptied: Mapping[str, sql.Composed]
    filled: Mapping[str, tuple[sql.Composed, bytes]]

    @classmethod
    def read(cls, connection: psycopg.Connection[Any]) -> _Original:
        looks, emptied, filled = [], {}, {}
        for name, columns in connection.execute(_COLUMNS).fetchall():
            table, listed = sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
            emptied[name] = sql.SQL("DELETE FROM {}").format(table)
            looks.append(
                sql.SQL(
                    "SELECT {}, md5(string_agg(concat(ctid, ' ', xmin), ',' ORDER BY ctid)) FROM {}"
                ).format(name, table)
            )
            with connection.cursor().copy(sql.SQL("COPY {} ({}) TO STDOUT").format(table, listed)) as copy:
                rows = b"".join(bytes(part) for part in copy)
            if rows:
                filled[name] = (sql.SQL("COPY {} ({}) FROM STDIN").format(table, listed), rows)
        for (name,) in connection.execute(_SEQUENCES).fetchall():
            last, called = connection.execute(
                sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name))
            ).fetchone() or (1, False)
            emptied[name] = sql.SQL("SELECT setval({}, {}, {})").format(name, last, called)
            looks.append(
                sql.SQL("SELECT {}, concat(last_value, is_called) FROM {}").format(name, sql.Identifier(name))
            )
        asked = sql.SQL(" UNION ALL ").join(looks)
        state = dict(connection.execute(asked).fetchall())
        return cls(_only(connection, _SHAPE), asked, state, emptied, filled)


def _only(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode(), prepare=True).fetchone()
    return row[0] if row else None
