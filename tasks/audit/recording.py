"""Saying what was done. It is written with the rest of the transaction, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.actor import Actor
from tasks.memo import memo

OFFICE = "office"
"""The chain of what belongs to no case: the organisation, people, tokens, deployments."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One verb, as the room that did it tells it."""

    chain: str
    at: datetime
    actor: Actor
    verb: str
    subject: str
    subject_id: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


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

    chain: the case number, where the thing belongs to a case. before, after: what the verb changed, plain JSON values;
    never a secret, and of people's answers and texts a digest. Sent once per transaction, at its end.
    """
    memo(session).audit.append(Entry(chain, at, actor, verb, subject, str(subject_id), before, after))
