"""The process drafts of every owner, and how a new one begins."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for

from admin.page import Answer, Page
from engine.dialect import SourceFile
from engine.errors import InvalidInput
from tasks.processes.drafts import making, reading
from tasks.processes.drafts.texts import LONGEST_TITLE


def drafts(page: Page) -> Answer:
    """Mine, and those of the others."""
    found = reading.drafts(page.session, page.caller)
    return page.render(
        "modeling/drafts.html",
        section="admin.process_drafts",
        mine=[row for row in found if row.owner_id == page.caller.id],
        others=[row for row in found if row.owner_id != page.caller.id],
    )


def new(page: Page) -> Answer:
    """Begin a draft: from a version, a deployment, files, or nothing; the form says which."""
    form, of = request.form, (page.session, page.deps, page.caller)
    name = form.get("name", "").strip()[: LONGEST_TITLE + 1]
    if form.get("definition_id"):
        made = making.from_version(*of, _id(form["definition_id"]), name=name)
    elif form.get("deployment_id"):
        made = making.from_deployment(*of, _id(form["deployment_id"]), name=name)
    elif form.get("key"):
        made = making.from_nothing(*of, form["key"].strip(), name=name)
    else:
        files = [
            SourceFile(one.filename or "", one.read())
            for one in request.files.getlist("files")
            if one.filename
        ]
        made = making.from_files(*of, files, name=name)
    return redirect(url_for("admin.process_draft", draft_id=made), 303)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(
            f"A draft of {text[:60]!r} was asked for, which is no id.", message_zh="没有这个版本。"
        ) from None
