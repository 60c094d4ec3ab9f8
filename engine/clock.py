"""The one place that asks the machine what time it is; everything else is handed a Clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the current instant. Every engine and tasks verb takes its time from one of these."""

    def now(self) -> datetime:
        """Return the current instant as an aware datetime in UTC."""
        ...


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class OneInstant:
    """The clock of one action: it looks at another clock once, when it is first asked."""

    __slots__ = ("_at", "_clock")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at: datetime | None = None

    def now(self) -> datetime:
        if self._at is None:
            self._at = self._clock.now()
        return self._at


class FrozenClock:
    """A clock that moves only when told to, so that a 30-day limit is tested in milliseconds."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware datetime, got a naive one")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> datetime:
        """Move forward by the given time and return the new instant."""
        self._at += by
        return self._at
