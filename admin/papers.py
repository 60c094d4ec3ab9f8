"""Papers on the pages: the list under a case or task, adding one, downloading one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask import flash, jsonify, redirect, request, send_file, session, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from admin.page import SECRET_KEY, Answer, Page, View, handled
from admin.security import check_text
from admin.show.language import plain
from engine.errors import InvalidInput, NotFound
from tasks.deps import Deps
from tasks.evidence import attachments
from tasks.evidence.handing_out import SHUT_IN
from tasks.evidence.kinds import KINDS, LETTER, MEDIA, UPLOADED
from tasks.evidence.receiving import Paper, Part, receiving
from tasks.people.sessions import caller_from_session
from tasks.permissions.matrix import require

_AROUND = 64 * 1024


def received(deps: Deps, view: View, permission: str) -> View:
    """Wrap a view `view(page, sent=…, paper=…, **url_arguments)` that is sent a file: it is read once it is known that its
    sender may, while no connection to the database is held, and only then the page's request begins.
    """

    def handle(**arguments: Any) -> Answer:
        with deps.sessions() as opened:
            caller, _ = caller_from_session(opened, deps, session.get(SECRET_KEY, ""), in_use=False)
            require(caller, permission)
        with _receiving(deps) as (sent, paper):
            check_text()
            return handled(deps, view, permission)(**arguments, sent=sent, paper=paper)

    return handle


@contextmanager
def _receiving(deps: Deps) -> Iterator[tuple[Mapping[str, str], Paper]]:
    limit = request.max_content_length = deps.cabinet.largest + _AROUND
    if request.content_length is not None and request.content_length > limit:
        raise RequestEntityTooLarge()
    with receiving(deps, request.environ, _parts) as received:
        yield received


def _parts() -> tuple[Mapping[str, str], list[Part]]:
    files = [Part(name, file.filename or "", file.stream) for name, file in request.files.items(multi=True)]
    return request.form.to_dict(), files


def add(page: Page, number: str, sent: Mapping[str, str], paper: Paper) -> Answer:
    """Add a paper to a case, from its page or from that of one of its tasks."""
    try:
        task_id = UUID(sent["task"]) if sent.get("task") else None
    except ValueError:
        raise InvalidInput("A paper was sent for a task that is not named by its id.") from None
    row = attachments.add(page.session, page.deps, page.caller, number, paper, task_id=task_id)
    flash(plain(f"“{row.name}”已上传。", "Uploaded."), "done")
    if task_id is not None:
        return redirect(url_for("admin.task", task_id=task_id, _anchor="papers"), 303)
    return redirect(url_for("admin.case", number=number, _anchor="papers"), 303)


def add_pending(page: Page, sent: Mapping[str, str], paper: Paper) -> Answer:
    """Keep a paper that was chosen in a form; it is filed when the form is sent."""
    row = attachments.add_pending(page.session, page.deps, page.caller, paper)
    return jsonify(shown(row))


def content(page: Page, attachment_id: UUID) -> Answer:
    """A paper as a download."""
    row, file = attachments.open_content(page.session, page.deps, page.caller, attachment_id)
    response = send_file(
        file, row.media_type, as_attachment=True, download_name=row.name, etag=False, max_age=0
    )
    response.content_length = row.size
    response.headers.update(SHUT_IN)
    return response


def panel(
    page: Page, number: str | None, *, task_id: UUID | None = None, closed: bool = False
) -> dict[str, Any] | None:
    """What the list of papers under a case or task shows; None for who may not read them, or where there is no case."""
    if number is None or not page.may("attachment.read"):
        return None
    try:
        rows = attachments.of_case(page.session, page.deps, page.caller, number)
    except NotFound:
        return None  # the task was this person's, the papers of its case are not
    return {
        "rows": [shown(row) | {"at": row.uploaded_at, "by": row.uploaded_by_name} for row in rows],
        "number": number,
        "task": task_id,
        "closed": closed,
        "may_add": page.may("attachment.add") and not closed,
        "kinds": [(name, KINDS[name].zh, KINDS[name].en) for name in UPLOADED],
        "accept": ",".join(ending for media in MEDIA.values() for ending in media.endings),
        "most": page.deps.cabinet.largest // (1024 * 1024),
    }


def links(page: Page, number: str | None) -> dict[str, tuple[str, str]]:
    """Name and address of the papers of a case that the caller may read, by id."""
    if number is None or not page.may("attachment.read"):
        return {}
    try:
        rows = attachments.of_case(page.session, page.deps, page.caller, number)
    except NotFound:
        return {}
    return {str(row.id): (row.name, url_for("admin.paper", attachment_id=row.id)) for row in rows}


def form_papers(page: Page, number: str | None = None) -> dict[str, Any]:
    """What a form's file fields need: where to send a file, and the names of those it may already hold."""
    known = list(attachments.pending_of(page.session, page.caller)) if page.may("attachment.add") else []
    if number is not None and page.may("attachment.read"):
        try:
            known += attachments.of_case(page.session, page.deps, page.caller, number)
        except NotFound:
            pass
    return {
        "action": url_for("admin.add_pending_paper"),
        "known": {str(row.id): shown(row) for row in known},
        "endings": {
            name: ",".join(ending for media in sorted(kind.media) for ending in MEDIA[media].endings)
            for name, kind in KINDS.items()
        },
    }


def shown(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "kind": KINDS[row.kind].zh,
        "size": row.size,
        "sha256": row.sha256.hex(),
        "href": url_for("admin.paper", attachment_id=row.id),
        "letter": url_for("admin.letter", letter_id=row.id) if row.kind == LETTER else None,
    }
