"""One process draft: its files, the check, and what becomes of it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for

from admin.page import Answer, Page
from admin.show.language import plain
from tasks.processes.drafts import making, reading


def draft(page: Page, draft_id: UUID) -> Answer:
    """The files of a draft and what can be done with it."""
    row = reading.draft(page.session, page.caller, draft_id)
    return page.render(
        "modeling/draft.html",
        section="admin.process_drafts",
        draft=row,
        files=reading.files(page.session, page.caller, draft_id),
    )


def drop(page: Page, draft_id: UUID) -> Answer:
    """Drop a draft of one's own."""
    row = reading.draft(page.session, page.caller, draft_id)
    making.drop(page.session, page.deps, page.caller, draft_id)
    flash(plain(f"流程草稿“{row.name}”已删除。", f"The draft {row.name} was dropped."), "done")
    return redirect(url_for("admin.process_drafts"), 303)
