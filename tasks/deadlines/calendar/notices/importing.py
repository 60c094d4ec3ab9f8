"""Importing a published notice: first a report of what would change, then the whole of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from engine.errors import InvalidInput, WrongState
from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deadlines.calendar.changed import calendar_changed
from tasks.deadlines.calendar.counting import clocks_over
from tasks.deadlines.calendar.notices import checking
from tasks.deadlines.calendar.notices.sheet import read_sheet
from tasks.deadlines.calendar.notices.stated import Mistake, NoticeRefused, Reading
from tasks.deadlines.calendar.notices.text import LONGEST, read_text
from tasks.deadlines.calendar.provisional import statutory_days
from tasks.deadlines.calendar.region import require_nation
from tasks.deadlines.calendar.tables import NATION, REST, WORK, CalendarYear, Workday
from tasks.deps import Deps
from tasks.organisation.changing.chart import day_of
from tasks.organisation.revision import lock_office
from tasks.people.caller import Caller


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody wants to import: pasted text, or a file (name, content). year: the one they say it is for; 0: any."""

    text: str = ""
    file: tuple[str, bytes] | None = None
    year: int = 0


class StaleNotice(WrongState):
    """The calendar has changed since the report was made; look at a new one."""


@dataclass(frozen=True, slots=True)
class DayChange:
    """One day that would be kept otherwise. before, after: rest or work; the names are those of the holiday."""

    day: date
    before: str
    after: str
    name_before: str
    name_after: str


@dataclass(frozen=True, slots=True)
class Report:
    """What importing would do. `digest` stands for the notice and the calendar it was compared with; confirming sends it
    back. With mistakes nothing can be confirmed.

    published: the year is published already, so this is a correction. clocks: how many open clocks are counted over the
    days that change, or over a year that stops being provisional.
    """

    digest: str
    year: int
    title: str
    published_on: date | None
    published: bool
    changes: list[DayChange]
    unchanged: int
    clocks: int
    mistakes: list[Mistake]
    warnings: list[Mistake]


def report(session: Session, deps: Deps, caller: Caller | None, notice: Notice) -> Report:
    """Compare a notice with the calendar; changes nothing. caller None: the machine itself. Raises NotPermitted."""
    require_nation(session, deps, caller)
    return _compared(session, deps, notice)[0]


def confirm(session: Session, deps: Deps, caller: Caller | None, notice: Notice, digest: str) -> Report:
    """Do what the report with this digest said, whole, and mark the year published. Returns the report.

    Raises StaleNotice when notice or calendar are others by now, NoticeRefused with every mistake, NotPermitted.
    """
    require_nation(session, deps, caller)
    lock_office(session)
    made, reading = _compared(session, deps, notice)
    if made.mistakes:
        raise NoticeRefused(made.mistakes)
    if digest != made.digest:
        raise StaleNotice(
            f"Importing the notice for {made.year} was confirmed with the digest {digest[:80]}; the notice or the calendar "
            "has changed since: look at a new report.",
            message_zh=f"{made.year} 年的通知或日历在核对之后已有变动，请重新核对。",
        )
    now, actor = deps.clock.now(), caller.actor if caller else SYSTEM
    _write(session, made, reading, now=now, by=actor.name)
    record(
        session,
        actor,
        "calendar.manage",
        at=now,
        subject="calendar_year",
        subject_id=made.year,
        before={"published": made.published, **{str(each.day): each.before for each in made.changes}},
        after={
            "published": True,
            "source": made.title,
            **{str(each.day): each.after for each in made.changes},
        },
    )
    moved = [each.day for each in made.changes if each.before != each.after]
    if not made.published:
        moved += [date(made.year, 1, 1), date(made.year, 12, 31)]
    if moved:
        calendar_changed(session, min(moved), max(moved), NATION)
    return made


def _compared(session: Session, deps: Deps, notice: Notice) -> tuple[Report, Reading]:
    reading = _read(notice)
    mistakes = checking.check(reading, notice.year, day_of(deps.clock.now()))
    published = bool(session.scalar(sa.select(sa.exists().where(table(CalendarYear).c.year == reading.year))))
    stored = _stored(session, reading.year)
    state = [reading.year, published, sorted((str(day), *kept) for day, kept in stored.items())]
    content = notice.file[1] if notice.file else notice.text.encode()
    digest = sha256(sha256(content).digest() + orjson.dumps([notice.year, state])).hexdigest()[:32]
    if mistakes:
        return Report(
            digest, reading.year, reading.title, reading.published_on, published, [], 0, 0, mistakes, []
        ), reading
    changes, unchanged = _changes(reading, published, stored)
    if published:
        moved = [each.day for each in changes if each.before != each.after]
    else:
        moved = [date(reading.year, 1, 1), date(reading.year, 12, 31), *(each.day for each in changes)]
    clocks = clocks_over(session, min(moved), max(moved)) if moved else 0
    return Report(
        digest, reading.year, reading.title, reading.published_on, published, changes, unchanged, clocks, [],
        checking.warnings(reading),
    ), reading  # fmt: skip


