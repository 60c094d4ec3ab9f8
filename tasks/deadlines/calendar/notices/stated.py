"""What a notice states, as it was read: days, and everything about it that cannot be right."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tasks.deadlines.calendar.tables import REST, WORK
from tasks.mistakes import ChangeRefused

KINDS = {REST: ("休息", "rest"), WORK: ("上班", "work")}

WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Mistake:
    """`where`: the line or row it was read from, empty for the notice as a whole; `words`: the words meant."""

    where: str
    words: str
    message: str
    message_zh: str

    @property
    def path(self) -> str:
        return " · ".join(part for part in (self.where, self.words) if part)

    path_zh = path


@dataclass(frozen=True, slots=True)
class Stated:
    """One day the notice speaks of, of `kind` rest or work, under the name of a holiday."""

    day: date
    kind: str
    name: str
    where: str


@dataclass
class Reading:
    """A notice for `year` as it was read: its days in the order they stand in, and its mistakes.

    year 0: it does not say for which one. whole: it lists every day of the year, not only what differs from Monday to
    Friday. title: what it calls itself.
    """

    year: int = 0
    title: str = ""
    published_on: date | None = None
    whole: bool = False
    days: list[Stated] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, where: str, words: str, message: str, message_zh: str) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(where, words[:60], message, message_zh))


class NoticeRefused(ChangeRefused[Mistake]):
    """The notice cannot be right."""

    refused, refused_zh = "Importing the notice", "没有导入通知"
    most_told = 1


def weekday(day: date) -> str:
    """周一 to 周日."""
    return "周" + WEEKDAYS[day.weekday()]
