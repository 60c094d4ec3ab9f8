"""The pages of the clock register 时限登记: what counts, one row with its history and forms, files in and out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request, url_for

from admin.page import Answer, Page
from admin.show.language import plain
from engine.errors import InvalidInput, NotFound, RedressError, WrongState
from tasks.clauses.keeping import current_register
from tasks.deadlines.calendar.limits import UNITS
from tasks.deadlines.policies import browsing, editing, exchange
from tasks.deadlines.policies.pauses import PAUSE_REASONS
from tasks.deadlines.policies.rows import RegisterRefused
from tasks.deadlines.policies.tables import CHOSEN_BY, CLAIM, DONE
from tasks.deadlines.policies.versions import Version
from tasks.deadlines.policies.words import COLUMNS, UNIT_NAMES
from tasks.organisation.exchange.reading import MOST_BYTES

SECTION = "admin.register"
FLAGS = ("rolls", "promised", "ours")
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_STOPS = {DONE: ("办结", "done"), CLAIM: ("签收", "claimed")}


def register(page: Page) -> Answer:
    """The table of a day, by regime, with what is planned and which papers are missing."""
    code, ended = request.args.get("code", "").strip()[:61], request.args.get("ended") == "yes"
    day, wrong = _day(request.args.get("day", ""))
    found = browsing.register(page.session, page.deps, page.caller, code=code, day=day, ended=ended)
    return page.render(
        "clock_policies.html",
        section=SECTION,
        register=found,
        regimes=[
            (name, list(rows))
            for name, rows in groupby(found.rows, lambda row: row.newest.terms.code.split(".")[0])
        ],
        filters={"code": code, "ended": ended},
        wrong_day=wrong,
        missing=current_register(page.session).missing,
        **_words(),
    )


def row(page: Page, version_id: UUID) -> Answer:
    """One row: every version of it, and the forms that change it."""
    return _row(page, version_id)


def new(page: Page) -> Answer:
    """The form for a further row."""
    return _new(page)


def add(page: Page) -> Answer:
    """Add a row."""
    try:
        edited = editing.add_row(page.session, page.deps, page.caller, _values(), _plan())
    except (RegisterRefused, WrongState) as refusal:
        page.session.rollback()
        return _new(page, refusal)
    return _done(edited)


def change(page: Page, version_id: UUID) -> Answer:
    """Change a row from a day on."""
    return _edited(page, version_id, editing.change_row, _values())


def end(page: Page, version_id: UUID) -> Answer:
    """End a row from a day on."""
    return _edited(page, version_id, editing.end_row)


def keep(page: Page, version_id: UUID) -> Answer:
    """Take back what is planned for a row."""
    return _edited(page, version_id, editing.keep_row)


def import_page(page: Page) -> Answer:
    """Choose a file to import."""
    return page.render("clock_policies_import.html", section=SECTION, report=None, refusal=None, sent={})


def import_file(page: Page) -> Answer:
    """Report what a file would change; with the report's fingerprint, do it."""
    file = request.files.get("file")
    content = file.read(MOST_BYTES + 1) if file else b""
    name = (file.filename or "file") if file else "file"
    report, refusal = None, None
    try:
        who = (page.session, page.deps, page.caller, name, content, _plan())
        if wanted := _field("fingerprint"):
            return _done(exchange.carry_out(*who, wanted))
        report = exchange.dry_run(*who)
    except (InvalidInput, WrongState) as error:
        refusal = error
    page.session.rollback()
    return page.render(
        "clock_policies_import.html", section=SECTION, report=report, refusal=refusal, sent=request.form
    )


def export(page: Page, wanted: str) -> Answer:
    """The register of today as a file."""
    if wanted not in _TYPES:
        raise NotFound(f"The export {wanted[:40]} was asked for; there are csv and xlsx.")
    made = exchange.export_xlsx if wanted == "xlsx" else exchange.export_csv
    response = Response(made(page.session, page.deps, page.caller), content_type=_TYPES[wanted])
    response.headers["Content-Disposition"] = f'attachment; filename="clocks.{wanted}"'
    return response


