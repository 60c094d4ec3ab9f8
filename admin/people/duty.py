"""节假日值班: who is on duty for a unit in a month, who is now, and taking over a roster as a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Response, flash, redirect, request, url_for

from admin.page import Answer, Page
from admin.show.language import plain
from engine.errors import InvalidInput, NotFound
from tasks.deadlines.calendar.arithmetic import SHANGHAI, OutsideCalendar
from tasks.organisation.exchange.reading import MOST_BYTES
from tasks.organisation.tree import Unit
from tasks.people.duty import importing, reading
from tasks.permissions.visibility import reach

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month. rests: the unit does not work then; None where the calendar does not reach so far. turns: those
    that touch it, each with when it begins and ends on this day (empty: it goes on over midnight).
    """

    day: date
    rests: bool | None
    turns: list[tuple[Any, str, str]]


def duty(page: Page) -> Answer:
    """A month of a unit, this one of the caller's own unless others are asked for."""
    return _shown(page, request.args.get("unit", ""), request.args.get("month", ""))


def export(page: Page) -> Answer:
    """What lies ahead, as the file that would give it."""
    text = reading.as_csv(page.session, page.deps, page.caller)
    response = Response("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename="duty_roster.csv")
    return response


def import_file(page: Page) -> Answer:
    """Replace what lies ahead of the units in a file; or say everything that is wrong with it."""
    file = request.files.get("file")
    content = file.read(MOST_BYTES + 1) if file else b""
    unit, month = request.form.get("unit", "")[:64], request.form.get("month", "")
    try:
        done = importing.import_roster(
            page.session, page.deps, page.caller, (file.filename or "") if file else "", content
        )
    except InvalidInput as refusal:
        page.session.rollback()
        shown = _shown(page, unit, month, refusal=refusal)
        shown.status_code = 422
        return shown
    flash(
        plain(
            f"值班表已导入：{done['turns']} 个班次，替换原来的 {done['was']} 个。",
            f"The roster was imported: {done['turns']} turns instead of {done['was']}.",
        ),
        "done",
    )
    return redirect(url_for("admin.duty", unit=unit or None, month=month or None))


def _shown(page: Page, code: str, asked: str, *, refusal: InvalidInput | None = None) -> Response:
    snapshot = page.deps.office.current(page.session)
    inside = reach(page.caller, "duty.read")
    units = [
        unit
        for unit in snapshot.organisation.units
        if not unit.external and any(unit.path.startswith(path) for path in inside)
    ]
    unit = _unit(page, units, code)
    first = _month(asked, snapshot.day)
    following = (first + timedelta(days=31)).replace(day=1)
    days, more = _days(page, unit, first, following) if unit else ([], False)
    now = page.deps.clock.now()
    current = reading.roster(page.session, page.deps, page.caller, begin=now, end=now, limit=200)
    return page.render(
        "duty.html",
        section="admin.duty",
        units=units,
        unit=unit,
        month=first,
        before=(first - timedelta(days=1)).replace(day=1),
        after=following,
        today=snapshot.day,
        weeks=_weeks(days),
        more=more,
        current=current.items,
        refusal=refusal,
    )


def _unit(page: Page, units: list[Unit], code: str) -> Unit | None:
    """Raises NotFound for a unit that the caller does not see and for one that does not exist alike."""
    wanted = code or page.caller.standing.unit_code
    found = next((unit for unit in units if unit.code == wanted), None)
    if found is None and code:
        raise NotFound(
            f"The duty roster of the unit {code[:64]!r} was asked for; there is none for you.",
            message_zh="没有这个单位的值班表。",
        )
    return found or (units[0] if units else None)


def _month(asked: str, today: date) -> date:
    if not asked:
        return today.replace(day=1)
    found = _MONTH.fullmatch(asked)
    if not found:
        raise NotFound(
            f"The duty roster of the month {asked[:20]!r} was asked for; a month is written 2026-10.",
            message_zh="月份请写成 2026-10。",
        )
    return date(int(found[1]), int(found[2]), 1)


def _days(page: Page, unit: Unit, first: date, following: date) -> tuple[list[Day], bool]:
    begin, end = (datetime.combine(day, time(), SHANGHAI) for day in (first, following))
    turns, more = reading.turns(page.session, page.caller, unit.code, begin, end)
    calendar = page.deps.office.current(page.session).calendars.of(unit.path)
    days = []
    for at in range((following - first).days):
        midnight = begin + timedelta(days=at)
        tomorrow = midnight + timedelta(days=1)
        touching = [
            (
                turn,
                _clock(turn.from_at) if turn.from_at >= midnight else "",
                _clock(turn.until_at) if turn.until_at < tomorrow else "",
            )
            for turn in turns
            if turn.from_at < tomorrow and turn.until_at > midnight
        ]
        try:
            rests: bool | None = not calendar.works(midnight.date())
        except OutsideCalendar:
            rests = None
        days.append(Day(midnight.date(), rests, touching))
    return days, more


def _weeks(days: list[Day]) -> list[list[Day | None]]:
    """In rows from Monday to Sunday; None before the first and after the last day."""
    if not days:
        return []
    cells: list[Day | None] = [*[None] * days[0].day.weekday(), *days]
    cells += [None] * (-len(cells) % 7)
    return [cells[at : at + 7] for at in range(0, len(cells), 7)]


def _clock(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%H:%M")
