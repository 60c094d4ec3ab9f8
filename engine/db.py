"""The declarative base every table hangs on, how a database is opened, and the hot path's short way to it.

The short way: a `Statement` is sent to the driver in the session's own transaction, without the per-call work that
costs more than the statement itself; a statement whose result nobody needs is put off with `later` and travels
together with its companions and the COMMIT in one round trip. Nothing put off is ever overtaken: whatever is executed
in the same transaction first sends what was put off before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import orjson
import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from psycopg.rows import namedtuple_row
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker


class Base(DeclarativeBase):
    """Base of every mapped class; names constraints predictably so that migrations can refer to them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def open_database(url: str, *, pool_size: int = 8) -> sessionmaker[Session]:
    """Open a PostgreSQL database and return its session factory.

    `url` is any libpq-style PostgreSQL URL; the psycopg 3 driver is always used. Sessions do not expire what they
    loaded on commit, because an answer is rendered from it after the edge has committed.
    """
    target = sa.make_url(url)
    engine = sa.create_engine(
        target.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=4,
        pool_pre_ping=False,
        pool_use_lifo=True,
        # The same few statements run all day: the server plans each once per connection.
        connect_args={"prepare_threshold": 1},
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
    )
    sa.event.listen(engine, "do_connect", _connect)
    sa.event.listen(engine, "before_cursor_execute", _before_execute)
    sa.event.listen(engine, "commit", _commit)
    sa.event.listen(engine, "rollback", _forget)
    sa.event.listen(engine, "begin", _forget)
    sa.event.listen(engine, "rollback_savepoint", _forget)
    return sessionmaker(engine, expire_on_commit=False)


class _Connection(psycopg.Connection[Any]):
    """A connection that keeps its prepared statements when a transaction without an error is rolled back.

    Every reading ends so. The driver would forget and plan all statements anew, because tables might have been made in what
    was rolled back; only migrations make tables, on connections of their own.
    """

    def rollback(self) -> None:
        if self.info.transaction_status == TransactionStatus.INTRANS:
            self.pgconn.exec_(b"ROLLBACK")
        else:
            super().rollback()


def _connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> psycopg.Connection[Any]:
    return _Connection.connect(*arguments, **options)


class Statement:
    """One statement of the hot path: PostgreSQL text with `%(name)s` parameters, prepared once per connection."""

    __slots__ = ("constants", "text")

    def __init__(self, text: str, constants: Mapping[str, Any] | None = None) -> None:
        self.text = text
        self.constants = constants or {}

    @classmethod
    def of(cls, statement: sa.ClauseElement) -> Statement:
        """Compile a SQLAlchemy statement once. Its parameters and columns must be of types the driver knows itself."""
        compiled = statement.compile(dialect=psycopg_dialect())  # type: ignore[no-untyped-call]
        given = {name: value for name, value in compiled.params.items() if value is not None}
        return cls(str(compiled), given)

    def one(self, session: Session, parameters: Mapping[str, Any]) -> Any:
        """Send it now and return the first row as a named tuple, or None. Raises SQLAlchemy's errors."""
        rows = self.all(session, parameters)
        return rows[0] if rows else None

    def all(self, session: Session, parameters: Mapping[str, Any]) -> list[Any]:
        """Send it now, in one round trip with what was put off, and return its rows as named tuples.

        Raises SQLAlchemy's errors.
        """
        connection = session.connection()
        waiting = connection.info.pop(_PUT_OFF, ())
        raw = _driver(connection)
        try:
            with raw.pipeline() if waiting else nullcontext():
                for text, given in waiting:
                    raw.execute(text, given)
                with raw.cursor(row_factory=namedtuple_row) as cursor:
                    return cursor.execute(self.text, {**self.constants, **parameters}).fetchall()
        except psycopg.Error as error:
            raise _told(error, connection) from error

    def later(self, session: Session, parameters: Mapping[str, Any]) -> None:
        """Send it with the next statement of the transaction, or with the COMMIT; its result is dropped.

        What goes wrong with it is raised there, as SQLAlchemy's errors.
        """
        session.connection().info.setdefault(_PUT_OFF, []).append(
            (self.text, {**self.constants, **parameters})
        )


_PUT_OFF = "redress.put_off"


def _driver(connection: sa.Connection) -> psycopg.Connection[Any]:
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw


def _send_put_off(connection: sa.Connection, *, commit: bool = False) -> None:
    waiting = connection.info.pop(_PUT_OFF, None)
    if not waiting:
        return
    raw = _driver(connection)
    try:
        with raw.pipeline(), raw.cursor() as cursor:
            for text, parameters in waiting:
                cursor.execute(text, parameters)
            if commit:
                # Not raw.commit(): the end of the block is where errors are told.
                cursor.execute("COMMIT", prepare=False)
    except psycopg.Error as error:
        raise _told(error, connection) from error


def _told(error: psycopg.Error, connection: sa.Connection) -> BaseException:
    """Return the driver's error as the one SQLAlchemy would have raised."""
    return sa.exc.DBAPIError.instance(None, None, error, psycopg.Error, dialect=connection.dialect)


def _before_execute(connection: sa.Connection, *_: Any) -> None:
    _send_put_off(connection)


def _commit(connection: sa.Connection) -> None:
    _send_put_off(connection, commit=True)


def _forget(connection: sa.Connection, *_: Any) -> None:
    connection.info.pop(_PUT_OFF, None)
