"""Timers, due dates and clocks of one action: a timer that asked where no clock was gets one, what was answered is compared,
and a task that is due with a clock around it stands as that clock does.

Timers are reckoned while the process runs, the clocks of the tasks they stand on begin when it rests. So a timer is told what
the register says, and where the clock that began says otherwise (another region, an amount of the diagram's own, a case that
stands still) the engine is asked to look at the instance's timers again.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from engine.ports import UserActivity
from tasks.deadlines.clocks.around import Ask, Limits, instant_of, nearest
from tasks.deadlines.clocks.keeping import TaskTime, Timekeeping
from tasks.deadlines.clocks.tables import UNASSIGNED


def bind(time: Timekeeping, limits: Limits | None) -> bool:
    """Begin the stage clocks of timers that have none around them; return whether a timer was told something else than
    the clock says that it is bound to.
    """
    if limits is None:
        return False
    timers = {passage.id: passage for passage in time.move.began if passage.timer}
    over = {each.id for each in time.move.over}
    differs = False
    for ask in limits.asks:
        token = ask.inside[0] if ask.inside else None
        found = _begun(time, ask)
        if found is None and ask.depth is None and token in timers and token not in over:
            time.stage(timers[token], ask.code)
            found = _begun(time, ask)
        if found is not None and (ask.depth is None or found[0] < ask.depth):
            differs = differs or _says_otherwise(time, found[1], ask)
    return differs


def with_clock_around(
    time: Timekeeping, limits: Limits | None, activity: UserActivity, said: TaskTime
) -> TaskTime:
    """What a task says of time that has no clock of its own and is due when one around it is (`=due("R01.stage")`): as that
    clock stands when the move is over, which may have begun in it or stand still. What any other task says stays as it is.
    """
    own = any(
        begun.row["token_id"] == activity.id and begun.row["code"] != UNASSIGNED for begun in time.begun
    )
    if limits is None or own or activity.due_at is None:
        return said
    for ask in limits.asks:
        of_it = ask.inside[:1] == (activity.id,) and ask.share is None and ask.answer == activity.due_at
        if of_it and ask.code not in time.stops:
            here, there = _begun(time, ask), limits.nearest(ask.inside, ask.code)
            found = min((each for each in (here, there) if each), key=lambda each: each[0], default=None)
            if found is not None:
                clock = found[1]
                return replace(said, due_at=clock.due_at, warn_at=clock.warn_at, paused_at=clock.paused_at)
    return said


def _begun(time: Timekeeping, ask: Ask) -> tuple[int, Any] | None:
    return nearest([SimpleNamespace(**begun.row) for begun in time.begun], ask.inside, ask.code)


def _says_otherwise(time: Timekeeping, clock: Any, ask: Ask) -> bool:
    if clock.paused_at is not None:
        return True
    clock.paused_from, clock.paused_to = [], []
    return instant_of(time.ground.snapshot.calendars, clock, ask.share, now=time.ground.at) != ask.answer
