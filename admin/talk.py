"""Talk on the pages: comments under a case or a task, the bell in the frame, and the page of notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for

from admin.page import Answer, Page
from admin.show.language import plain
from engine.errors import InvalidInput, NotFound, RedressError, WrongState
from tasks import desk
from tasks.cases.reading import read_case
from tasks.talk import comments, notices
from tasks.talk.steps import STEPS
from tasks.user_task import OPEN

SHOWN = 30
"""Comments shown at once, the latest; earlier ones are fetched on demand."""


def talk_of_case(page: Page, number: str, *, archived: bool, **more: Any) -> dict[str, Any] | None:
    """The comments panel of a case, or None for whoever reads no comments."""
    if not page.may("comment.read"):
        return None
    found = comments.comments_of_case(
        page.session,
        page.deps,
        page.caller,
        number,
        latest=True,
        limit=SHOWN,
        cursor=request.args.get("cursor"),
    )
    return _panel(
        page,
        found,
        action=url_for("admin.comment_case", number=number),
        earlier=url_for("admin.case_comments", number=number, cursor=found.next_cursor),
        closed=archived,
        **more,
    )


def talk_of_task(page: Page, row: Any, **more: Any) -> dict[str, Any] | None:
    """The comments panel of a task: all of its case for whoever sees the case, else the task's own. When the task is over,
    what is written is about the case.
    """
    over, case = row.state not in OPEN, _case_of(page, row)
    if case is not None:
        panel = talk_of_case(page, case.number, archived=case.archived_at is not None, **more)
        if panel is not None and not over:
            panel["action"] = url_for("admin.comment_task", task_id=row.id)
        return panel
    if not page.may("comment.read"):
        return None
    found = comments.comments_of_task(
        page.session,
        page.deps,
        page.caller,
        row.id,
        latest=True,
        limit=SHOWN,
        cursor=request.args.get("cursor"),
    )
    return _panel(
        page,
        found,
        action=url_for("admin.comment_task", task_id=row.id),
        earlier=url_for("admin.task_comments", task_id=row.id, cursor=found.next_cursor),
        closed=over,
        **more,
    )


def _panel(page: Page, found: Any, *, action: str, earlier: str, closed: bool, **more: Any) -> dict[str, Any]:
    return {
        "items": list(reversed(found.items)),
        "earlier": earlier if found.next_cursor else None,
        "action": action,
        "closed": closed,
        "may_add": page.may("comment.add") and not closed,
        "once": page.deps.engine.new_id(),
        "longest": comments.LONGEST,
        "me": page.caller.id,
        "steps": STEPS,
        **more,
    }


def comment_case(page: Page, number: str) -> Answer:
    """Write a comment on a case."""
    row = read_case(page.session, page.deps, page.caller, number)
    return _comment(
        page,
        lambda text, once: comments.comment_case(
            page.session, page.deps, page.caller, number, text, once=once
        ),
        lambda **more: talk_of_case(page, number, archived=row.archived_at is not None, **more),
        url_for("admin.case", number=number, _anchor="comments"),
    )


def comment_task(page: Page, task_id: UUID) -> Answer:
    """Write a comment on a task."""
    row = desk.read_task(page.session, page.deps, page.caller, task_id)
    return _comment(
        page,
        lambda text, once: comments.comment_task(
            page.session, page.deps, page.caller, task_id, text, once=once
        ),
        lambda **more: talk_of_task(page, row, **more),
        url_for("admin.task", task_id=task_id, _anchor="comments"),
    )


def _comment(
    page: Page,
    write: Callable[[str, UUID | None], Any],
    panel: Callable[..., dict[str, Any] | None],
    back: str,
) -> Answer:
    """Write what the form holds; to htmx the panel anew, with the text still in it when it was refused."""
    text = request.form.get("text", "")
    try:
        write(text, _once(request.form.get("once", "")))
    except (InvalidInput, WrongState) as error:
        if not request.headers.get("HX-Request"):
            raise
        page.session.rollback()
        problem = str(error.facts.get("message_zh") or error)
        shown = panel(problem=problem, problem_en=str(error), draft=text[: 2 * comments.LONGEST])
        return make_response(render_template("parts/comments.html", talk=shown), 422)
    if request.headers.get("HX-Request"):
        return render_template("parts/comments.html", talk=panel())
    return redirect(back, 303)


def _once(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _case_of(page: Page, row: Any) -> Any | None:
    try:
        return read_case(page.session, page.deps, page.caller, row.business_key) if row.number else None
    except RedressError:
        return None  # a task may be offered to somebody to whom the rest of the case stays closed


def case_comments(page: Page, number: str) -> Answer:
    """Earlier comments of a case, to be put before those on the page."""
    panel = talk_of_case(page, number, archived=True)
    return render_template("parts/comment_items.html", talk=panel)


def task_comments(page: Page, task_id: UUID) -> Answer:
    """Earlier comments of a task."""
    row = desk.read_task(page.session, page.deps, page.caller, task_id)
    panel = talk_of_task(page, row)
    return render_template("parts/comment_items.html", talk=panel)


def told(page: Page) -> Answer:
    """What I was told, unread first."""
    only = "unread" if request.args.get("show") == "unread" else ""
    found = notices.notice_list(
        page.session, page.deps, page.caller, unread=bool(only), cursor=request.args.get("cursor")
    )
    more = (
        url_for("admin.notices", cursor=found.next_cursor, show=only or None) if found.next_cursor else None
    )
    if request.headers.get("HX-Request") and request.args.get("cursor"):
        return render_template("parts/told_items.html", items=found.items, more=more)
    newest = max(
        (one for one in found.items if not one.read), key=lambda one: (one.created_at, one.id), default=None
    )
    return page.render(
        "notices.html", section="admin.notices", items=found.items, more=more, only=only, newest=newest
    )


def bell(page: Page) -> Answer:
    """How much of it is unread, for the frame of a page that stays open."""
    unread = notices.unread_count(page.session, page.deps, page.caller)
    return render_template("parts/bell.html", unread=unread)


def open_notice(page: Page, notice_id: UUID) -> Answer:
    """Go where a notice points; it has been read then."""
    notice = notices.mark_read(page.session, page.deps, page.caller, notice_id)
    anchor = "comments" if notice.cause in ("comment", "mention") else None
    task_id = notice.task_id
    if task_id is not None and _is_there(
        lambda: desk.read_task(page.session, page.deps, page.caller, task_id)
    ):
        return redirect(url_for("admin.task", task_id=task_id, _anchor=anchor), 303)
    if notice.has_case and _is_there(lambda: read_case(page.session, page.deps, page.caller, notice.number)):
        return redirect(url_for("admin.case", number=notice.number, _anchor=anchor), 303)
    if notice.cause.startswith("draft_") and page.may("process_draft.read"):
        return redirect(url_for("admin.process_drafts"), 303)
    return redirect(url_for("admin.notices"), 303)


def _is_there(read: Callable[[], Any]) -> bool:
    try:
        read()
    except NotFound:
        return False
    return True


def read_notices(page: Page) -> Answer:
    """Everything up to the latest notice on the page has been read."""
    up_to = _once(request.form.get("up_to", ""))
    if up_to is None:
        raise InvalidInput("To mark notices as read was asked without saying up to which.")
    count = notices.mark_read_up_to(page.session, page.deps, page.caller, up_to)
    flash(plain(f"{count} 条通知已标为已读。", f"{count} marked as read."), "done")
    return redirect(url_for("admin.notices"), 303)
