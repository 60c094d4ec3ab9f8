"""What supervision gives the worker: sweeps, jobs by their task names, and what is done every hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from tasks.deadlines.supervision.opening import end_supervision
from tasks.deadlines.supervision.ringing import ring_clock, ring_clocks
from tasks.deadlines.supervision.sweep import (
    END,
    PRESS,
    RING,
    RINGS,
    queue_again,
    sweep_clocks,
    sweep_supervision,
)
from tasks.deadlines.supervision.urging import press_case
from tasks.deps import Deps

SWEEPS: tuple[Callable[[Session, datetime], int], ...] = (sweep_clocks, sweep_supervision)


def performers(deps: Deps) -> dict[str, Callable[[Session, Mapping[str, Any]], None]]:
    """The jobs, by task name."""
    return {
        RING: partial(ring_clock, deps=deps),
        RINGS: partial(ring_clocks, deps=deps),
        END: partial(end_supervision, deps=deps),
        PRESS: partial(press_case, deps=deps),
    }


def hourly(deps: Deps) -> dict[str, Callable[[Session, Mapping[str, Any]], None]]:
    """What is done every hour, by task name."""

    def again(session: Session, _: Mapping[str, Any]) -> None:
        queue_again(session, deps.clock.now())

    return {"redress.ring_again": again}
