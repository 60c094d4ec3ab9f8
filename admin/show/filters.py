"""How things are shown: instants in Chinese time, stored words in two languages.

Template filters only; nothing here decides anything.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from admin.show.labels import LABELS
from admin.show.language import brief, plain
from engine.actor import SYSTEM
from engine.dialect.findings import walked
from engine.dialect.ids import author_id, drawn_id, engine_id
from engine.offers import Choice
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deadlines.calendar.limits import shown
from tasks.talk.comments import NAMED

WEEKDAYS = "一二三四五六日"


def instant(at: datetime | None, form: str = "minute") -> str:
    """Return an aware instant as Chinese wall time; form: minute, second, day or short (month-day
    hour:minute).
    """
    if at is None:
        return "—"
    patterns = {
        "minute": "%Y-%m-%d %H:%M",
        "second": "%Y-%m-%d %H:%M:%S",
        "day": "%Y-%m-%d",
        "short": "%m-%d %H:%M",
    }
    return at.astimezone(SHANGHAI).strftime(patterns[form])


def field(at: datetime) -> str:
    """Return an instant as a `datetime-local` field holds it."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def due(at: datetime | None) -> str:
    """Return a due instant for people: `2026-03-02 24:00`, never 00:00 of the day after."""
    return "—" if at is None else shown(at)


def iso(at: datetime | None) -> str:
    """Return an instant for the `datetime` attribute of a `<time>` element."""
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at else ""


def weekday(at: datetime) -> str:
    """Return the weekday of an instant, such as 周三 or Wed."""
    here = at.astimezone(SHANGHAI)
    return brief(f"周{WEEKDAYS[here.weekday()]}", f"{here:%a}")


def span(length: timedelta) -> tuple[str, str]:
    """Return a length of time in words, Chinese and English, in at most two units and never negative."""
    minutes = max(0, int(abs(length.total_seconds()) // 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} 天" + (f" {hours} 小时" if hours else ""), f"{days} d" + (
            f" {hours} h" if hours else ""
        )
    if hours:
        return f"{hours} 小时" + (f" {minutes} 分" if minutes else ""), f"{hours} h" + (
            f" {minutes} min" if minutes else ""
        )
    return (f"{minutes} 分钟", f"{minutes} min") if minutes else ("不到 1 分钟", "under 1 min")


def label(word: Any, family: str) -> tuple[str, str]:
    """Return the Chinese and English name of a stored word; an unknown word stands for itself."""
    text = "" if word is None else str(word)
    return LABELS.get(family, {}).get(text, (text, text.replace("_", " ")))


def in_words(value: Any) -> str:
    """Return an answer as a person reads it: yes and no, lists joined, nothing as a dash."""
    if value is None or value == "" or value == []:
        return "—"
    if value is True:
        return brief("是", "yes")
    if value is False:
        return brief("否", "no")
    if isinstance(value, (list, tuple)):
        return brief("、", ", ").join(in_words(item) for item in value)
    if isinstance(value, dict):
        return brief("；", "; ").join(
            f"{key}{brief('：', ': ')}{in_words(item)}" for key, item in value.items()
        )
    return str(value)


def actor(name: Any) -> str:
    """Who did it: a person's name, or 系统 for what the product does by itself."""
    return brief("系统", "system") if name == SYSTEM.name else str(name or "—")


def drawn(element_id: str) -> str:
    """Return the id an element has in a picture, from the one its author wrote."""
    return drawn_id(engine_id(element_id))


def choice(one: Choice) -> str:
    """Return what a need can be bound to as a select box shows it."""
    if one.versions:
        return f"{one.name} ({one.target}) · {plain('最新版', 'newest')}"
    return f"{one.target} — {one.name}" if one.name not in ("", one.target) else one.target


def mentions(text: str) -> list[tuple[str, bool]]:
    """Return a comment in pieces, and of each whether it is an `@login`, whoever that may be."""
    pieces, end = [], 0
    for found in NAMED.finditer(text):
        pieces += [(text[end : found.start()], False), (found[0], True)]
        end = found.end()
    return [*pieces, (text[end:], False)]


def size_of(count: int) -> str:
    """A number of bytes as people say it."""
    return f"{count / 1024:.1f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"


FILTERS = {
    "bytes": size_of,
    "mentions": mentions,
    "drawn": drawn,
    "walked": walked,
    "actor": actor,
    "author_id": author_id,
    "choice": choice,
    "drawn_id": drawn_id,
    "instant": instant,
    "due": due,
    "field": field,
    "iso": iso,
    "weekday": weekday,
    "label": label,
    "in_words": in_words,
}
