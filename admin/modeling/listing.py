"""The process drafts of every owner, and how a new one begins."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for

from admin import queries
from admin.page import Answer, Page
from engine.dialect import SourceFile
from engine.errors import InvalidInput
from tasks.processes import deployments
from tasks.processes.drafts import making, reading
from tasks.processes.drafts.texts import LONGEST_TITLE


def drafts(page: Page) -> Answer:
    """What waits for a second look, mine, those of the others, and how a new one begins."""
    found = reading.drafts(page.session, page.caller)
    versions: dict[str, list[Any]] = {}
    for row in deployments.definitions(page.session, page.caller, latest=False):
        versions.setdefault(row.key, []).append(row)
    names = queries.process_names(page.session)
    return page.render(
        "modeling/drafts.html",
        section="admin.process_drafts",
        submitted=[row for row in found if row.state == "submitted"],
        mine=[row for row in found if row.owner_id == page.caller.id],
        others=[row for row in found if row.owner_id != page.caller.id],
        versions=sorted(versions.items(), key=lambda one: names.get(one[0], one[0])),
        names=names,
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
    return redirect(_diagram(page, made) or url_for("admin.process_draft", draft_id=made), 303)


def _diagram(page: Page, draft_id: UUID) -> str:
    """The editor of the draft's diagram, where the form asks to go there and there is exactly one."""
    if request.form.get("then") != "diagram":
        return ""
    drawn = [one.name for one in reading.files(page.session, page.caller, draft_id) if one.kind == "bpmn"]
    return url_for("admin.edit_process_file", draft_id=draft_id, name=drawn[0]) if len(drawn) == 1 else ""


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(
            f"A draft of {text[:60]!r} was asked for, which is no id.", message_zh="没有这个版本。"
        ) from None
