"""Saying what was done. It is written with the rest of the transaction, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

import orjson
from sqlalchemy.orm import Session

from engine.actor import Actor
from tasks.memo import memo

OFFICE = "office"
"""Where what belongs to no case is kept: the organisation, people, tokens, deployments. `record` chooses the chain."""

KEYS = "redress.audit_keys"
"""Where a session that writes the trail has its keys (`tasks.audit.writing.keep_trail`)."""

_OF_PEOPLE = frozenset({"person", "session", "token", "key"})
_SHARES = 64
"""Chains that share what people do about their accounts: sign-ins of different people seldom wait for each other, and
no number of made-up logins makes more chains.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One verb, as the room that did it tells it. before, after: JSON, the very text that is sealed and kept."""

    chain: str
    at: datetime
    actor: Actor
    verb: str
    subject: str
    subject_id: str
    before: str | None
    after: str | None


def record(
    session: Session,
    actor: Actor,
    verb: str,
    *,
    at: datetime,
    subject: str,
    subject_id: object,
    chain: str = OFFICE,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Note that `actor` did `verb` to a thing (`subject` is its kind: case, task, unit, person, token …).

    chain: `chain_of` what belongs to a case or an instance; everything else is OFFICE. before, after: what the verb
    changed, plain JSON values; never a secret, and of people's answers and texts a digest (`tasks.audit.digests`). Sent
    once per transaction, at its end. Raises RuntimeError for a session that keeps no trail, and inside a savepoint: what
    is rolled back to it would be told although it never happened.
    """
    if KEYS not in session.info:
        raise RuntimeError(f"{verb} cannot be recorded: keep_trail() was not called for these sessions.")
    if session.in_nested_transaction():
        raise RuntimeError(f"{verb} cannot be recorded inside a savepoint.")
    if chain == OFFICE:
        chain = _office_chain(subject, actor)
    memo(session).audit.append(
        Entry(chain, at, actor, verb, subject, str(subject_id), _text(before), _text(after))
    )


def waiting(session: Session) -> bool:
    """Whether something was done in this transaction that is still to be written: then it has to be committed."""
    return bool(memo(session).audit)


def chain_of(number: str | None, instance_id: object) -> str:
    """Return the chain of a case, by its number, or of an instance that runs without one."""
    return number or f"instance/{instance_id}"


def _office_chain(subject: str, actor: Actor) -> str:
    if subject in _OF_PEOPLE:
        return f"{OFFICE}/people/{crc32(actor.id.encode()) % _SHARES:02}"
    return f"{OFFICE}/{subject}"


def _text(values: Mapping[str, Any] | None) -> str | None:
    if values is None:
        return None
    return orjson.dumps(values, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
