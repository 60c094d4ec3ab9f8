"""The organisation's pages: the tree, one unit with who sits there, the forms that change them, files in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Response, flash, redirect, request, url_for

from admin.page import Answer, Page
from admin.show.labels import LABELS
from admin.show.language import plain
from engine.errors import InvalidInput, NotFound, RedressError, WrongState
from tasks.organisation import browsing
from tasks.organisation.changing import editing
from tasks.organisation.changing.mistakes import OrganisationRefused
from tasks.organisation.exchange import exporting, importing
from tasks.organisation.exchange.reading import MOST_BYTES
from tasks.people.oidc.mapping import mapping

UNIT_FIELDS = ("name", "name_en", "kind", "parent", "acts_for", "roles", "handles", "from", "until")
SEAT_FIELDS = ("post", "title", "roles", "superior", "from", "until")
_EXPORTS = {
    "xlsx": ("organisation.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "zip": ("organisation.zip", "application/zip"),
}


def organisation(page: Page) -> Answer:
    """The tree, with the caller's own unit beside it."""
    return _shown(page, page.caller.standing.unit_code)


def groups(page: Page) -> Answer:
    """Which groups of identity providers give which seats."""
    rows = mapping(page.session, page.deps, page.caller)
    return page.render("provider_groups.html", section="admin.organisation", rows=rows)


def unit(page: Page, code: str) -> Answer:
    """The tree with one unit beside it."""
    return _shown(page, code)


def add_unit(page: Page) -> Answer:
    """Add a unit below the one that is shown."""
    values = {**_fields(UNIT_FIELDS), "code": _field("code")}
    return _edited(page, values["code"], str(values["parent"]), editing.add_unit, values)


def change_unit(page: Page, code: str) -> Answer:
    """Rename, move, close or otherwise change a unit."""
    return _edited(page, code, code, editing.change_unit, code, _fields(UNIT_FIELDS))


def add_person(page: Page, code: str) -> Answer:
    """Add a person who sits in the unit."""
    values = {**_fields(("login", "name", "kind", "email", "phone", *SEAT_FIELDS)), "unit": code}
    return _edited(page, code, code, editing.add_person, values)


def change_person(page: Page, login: str) -> Answer:
    """Rename a person, or shut or reopen the account."""
    values = {**_fields(("name", "email", "phone")), "active": _field("active") == "yes"}
    return _edited(page, _field("unit"), _field("unit"), editing.change_person, login, values)


def add_seat(page: Page, code: str) -> Answer:
    """Give somebody who is known a seat in the unit."""
    values = {**_fields(SEAT_FIELDS), "unit": code}
    return _edited(page, code, code, editing.add_seat, _field("login"), values)


def change_seat(page: Page, seat_id: int) -> Answer:
    """Change a seat."""
    return _edited(page, _field("unit"), _field("unit"), editing.change_seat, seat_id, _fields(SEAT_FIELDS))


def end_seat(page: Page, seat_id: int) -> Answer:
    """End a seat: from today on it gives nothing."""
    yesterday = page.deps.office.current(page.session).day - timedelta(days=1)
    return _edited(page, _field("unit"), _field("unit"), editing.end_seat, seat_id, yesterday)


def import_page(page: Page) -> Answer:
    """Choose files to import."""
    return page.render("organisation_import.html", section="admin.organisation", report=None, refusal=None)


def import_files(page: Page) -> Answer:
    """Report what the files would change; with the report's fingerprint, do it."""
    files = [
        (file.filename or "file", file.read(MOST_BYTES + 1))
        for file in request.files.getlist("files")
        if file.filename
    ]
    report, refusal = None, None
    try:
        if wanted := _field("fingerprint"):
            edited = importing.carry_out(page.session, page.deps, page.caller, files, wanted)
            flash(
                plain(f"已导入 {len(edited.changes)} 处变动。", f"Imported {_changes(len(edited.changes))}."),
                "done",
            )
            return _to(url_for("admin.organisation"))
        report = importing.dry_run(page.session, page.deps, page.caller, files)
    except (InvalidInput, WrongState) as error:
        refusal = error
    page.session.rollback()
    return page.render(
        "organisation_import.html", section="admin.organisation", report=report, refusal=refusal
    )


def export(page: Page, wanted: str) -> Answer:
    """The organisation as a download: xlsx, zip, or one table as CSV."""
    if wanted == "xlsx":
        content = exporting.export_xlsx(page.session, page.caller)
    elif wanted == "zip":
        content = exporting.export_zip(page.session, page.caller)
    else:
        raise NotFound(f"The export {wanted[:40]} was asked for; there are xlsx and zip.")
    named, kind = _EXPORTS[wanted]
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{named}"'
    return response


def _shown(page: Page, code: str, refusal: RedressError | None = None) -> Response:
    tree = browsing.tree(page.session, page.deps, page.caller)
    known = {one.unit.code: one for one in tree.units}
    if code not in known:
        if refusal is None and request.view_args:
            tree.unit(code)
        code = tree.units[0].unit.code if tree.units else ""
    response = page.render(
        "organisation.html",
        section="admin.organisation",
        tree=tree,
        shown=known.get(code),
        known=known,
        seats=browsing.seats_of_unit(page.session, tree, code) if code else [],
        posts={post.key: post for post in tree.posts},
        kinds=LABELS["unit_kind"],
        refusal=refusal,
        sent={request.script_root + request.path: request.form} if refusal is not None else {},
        problems=refusal.problems if isinstance(refusal, OrganisationRefused) else [],
    )
    if refusal is not None:
        response.status_code = 409 if isinstance(refusal, WrongState) else 422
    return response


def _edited(
    page: Page, target: str, shown: str, verb: Callable[..., editing.Edited], *arguments: Any
) -> Answer:
    """Do one verb; back to the unit with what was done, or with every mistake."""
    try:
        revision = int(_field("revision"))
    except ValueError:
        raise InvalidInput("The form was sent without the revision it was made on.") from None
    try:
        edited = verb(page.session, page.deps, page.caller, *arguments, revision=revision)
    except (OrganisationRefused, WrongState) as refusal:
        page.session.rollback()
        return _shown(page, shown, refusal)
    flash(
        plain(f"已保存，{len(edited.changes)} 处变动。", f"Saved: {_changes(len(edited.changes))}."), "done"
    )
    for warning in edited.warnings:
        flash(plain(f"{warning.path_zh}：{warning.message_zh}", warning.message), "wait")
    return redirect(url_for("admin.unit", code=target))


def _changes(count: int) -> str:
    return "1 change" if count == 1 else f"{count} changes"


def _to(address: str) -> Answer:
    if request.headers.get("HX-Request"):
        response = Response(status=204)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address)


def _field(name: str) -> str:
    return request.form.get(name, "").strip()[:2000]


def _fields(names: tuple[str, ...]) -> Mapping[str, Any]:
    return {name: _field(name) for name in names if name in request.form}
