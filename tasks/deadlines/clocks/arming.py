"""Which rung of a clock comes next. Pure.

Each rung rings once per due revision; when due has moved, one that has rung before rings again only if its new instant is
still to come (design §8).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from tasks.deadlines.calendar.arithmetic import Calendar
from tasks.deadlines.calendar.limits import Limit, Pause, after, reckon
from tasks.deadlines.policies.rungs import Rung, read_rungs


def rung_instants(
    calendar: Calendar,
    limit: Limit,
    rungs: str,
    start: datetime,
    pauses: Sequence[Pause] = (),
    *,
    due: datetime | None = None,
) -> tuple[datetime, ...]:
    """When each rung of `90% 100% +4h +24h` comes, in order. Raises OutsideCalendar.

    due: when the clock is due, where that is not what reckoning gives (a promise that was not shortened).
    """
    due = reckon(calendar, limit, start, pauses).at if due is None else due

    def comes(rung: Rung) -> datetime:
        if rung.share is None:
            return after(due, rung.hours)
        return due if rung.share == 1 else min(due, reckon(calendar, limit, start, pauses, rung.share).at)

    return tuple(comes(rung) for rung in read_rungs(rungs))


def first_warning(instants: Sequence[datetime], rungs: str) -> datetime | None:
    """Of the instants of these rungs, when the first of those before the end comes; None without such a rung."""
    return next((at for at, rung in zip(instants, read_rungs(rungs), strict=True) if rung.warns), None)


def next_rung(
    instants: Sequence[datetime], *, behind: int, now: datetime, ever: Collection[int]
) -> tuple[int, datetime] | None:
    """The first rung after the one with the number `behind` (-1: from the beginning) that is to ring, and when.

    ever: the numbers of the rungs that have rung in any revision of the clock. None when none is left.
    """
    for number in range(behind + 1, len(instants)):
        if instants[number] > now or number not in ever:
            return number, instants[number]
    return None


def behind_at_first(instants: Sequence[datetime], now: datetime) -> int:
    """The rung behind which a clock begins at `now`: of those that are over by then only the last is still to ring, because
    who hears of a limit late is told how late it is, not what should have been said before.
    """
    return max(sum(at <= now for at in instants) - 2, -1)
