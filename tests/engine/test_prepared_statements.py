"""What a connection has planned once it keeps, however the transactions on it end."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from engine.db import Statement

_ASK = Statement("SELECT %(what)s::int AS what")
_PREPARED = sa.text(
    "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int AS what'"
)


def prepared(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return int(session.scalar(_PREPARED) or 0)


def test_a_reading_that_ends_without_a_commit_forgets_no_statement(sessions: sessionmaker[Session]) -> None:
    for what in range(3):
        with sessions() as session:
            assert _ASK.one(session, {"what": what}).what == what
    assert prepared(sessions) == 1


def test_what_was_not_committed_is_not_there_and_an_error_leaves_a_usable_connection(
    sessions: sessionmaker[Session],
) -> None:
    for _ in range(2):
        with sessions() as session:
            session.execute(sa.text("INSERT INTO audit_head VALUES ('x', 0, '')"))
        with sessions() as session, pytest.raises(DBAPIError):
            session.execute(sa.text("SELECT 1/0"))
        with sessions() as session:
            assert session.scalar(sa.text("SELECT count(*) FROM audit_head WHERE chain = 'x'")) == 0
            assert _ASK.one(session, {"what": 1}).what == 1
