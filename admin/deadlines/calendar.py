"""工作日历: a year of a region, importing a notice, a unit's own days and office hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Response, flash, redirect, request, url_for

from admin.page import Answer, Page
from admin.show.language import plain
from engine.errors import InvalidInput, NotFound, RedressError, WrongState
from tasks.deadlines.calendar import keeping, looking
from tasks.deadlines.calendar.arithmetic import OfficeHours, OutsideCalendar
from tasks.deadlines.calendar.notices import importing
from tasks.deadlines.calendar.reading import written_hours
from tasks.deadlines.calendar.region import VERB, reaches, reaches_nation
from tasks.organisation.exchange.reading import MOST_BYTES


def calendar(page: Page) -> Answer:
    """A year, this one unless another is asked for, as a region keeps it."""
    return _shown(page, _year(page, request.args), request.args.get("region", "")[:64])


def import_notice(page: Page) -> Answer:
    """Report what a notice would change; with the report's digest, do it."""
    file = request.files.get("file")
    notice = importing.Notice(
        request.form.get("text", ""),
        (file.filename, file.read(MOST_BYTES + 1)) if file and file.filename else None,
    )
    report, refusal = None, None
    try:
        if digest := _field("digest"):
            done = importing.confirm(page.session, page.deps, page.caller, notice, digest)
            flash(
                plain(
                    f"已导入 {done.year} 年的放假安排，{len(done.changes)} 天有变动。",
                    f"Imported {done.year}.",
                ),
                "done",
            )
            return _to(url_for("admin.calendar", year=done.year))
        report = importing.report(page.session, page.deps, page.caller, notice)
    except (InvalidInput, WrongState) as error:
        refusal = error
    page.session.rollback()
    return _shown(page, _year(page, request.form), "", report=report, refusal=refusal)


def change_day(page: Page) -> Answer:
    """Have a unit rest or work on a day, or keep it as the units around it do again (kind `none`)."""

    def change() -> None:
        try:
            day = date.fromisoformat(_field("day"))
        except ValueError:
            raise InvalidInput(
                f"The day '{_field('day')[:40]}' was sent, but it is no day such as 2026-02-13.",
                message_zh="请写明日期，例如 2026-02-13。",
            ) from None
        kind, region, reason = _field("kind"), _field("region"), _field("reason")
        if kind == "none":
            keeping.remove_day(page.session, page.deps, page.caller, region, day, reason=reason)
        else:
            keeping.set_day(page.session, page.deps, page.caller, region, day, kind, reason=reason)

    return _changed(page, change)


def change_hours(page: Page) -> Answer:
    """Have a unit work in other hours, or in those of the units around it again (no spans)."""

    def change() -> None:
        region, spans, reason = _field("region"), _field("spans"), _field("reason")
        if spans:
            keeping.set_hours(page.session, page.deps, page.caller, region, spans, reason=reason)
        else:
            keeping.remove_hours(page.session, page.deps, page.caller, region, reason=reason)

    return _changed(page, change)


def _changed(page: Page, change: Callable[[], None]) -> Answer:
    year = _year(page, request.form)
    try:
        change()
    except (InvalidInput, OutsideCalendar) as refusal:
        page.session.rollback()
        shown = _shown(page, year, "", refusal=refusal)
        shown.status_code = 422
        return shown
    flash(plain("已保存；有关时限将重新计算。", "Saved; the clocks concerned are counted again."), "done")
    return redirect(url_for("admin.calendar", year=year, region=_field("region")))


def _shown(
    page: Page,
    year: int,
    region: str,
    *,
    report: importing.Report | None = None,
    refusal: RedressError | None = None,
) -> Response:
    snapshot = page.deps.office.current(page.session)
    years, missing = looking.years(page.session, page.deps, page.caller)
    units = [unit for unit in snapshot.organisation.units if not unit.external]
    managing = page.may(VERB)
    return page.render(
        "calendar.html",
        section="admin.calendar",
        view=looking.year(page.session, page.deps, page.caller, year, region),
        years=years,
        missing=missing,
        known=next(one for one in years if one.year == year),
        today=snapshot.day,
        region=region,
        units=units,
        names={unit.code: unit.name for unit in units},
        why=looking.WHY,
        overrides=looking.overrides(page.session, page.deps, page.caller, year, region),
        hours=looking.office_hours(page.session, page.deps, page.caller),
        mine=[unit for unit in units if managing and reaches(page.caller, unit.path)],
        nation=managing and reaches_nation(page.caller),
        usual=written_hours(OfficeHours()),
        report=report,
        refusal=refusal,
    )


def _year(page: Page, sent: Any) -> int:
    told = str(sent.get("year", "")).strip()
    if not told:
        return page.deps.office.current(page.session).day.year
    if not (told.isascii() and told.isdigit() and len(told) == 4):
        raise NotFound(f"The calendar of the year '{told[:20]}' was asked for; a year has four digits.")
    return int(told)


def _to(address: str) -> Answer:
    if request.headers.get("HX-Request"):
        response = Response(status=204)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address)


def _field(name: str) -> str:
    return request.form.get(name, "").strip()[:2000]
