"""What the customer is told stands beside the limit and moves nothing (domain §1.14 #21): each promise is kept, the last
counts.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tasks.core import storable
from tasks.deadlines.calendar.limits import in_our_time, shown
from tasks.deadlines.clocks.changing.reach import Mistake, in_hand, outside_time, refuse_mistakes
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
    refuse_mistakes("The promise", "承诺", wrong_promise(until, text, moving.at))
    moving.promise([clock], until, text)
    moving.record(clock, "clock.promise", {"promised_at": until}, before={"promised_at": clock.promised_at})


def wrong_promise(until: datetime, text: str, now: datetime) -> list[Mistake]:
    """What is wrong with a promise."""
    wrong: list[Mistake] = []
    if not in_our_time(until):
        wrong.append(outside_time(until))
    elif until <= now:
        said = shown(until)
        wrong.append((f"{said} is over: a promise is for what is still to come", f"承诺时间 {said} 已经过去"))
    if len(text) > LONGEST_TEXT or not storable(text):
        wrong.append(
            (
                f"the words of a promise are a text of at most {LONGEST_TEXT} characters",
                f"承诺内容最多 {LONGEST_TEXT} 个字符",
            )
        )
    return wrong
