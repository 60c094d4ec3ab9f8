"""The declarative base every table of the product hangs on, and how a database is opened."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa
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
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
    )
    return sessionmaker(engine, expire_on_commit=False)
