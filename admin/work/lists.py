"""The lists of the desk: what waits for me, what my groups are offered, what I have done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, cast

from flask import flash, redirect, render_template, request, url_for

from admin import queries
from admin.page import Answer, Page
from admin.show.clocks import beside, task_words
from admin.show.groups import group_name
from tasks.cases.facts import summary
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deadlines.faces.reading import clocks_of_cases, clocks_of_tasks
from tasks.lists.counting import counts
from tasks.lists.filters import TaskFilter
from tasks.lists.named import ListName, task_list
from tasks.lists.next_task import next_task

TITLES: dict[str, tuple[tuple[str, str], str, tuple[str, str]]] = {
    "inbox": (
        ("待办", "Inbox"),
        "按到期先后排列",
        ("手上没有待办", "Nothing is waiting for you; the queue may have something."),
    ),
    "queue": (
        ("队列", "Queue"),
        "本人候选组中待认领的工单，按到期先后排列",
        ("队列是空的", "Nothing is offered to your groups."),
    ),
    "archive": (
        ("已办", "Archive"),
        "本人完成的工单，最近的在前",
        ("还没有办结的工单", "You have completed nothing yet."),
    ),
}


def inbox(page: Page) -> Answer:
    """Tasks I hold."""
    return _list(page, "inbox")


def queue(page: Page) -> Answer:
    """Tasks my groups are offered."""
    return _list(page, "queue")


def archive(page: Page) -> Answer:
    """Tasks I completed."""
    return _list(page, "archive")


def _list(page: Page, name: ListName) -> Answer:
    filters = {key: request.args.get(key, "").strip()[:60] for key in ("number", "process", "clock")}
    found = task_list(
        page.session,
        page.deps,
        page.caller,
        name,
        where=TaskFilter(
            number=filters["number"] or None,
            process_key=filters["process"] or None,
            due_before=_due_before(filters["clock"], page.deps.clock.now()),
        ),
        cursor=request.args.get("cursor"),
    )
    names = queries.process_names(page.session)
    items = _rows(page, name, found.items, names)
    kept = {key: value for key, value in filters.items() if value}
    more = (
        url_for(f"admin.{name}", cursor=found.next_cursor, **cast(Any, kept)) if found.next_cursor else None
    )
    if request.headers.get("HX-Request") and request.args.get("cursor"):
        return render_template("parts/task_rows.html", items=items, more=more, list=name)
    waiting = counts(page.session, page.deps, page.caller)
    heading, hint, empty = TITLES[name]
    return page.render(
        "tasks.html",
        section=f"admin.{name}",
        list=name,
        lists=[
            ("inbox", "admin.inbox", "待办", "Inbox", waiting.inbox),
            ("queue", "admin.queue", "队列", "Queue", waiting.queue),
            ("archive", "admin.archive", "已办", "Archive", None),
        ],
        heading=heading,
        hint=hint,
        empty=empty if not kept else ("没有符合条件的工单", "Nothing matches these filters."),
        filters=filters,
        process_names=names.items(),
        items=items,
        more=more,
        as_of=page.deps.clock.now(),
    )


def _due_before(choice: str, now: datetime) -> datetime | None:
    if choice == "late":
        return now
    if choice == "today":
        tomorrow = now.astimezone(SHANGHAI).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time.min, SHANGHAI)
    return None


def _rows(page: Page, name: str, tasks: Any, names: Mapping[str, str]) -> list[dict[str, Any]]:
    facts = queries.case_facts(page.session, (task.case_id for task in tasks))
    faces = clocks_of_tasks(page.session, page.deps, [task.id for task in tasks])
    # Of a confidential case no list shows more than the task itself.
    shown = [task.case_id for task in tasks if facts.get(task.case_id) is not None and name != "archive"]
    of_cases = clocks_of_cases(page.session, page.deps, shown)
    organisation = page.deps.office.current(page.session).organisation
    now = page.deps.clock.now()
    return [
        {
            "id": task.id,
            "name": task.name,
            "process_name": names.get(task.process_key, task.process_key),
            "case_number": task.business_key,
            "has_case": task.case_id is not None,
            "summary": summary(facts.get(task.case_id) or {}),
            "confidential": task.case_id in facts and facts[task.case_id] is None,
            "priority": task.priority,
            "lane": task.lane,
            "state": task.state,
            "by": group_name(organisation, task.candidate_group),
            "since": task.completed_at if name == "archive" else task.created_at,
            "clock": beside(task_words(task, faces.get(task.id), now), of_cases.get(task.case_id)),
        }
        for task in tasks
    ]


def claim_next(page: Page) -> Answer:
    """Take the task of the queue that is next by the priority rule."""
    row = next_task(page.session, page.deps, page.caller)
    if row is not None:
        return redirect(url_for("admin.task", task_id=row.id), 303)
    flash("队列中没有可以领取的工单。 Nothing is left in your queue.", "wait")
    return redirect(url_for("admin.queue"), 303)
