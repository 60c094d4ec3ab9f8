"""What the customer is told stands beside the limit and moves nothing (domain §1.14 #21): each promise is kept, the last
counts.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.core import storable
from tasks.deadlines.clocks.limits import shown
from tasks.deadlines.clocks.reach import in_hand
from tasks.deps import Deps
from tasks.people.caller import Caller

LONGEST_TEXT = 1000


def promise(
    session: Session, deps: Deps, caller: Caller, clock_id: UUID, *, until: datetime, text: str = ""
) -> None:
    """Keep that the customer was promised something until then (aware), in these words.

    Raises NotPermitted, NotFound; InvalidInput for an instant that is over; WrongState for a clock that has stopped.
    """
    moving, clock = in_hand(session, deps, caller, clock_id, "clock.promise", "A promise")
    if wrong := wrong_promise(until, text, moving.at):
        raise InvalidInput(f"The promise was refused: {'; '.join(wrong)}.", wrong=wrong)
    moving.promise([clock], until, text)
    moving.note(clock, "clock.promise", {"promised_at": until}, before={"promised_at": clock.promised_at})


def wrong_promise(until: datetime, text: str, now: datetime) -> list[str]:
    """What is wrong with a promise."""
    wrong = []
    if until <= now:
        wrong.append(f"{shown(until)} is over: a promise is for what is still to come")
    if len(text) > LONGEST_TEXT or not storable(text):
        wrong.append(f"the words of a promise are a text of at most {LONGEST_TEXT} characters")
    return wrong
