"""What comes after a task: the next one, offered where the last one was done, or opened at once for whoever wants so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for

from admin.page import Answer, Page, local_path
from admin.show.clocks import task_words
from tasks import desk
from tasks.lists.named import task_list
from tasks.people.opening import open_next


def following(page: Page, task: Mapping[str, Any]) -> Any | None:
    """The task that comes after one that was done: of the same case first, then by the rule, then what is in hand already."""
    if not page.may("task.claim"):
        return None
    found = desk.following(page.session, page.deps, page.caller, task)
    if found is not None:
        return found
    return next(iter(task_list(page.session, page.deps, page.caller, "inbox", limit=1).items), None)


def offered_next(page: Page, task: Mapping[str, Any]) -> dict[str, Any]:
    """What the page of a task that was just done shows of the next one."""
    row = following(page, task)
    return {
        "task": row,
        "mine": row is not None and row.assignee_id == page.caller.id,
        "same_case": row is not None and row.business_key == task["business_key"],
        "clock": task_words(row, None, page.deps.clock.now()) if row is not None else None,
        "at_once": page.caller.opens_next,
    }


def choose(page: Page) -> Answer:
    """Have the next task opened at once from now on, or be asked again."""
    open_next(page.session, page.deps, page.caller, at_once=request.form.get("at_once") == "yes")
    return redirect(local_path(request.form.get("back")) or url_for("admin.inbox"), 303)
