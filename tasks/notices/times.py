"""When people may be sent something: their quiet hours, and when what has gathered for them goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tasks.deadlines.calendar.arithmetic import SHANGHAI

MORNING = 9
"""The hour of a digest nobody has chosen one for: our rule [D]."""

_LONGEST_REST = 60
"""Days after which a calendar that knows no working day is not asked any more."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """From when to when nothing is sent, in Shanghai time; it may reach over midnight."""

    begins: time
    ends: time

    def until(self, now: datetime) -> datetime | None:
        """The end of the quiet that holds now; None where none does."""
        local = now.astimezone(SHANGHAI)
        at, today = local.time(), local.date()
        if self.begins < self.ends:
            inside, day = self.begins <= at < self.ends, today
        else:
            inside = at >= self.begins or at < self.ends
            day = today + timedelta(days=1) if at >= self.begins else today
        return datetime.combine(day, self.ends, SHANGHAI) if inside else None


@dataclass(frozen=True, slots=True)
class Digest:
    """hour: of every working day, in Shanghai time, from 0 to 23; None: every full hour of every day."""

    hour: int | None = MORNING

    def after(self, now: datetime, quiet: Quiet | None, works: Callable[[date], bool]) -> datetime:
        """When what is told now goes out: the next instant of the digest, or the end of the quiet hours it lies in.

        works: whether a day is a working day.
        """
        local = now.astimezone(SHANGHAI)
        if self.hour is None:
            at = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        else:
            days = (local.date() + timedelta(days=ahead) for ahead in range(_LONGEST_REST))
            instants = (datetime.combine(day, time(self.hour), SHANGHAI) for day in days)
            ahead = [at for at in instants if at > local]
            at = next((at for at in ahead if works(at.date())), ahead[0])
        return (quiet.until(at) if quiet else None) or at


DAILY = Digest()
"""That of whoever has chosen none."""
