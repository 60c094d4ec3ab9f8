"""The pages of letters 文书: one letter to look at, print and save; the templates, and replacing one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request, send_file, url_for

from admin.page import Answer, Page
from admin.show.language import plain
from engine.errors import InvalidInput, RedressError, WrongState
from tasks.letters import editing
from tasks.letters.listing import open_letter
from tasks.letters.mistakes import Mistake, TemplateRefused
from tasks.letters.template import KEY, LONGEST
from tasks.letters.words import FUNCTIONS, ROOTS

SECTION = "admin.letter_templates"
_PDF = "application/pdf"


def letter(page: Page, letter_id: UUID) -> Answer:
    """A letter of a case, shown by the browser, which prints and saves it."""
    row, file = open_letter(page.session, page.deps, page.caller, letter_id)
    response = send_file(file, _PDF, download_name=row.name, etag=False, max_age=0)
    response.content_length = row.size
    return _as_pdf(response)


def templates(page: Page) -> Answer:
    """All templates."""
    return page.render(
        "letter_templates.html", section=SECTION, rows=editing.templates(page.session, page.caller)
    )


def template(page: Page, key: str) -> Answer:
    """One template: its text, its versions, and the form that replaces it."""
    return _template(page, key)


def preview(page: Page, key: str) -> Answer:
    """What a version looks like as a letter, every field standing for itself."""
    given = request.args.get("version", "")
    version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
    return _as_pdf(
        Response(
            editing.preview_stored(page.session, page.deps, page.caller, key, version), content_type=_PDF
        )
    )


def look(page: Page, key: str) -> Answer:
    """The same of what has just been typed; with mistakes, the form again. Nothing is kept."""
    try:
        checked = editing.check(page.session, page.caller, key, _text())
    except TemplateRefused as refusal:
        return _template(page, key, refusal)
    return _as_pdf(Response(editing.preview(page.deps, checked), content_type=_PDF))


def replace(page: Page, key: str) -> Answer:
    """Make what was typed the version that counts; with mistakes, the form again with all of them."""
    given = request.form.get("version", "")
    version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    note = request.form.get("note", "").strip()
    try:
        row = editing.replace(page.session, page.deps, page.caller, key, _text(), version=version, note=note)
    except (TemplateRefused, WrongState) as refusal:
        page.session.rollback()
        return _template(page, key, refusal)
    flash(
        plain(f"“{row.name}”第 {row.version} 版即日起使用。", f"Version {row.version} counts from now on."),
        "done",
    )
    return redirect(url_for("admin.letter_template", key=key), 303)


def add(page: Page) -> Answer:
    """Go to the form of a template that is not there yet."""
    key = request.form.get("key", "").strip()
    if not KEY.fullmatch(key):
        raise InvalidInput(
            f"A template of the key {key[:60]!r} was to be added; a key is small English letters, digits and _.",
            message_zh="模板键只用小写英文字母、数字和下划线，并以字母开头。",
        )
    return _template(page, key, text=NEW)


NEW = """name:
name_en:
parts:
---
# 标题
> 尊敬的{{ case.customer.name }}：
正文。
"""
"""What the form of a new template begins with."""


def _text() -> str:
    return request.form.get("text", "").replace("\r\n", "\n")[: LONGEST + 1]


def _template(page: Page, key: str, refusal: RedressError | None = None, text: str | None = None) -> Response:
    typed = refusal is not None or text is not None
    try:
        versions = editing.history(page.session, page.caller, key)
    except RedressError:
        if not typed:
            raise
        versions = []
    problems: list[Mistake] = refusal.problems if isinstance(refusal, TemplateRefused) else []
    newest: Any = versions[0] if versions else None
    response = page.render(
        "letter_template.html",
        section=SECTION,
        key=key,
        newest=newest,
        versions=versions,
        text=text if text is not None else _text() if typed else newest.text,
        note=request.form.get("note", ""),
        refusal=refusal,
        problems=problems,
        roots=ROOTS,
        functions=list(FUNCTIONS),
    )
    if refusal is not None:
        response.status_code = 409 if isinstance(refusal, WrongState) else 422
    return response


def _as_pdf(response: Response) -> Response:
    """A PDF that we made: the browser may show it, and it can do nothing on this site."""
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
