"""The FEEL functions `due("R01.audit")` and `warn("R01.stage")`: instants of running clocks, else counted by the register."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from engine.ports import Asked
from tasks.deadlines.calendar.arithmetic import OutsideCalendar
from tasks.deadlines.calendar.limits import reckon
from tasks.deadlines.calendar.reading import Calendars
from tasks.deadlines.clocks.around import Ask, Limits, instant_of
from tasks.deadlines.policies.choosing import chosen_by, warning_share
from tasks.deadlines.policies.register import NoSuchPolicy, Policies

WARNING = Decimal(0)
"""The share that stands for the first warning of the register."""


class Known(Protocol):
    """The register and the calendars that limits are counted by."""

    @property
    def policies(self) -> Policies: ...

    @property
    def calendars(self) -> Calendars: ...


@dataclass(frozen=True, slots=True)
class Register:
    """The same as plain data, for where there is no office."""

    policies: Policies
    calendars: Calendars


def deadline_functions(latest: Callable[[], Known]) -> dict[str, Callable[..., Any]]:
    """`due(code)` and `warn(code, ratio?)`, for `f(context, *args)` calls. latest: what counts when one is called.

    Of the nearest running clock of the code: the asking element's, those around it, the case's. Where there is none,
    counted from when the asking timer began to wait, or from now, by the register. A clock that stands still answers what
    would come if it went on now, and tells the timer to wait without an instant.
    """

    def instant(context: Any, code: str, share: Decimal | None) -> datetime:
        asked: Asked | None = getattr(context, "asked", None)
        limits: Limits | None = asked.limits() if asked is not None else None
        if asked is None or limits is None:
            return by_register(context, code, share, _now(context), "")
        found = limits.nearest(asked.inside, code)
        if found is None:
            answer = by_register(context, code, share, asked.since or _now(context), limits.region)
        else:
            asked.paused = asked.paused or found[1].paused_at is not None
            answer = instant_of(latest().calendars, found[1], share, now=_now(context))
        limits.asks.append(Ask(asked.inside, code, share, answer, found[0] if found else None))
        return answer

    def by_register(context: Any, code: str, share: Decimal | None, since: datetime, region: str) -> datetime:
        chosen = chosen_by(context.variables)  # reading the facts brings the office up to date
        known = latest()
        policy = known.policies.find(code, **chosen)
        part = Decimal(1) if share is None else share or warning_share(policy)
        return reckon(known.calendars.of(region), policy.limit, since, share=part).at

    def due(context: Any, code: str) -> datetime:
        with _said_to_feel():
            return instant(context, str(code), None)

    def warn(context: Any, code: str, ratio: Any = None) -> datetime:
        with _said_to_feel():
            return instant(context, str(code), WARNING if ratio is None else _share(ratio))

    return {"due": due, "warn": warn}


def _share(ratio: Any) -> Decimal:
    try:
        share = Decimal(str(ratio))
    except InvalidOperation:
        share = Decimal(0)
    if not share.is_finite() or not 0 < share <= 1:
        raise ValueError(f"the warning ratio {ratio} was asked for, but it is a number above 0 and up to 1")
    return share


@contextmanager
def _said_to_feel() -> Iterator[None]:
    """A limit that cannot be given is a failing function to FEEL, so an incident at the activity that asked."""
    try:
        yield
    except (NoSuchPolicy, OutsideCalendar) as error:
        raise ValueError(str(error).removesuffix(".")) from error


def _now(context: Any) -> datetime:
    now = context.now
    instant: datetime = now() if callable(now) else now
    return instant
