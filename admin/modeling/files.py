"""The files of a process draft outside an editor: new ones, uploads, downloads, earlier revisions."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, redirect, request, url_for

from admin.page import Answer, Page
from admin.show.language import plain
from engine.dialect import SourceFile
from engine.errors import InvalidInput
from tasks.processes.drafts import keeping, making, reading
from tasks.processes.drafts.blanks import ENDINGS, blank

_TYPES = {".dmn": "application/xml", ".bpmn": "application/xml", ".form": "application/json"}


def add(page: Page, draft_id: UUID) -> Answer:
    """Begin a file in the draft, or put uploaded ones into it."""
    form, of = request.form, (page.session, page.deps, page.caller, draft_id)
    brought = [
        SourceFile(one.filename or "", one.read()) for one in request.files.getlist("files") if one.filename
    ]
    if brought:
        names = making.bring(*of, brought)
        told = "、".join(names[:5]) + ("…" if len(names) > 5 else "")
        flash(plain(f"已放入草稿：{told}", f"Put into the draft: {told}"), "done")
        return _home(draft_id)
    kind, key = form.get("kind", ""), form.get("key", "").strip()
    if not kind:
        raise InvalidInput("No file was chosen.", message_zh="没有选择文件。")
    title = " ".join(form.get("name", "").split())[:120] or key
    text = blank(kind, key, title)
    name = f"{key}{ENDINGS[kind]}"
    try:
        keeping.save(*of, name, text, 0)
    except keeping.SavedMeanwhile:
        raise InvalidInput(
            f"The file {name} is in the draft already; open it, or choose another key.",
            message_zh=f"草稿中已有文件“{name}”；请打开它，或另取标识。",
        ) from None
    return redirect(url_for("admin.edit_process_file", draft_id=draft_id, name=name), 303)


def download(page: Page, draft_id: UUID, name: str) -> Answer:
    """A file byte for byte, as it stands or, with `revision`, as it was."""
    wanted = request.args.get("revision", "")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 10 else None
    found = reading.content(page.session, page.caller, draft_id, name, number)
    kind = next((type_ for ending, type_ in _TYPES.items() if name.lower().endswith(ending)), "")
    return _attached(found.content, kind or "application/octet-stream", name.rpartition("/")[2])


def archive(page: Page, draft_id: UUID) -> Answer:
    """All files of the draft in a zip archive."""
    row = reading.draft(page.session, page.caller, draft_id)
    name = "".join("_" if sign in '/\\:*?"<>|' else sign for sign in row.name)
    return _attached(reading.archive(page.session, page.caller, draft_id), "application/zip", f"{name}.zip")


def take_back(page: Page, draft_id: UUID) -> Answer:
    """Make an earlier revision of a file what stands in the draft again."""
    name, text = request.form.get("name", ""), request.form.get("revision", "")
    number = int(text) if text.isdecimal() and len(text) < 10 else 0
    saved = keeping.take_back(page.session, page.deps, page.caller, draft_id, name, number)
    flash(
        plain(
            f"“{name}”已恢复为第 {number} 次保存的内容（现为第 {saved.revision} 次）。",
            f"{name} is what it was at revision {number} again (now revision {saved.revision}).",
        ),
        "done",
    )
    return _home(draft_id)


def remove(page: Page, draft_id: UUID) -> Answer:
    """Take a file out of the draft; the history keeps it."""
    name, text = request.form.get("name", ""), request.form.get("revision", "")
    number = int(text) if text.isdecimal() and len(text) < 10 else 0
    keeping.drop_file(page.session, page.deps, page.caller, draft_id, name, number)
    flash(
        plain(
            f"“{name}”已移出草稿；可以从保存记录中取回。",
            f"{name} was taken out of the draft; the history below gives it back.",
        ),
        "done",
    )
    return _home(draft_id)


def _attached(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    # A file of somebody's must never run as a page of this site.
    response.headers["Content-Security-Policy"] = "sandbox"
    return response


def _home(draft_id: UUID) -> Answer:
    return redirect(url_for("admin.process_draft", draft_id=draft_id), 303)
