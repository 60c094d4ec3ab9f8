"""Instants as people fill them in."""

from __future__ import annotations

from datetime import datetime

from engine.errors import InvalidInput
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deadlines.calendar.limits import in_our_time


def instant_of(text: str, called: str = "时间") -> datetime | None:
    """An instant as a browser's box of date and time says it, in Chinese time; None for an empty one. called: the box, for the
    sentence. Raises InvalidInput for what is no instant, or one in no year that anybody counts in.
    """
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at
        if in_our_time(at):
            return at
    except (ValueError, OverflowError):
        pass
    raise InvalidInput(
        f"The instant {text[:40]!r} was sent; one is written as 2026-03-02T08:30.",
        message_zh=f"{called}“{text[:40]}”不是 2026-03-02 08:30 这样的时间。",
    )
