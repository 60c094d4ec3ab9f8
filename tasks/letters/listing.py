"""The letters of a case. Each is an attachment: who reaches the case's papers reaches them, and reading one is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.errors import NotFound
from tasks.deps import Deps
from tasks.evidence import attachments
from tasks.evidence.kinds import LETTER
from tasks.people.caller import Caller


def letters_of(session: Session, deps: Deps, caller: Caller, number: str) -> Sequence[Any]:
    """The letters made for a case, oldest first. Raises NotFound. A body outside finds none: what is written to it is
    sent to it, and a letter that exists may still be on its way through a review.
    """
    return [row for row in attachments.of_case(session, deps, caller, number) if row.kind == LETTER]


def open_letter(session: Session, deps: Deps, caller: Caller, letter_id: UUID) -> tuple[Any, IO[bytes]]:
    """The row and the content of a letter, to be shown as it is. Raises NotFound, also for a paper that is no letter."""
    row, file = attachments.open_content(session, deps, caller, letter_id)
    if row.kind != LETTER:
        file.close()
        raise NotFound(f"The attachment {letter_id} was asked for; there is no such attachment for you.")
    return row, file