def _row(page: Page, version_id: UUID, refusal: RedressError | None = None) -> Response:
    versions = browsing.history(page.session, page.caller, version_id)
    newest = versions[0]
    today = page.deps.office.current(page.session).day
    found = browsing.register(
        page.session, page.deps, page.caller, code=newest.terms.code, day=today, ended=True
    )
    here = next(one for one in found.rows if one.newest.id == newest.id)
    response = page.render(
        "clock_policy.html",
        section=SECTION,
        row=here,
        newest=newest,
        versions=versions,
        today=today,
        values=_typed() if refusal is not None else _stored(newest),
        refusal=refusal,
        problems=refusal.problems if isinstance(refusal, RegisterRefused) else [],
        **_words(),
    )
    return _as_refused(response, refusal)


def _new(page: Page, refusal: RedressError | None = None) -> Response:
    response = page.render(
        "clock_policy_new.html",
        section=SECTION,
        today=page.deps.office.current(page.session).day,
        values=_typed() if refusal is not None else {"unit": "h", "rolls": "yes", "pauses": []},
        refusal=refusal,
        problems=refusal.problems if isinstance(refusal, RegisterRefused) else [],
        **_words(),
    )
    return _as_refused(response, refusal)


def _edited(page: Page, version_id: UUID, verb: Callable[..., editing.Edited], *values: Any) -> Answer:
    """Do one verb; back to the table with what was done, or to the form with every mistake and what was typed."""
    try:
        edited = verb(page.session, page.deps, page.caller, version_id, *values, _plan())
    except (RegisterRefused, WrongState) as refusal:
        page.session.rollback()
        return _row(page, version_id, refusal)
    return _done(edited)


def _done(edited: editing.Edited) -> Answer:
    if edited.versions:
        last = edited.versions[-1]
        flash(
            plain(
                f"已保存 {len(edited.versions)} 个新版本，{last.effective_from} 起生效。",
                f"Saved as {len(edited.versions)} new version(s), from {last.effective_from} on.",
            ),
            "done",
        )
        address = url_for("admin.policy", version_id=last.id)
    else:
        flash(plain("没有变动。", "Nothing has changed."), "done")
        address = url_for("admin.register")
    if request.headers.get("HX-Request"):
        response = Response(status=204)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address)


def _as_refused(response: Response, refusal: RedressError | None) -> Response:
    if refusal is not None:
        response.status_code = 409 if isinstance(refusal, WrongState) else 422
    return response


def _words() -> dict[str, Any]:
    return {
        "columns": COLUMNS,
        "units": {unit: UNIT_NAMES[unit] for unit in UNITS},
        "reasons": PAUSE_REASONS,
        "stops": _STOPS,
        "narrowed": CHOSEN_BY,
    }


def _values() -> dict[str, Any]:
    """The columns of a row as the form sent them; a box that is not ticked says no."""
    values: dict[str, Any] = {name: _field(name) for name in COLUMNS if name in request.form}
    values |= {name: "yes" if _field(name) == "yes" else "no" for name in FLAGS}
    return {**values, "pauses": request.form.getlist("pauses")[:20]}


def _typed() -> dict[str, Any]:
    return {**request.form, **_values()}


def _stored(version: Version) -> dict[str, Any]:
    plain = version.terms.plain()
    return {
        name: ("yes" if value else "no") if isinstance(value, bool) else value
        for name, value in plain.items()
    }


def _plan() -> editing.Plan:
    return editing.Plan(
        _field("effective_from"), _field("note"), _field("replaces") == "yes", _field("recompute") == "yes"
    )


def _day(text: str) -> tuple[date | None, str]:
    """The day of the filter, or what was typed that is none."""
    try:
        return (date.fromisoformat(text) if text else None), ""
    except ValueError:
        return None, text[:40]


def _field(name: str) -> str:
    return request.form.get(name, "").strip()[:2500]