def _read(notice: Notice) -> Reading:
    if notice.file is not None:
        name, content = notice.file
        if content.startswith(b"PK") or not _prose(content):
            return read_sheet(name, content, notice.year)
        return _read_prose(_decoded(name, content), notice.year)
    if not notice.text.strip():
        raise InvalidInput(
            "Importing a notice was asked for, but it is empty: paste its text, or choose a file.",
            message_zh="通知是空的：请粘贴通知全文，或选择文件。",
        )
    return _read_prose(notice.text, notice.year)


def _read_prose(text: str, year: int) -> Reading:
    if len(text) > LONGEST:
        raise InvalidInput(
            f"Importing a notice of {len(text)} characters was asked for; at most {LONGEST} are taken.",
            message_zh=f"通知有 {len(text)} 个字符，最多 {LONGEST} 个。",
        )
    if not storable(text):
        raise InvalidInput(
            "Importing a notice was asked for; it has a character that cannot be stored.",
            message_zh="通知含有无法保存的字符。",
        )
    return read_text(text, year)


def _stored(session: Session, year: int) -> dict[date, tuple[str, str, int | None]]:
    """The nation's days of the year, and those of the year before that its notice disposes of: kind, name, notice."""
    days = table(Workday).c
    rows = session.execute(
        sa.select(days.day, days.kind, days.name, days.year).where(
            days.region == NATION,
            sa.or_(days.year == year, sa.func.extract("year", days.day).in_((year, year - 1))),
        )
    )
    return {row.day: (row.kind, row.name, row.year) for row in rows}


def _changes(
    reading: Reading, published: bool, stored: dict[date, tuple[str, str, int | None]]
) -> tuple[list[DayChange], int]:
    """Every day that is kept otherwise than now, and how many of those the notice names stay as they are."""
    names = {each.day: each.name for each in reading.days}
    after = checking.kinds(reading)
    before = {day: (kind, name) for day, (kind, name, year) in stored.items() if year == reading.year}
    if not published:  # until now the year had its statutory days
        before = {day: (REST, "") for day in statutory_days(reading.year) if day.weekday() < 5} | before
    changes, unchanged = [], 0
    for day in sorted(before.keys() | after.keys()):
        by_weekday = REST if day.weekday() >= 5 else WORK
        kind, name = before.get(day, stored.get(day, (by_weekday, ""))[:2])
        new_kind, new_name = after.get(day, by_weekday), names.get(day, "")
        if kind != new_kind or (name and new_name and name != new_name):
            changes.append(DayChange(day, kind, new_kind, name, new_name))
        else:
            unchanged += 1
    return changes, unchanged


def _write(session: Session, made: Report, reading: Reading, *, now: datetime, by: str) -> None:
    """Replace what the year's notice said by what it says now."""
    days, years = table(Workday), table(CalendarYear)
    stated = checking.kinds(reading)
    names = {each.day: each.name for each in reading.days}
    source = made.title or f"{made.year} 年放假安排"
    session.execute(
        sa.delete(days).where(
            days.c.region == NATION, sa.or_(days.c.year == made.year, days.c.day.in_(list(stated)))
        )
    )
    rows: list[dict[str, Any]] = [
        {
            "day": day, "region": NATION, "kind": kind, "year": made.year, "name": names.get(day, ""),
            "source": source, "changed_at": now, "changed_by": by,
        }
        for day, kind in stated.items()
    ]  # fmt: skip
    if rows:
        session.execute(sa.insert(days), rows)
    session.execute(sa.delete(years).where(years.c.year == made.year))
    session.execute(
        sa.insert(years).values(
            year=made.year, source=source, published_on=made.published_on, imported_at=now, imported_by=by
        )
    )


def _prose(content: bytes) -> bool:
    """Whether a file is the notice's text rather than a table: its words are there and no heading of a table."""
    text = _decoded("", content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    return not any(sign in first for sign in ",;\t") and ("放假" in text or "上班" in text)


def _decoded(name: str, content: bytes) -> str:
    from tasks.organisation.exchange.reading import MOST_BYTES, decoded

    if len(content) > MOST_BYTES:
        raise InvalidInput(
            f"Importing {name[:100]} was asked for; it has more than {MOST_BYTES} bytes.",
            message_zh=f"文件“{name[:100]}”过大，最多 {MOST_BYTES} 字节。",
        )
    return decoded(name, content)
