"""Same key, same answer: the answer of a changing call is stored with its effect, in the same transaction.

A call reads its key together with its credentials and writes it with its answer: one extra statement per
call. Two calls with the same key at once both run; the second cannot insert the key until the first has
ended, sees that it is taken, rolls its own effect back and gives the first one's answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base, Statement
from engine.errors import InvalidInput
from tasks.core import table
from tasks.people.tables import Person


class KeyReused(InvalidInput):
    """The Idempotency-Key was used before with a different request; use a new key for a new request."""


class IdempotencyKey(Base):
    """`scope` hashes method, path and key; `request_hash` the query and body that were sent with it."""

    __tablename__ = "idempotency_key"
    # Keys are forgotten by age, a day's worth at once: a block range index is all that needs, and costs an insert nothing.
    __table_args__ = (sa.Index(None, "created_at", postgresql_using="brin"),)

    caller_id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    scope: Mapped[bytes] = mapped_column(sa.LargeBinary, primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    status: Mapped[int] = mapped_column(sa.SmallInteger)
    content_type: Mapped[str] = mapped_column(sa.Text)
    location: Mapped[str | None] = mapped_column(sa.Text)
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, and to which request."""

    request_hash: bytes
    status: int
    content_type: str
    location: str | None
    body: bytes


_KEYS = table(IdempotencyKey)
_ANSWER = (_KEYS.c.request_hash, _KEYS.c.status, _KEYS.c.content_type, _KEYS.c.location, _KEYS.c.body)
_INSERT = Statement(
    """INSERT INTO idempotency_key
           (caller_id, scope, request_hash, status, content_type, location, body, created_at)
       VALUES (%(caller_id)s, %(scope)s, %(request_hash)s, %(status)s, %(content_type)s, %(location)s, %(body)s, %(at)s)"""
)
_LOOK = sa.select(*_ANSWER).where(
    _KEYS.c.caller_id == sa.bindparam("caller_id"), _KEYS.c.scope == sa.bindparam("scope")
)


def with_stored_answer(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Add to a statement that finds the caller the answer stored for the caller and `:scope`, or nulls."""
    taken = sa.and_(
        _KEYS.c.caller_id == table(Person).c.id, _KEYS.c.scope == sa.bindparam("scope", type_=sa.LargeBinary)
    )
    return statement.outerjoin(_KEYS, taken).add_columns(*_ANSWER)


def stored_answer(row: Any) -> Answer | None:
    """The stored answer in a row of `with_stored_answer`, if any."""
    if row is None or row.status is None:
        return None
    return Answer(row.request_hash, row.status, row.content_type, row.location, row.body)


def look_up(session: Session, caller_id: UUID, scope: bytes) -> Answer | None:
    """The stored answer, read afresh after a rollback."""
    return stored_answer(session.execute(_LOOK, {"caller_id": caller_id, "scope": scope}).first())


def store(session: Session, caller_id: UUID, scope: bytes, answer: Answer, *, now: datetime) -> None:
    """Store an answer with its effect. Where the key was taken meanwhile, the commit raises IntegrityError and the
    effect is rolled back with it.
    """
    _INSERT.later(
        session,
        {
            "caller_id": caller_id,
            "scope": scope,
            "request_hash": answer.request_hash,
            "status": answer.status,
            "content_type": answer.content_type,
            "location": answer.location,
            "body": answer.body,
            "at": now,
        },
    )


def forget(session: Session, before: datetime) -> int:
    """Delete the keys stored before an instant; returns how many. The worker does it every hour, for keys older than three days."""
    gone = session.execute(
        sa.delete(_KEYS).where(_KEYS.c.created_at < before).returning(_KEYS.c.status)
    ).all()
    return len(gone)


def check_key(key: str) -> None:
    """Raise InvalidInput unless the key is 1 to 255 visible ASCII characters."""
    if not 1 <= len(key) <= 255 or any(not 33 <= ord(letter) <= 126 for letter in key):
        raise InvalidInput("The Idempotency-Key must be 1 to 255 visible ASCII characters.")


def scope_of(method: str, path: str, key: str) -> bytes:
    """What a key is valid for, besides its caller."""
    return sha256("\n".join((method, path, key)).encode("utf-8", "surrogatepass")).digest()


def hash_of(parts: Iterable[bytes]) -> bytes:
    """A hash over parts that cannot be shifted from one part into the next."""
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
