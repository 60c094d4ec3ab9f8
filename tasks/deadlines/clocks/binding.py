"""Timers and clocks of one action: a timer that asked where no clock was gets one, and what was answered is compared.

Timers are reckoned while the process runs, the clocks of the tasks they stand on begin when it rests. So a timer is told what
the register says, and where the clock that began says otherwise (another region, an amount of the diagram's own, a case that
stands still) the engine is asked to look at the instance's timers again.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tasks.deadlines.clocks.around import Ask, Limits, instant_of, nearest
from tasks.deadlines.clocks.keeping import Timekeeping


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


def _begun(time: Timekeeping, ask: Ask) -> tuple[int, Any] | None:
    return nearest([SimpleNamespace(**begun.row) for begun in time.begun], ask.inside, ask.code)


def _says_otherwise(time: Timekeeping, clock: Any, ask: Ask) -> bool:
    if clock.paused_at is not None:
        return True
    clock.paused_from, clock.paused_to = [], []
    return instant_of(time.ground.snapshot.calendars, clock, ask.share, now=time.ground.at) != ask.answer
