"""The desk: what waits for me, what my groups are offered, what I have done, and one task with its form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from flask import flash, jsonify, redirect, render_template, request, url_for

from admin import papers, queries
from admin.cases import facts_of_case
from admin.deadlines import clocks
from admin.page import Answer, Page, covers, json_answers
from admin.show.clocks import beside, task_words
from admin.show.groups import group_name
from admin.stories import short_story
from admin.talk import talk_of_task
from engine.errors import NotFound, NotPermitted, WrongState
from tasks import desk
from tasks.cases.facts import facts_of, summary
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deadlines.faces.reading import clocks_of_cases, clocks_of_tasks
from tasks.filling import task_form
from tasks.listener import case_facts
from tasks.lists.counting import counts
from tasks.lists.filters import TaskFilter
from tasks.lists.named import ListName, task_list
from tasks.lists.next_task import next_task
from tasks.processes.instances import InstanceView, read_instance
from tasks.user_task import ASSIGNED, COMPLETED, CREATED

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


def task(page: Page, task_id: UUID) -> Answer:
    """One task: the case beside the form; the form is read-only for whoever does not hold it."""
    row = desk.read_task(page.session, page.deps, page.caller, task_id)
    view = _instance(page, row.instance_id)
    names = queries.process_names(page.session)
    organisation = page.deps.office.current(page.session).organisation
    holds = row.state == ASSIGNED and row.assignee_id == page.caller.id and _is_offered(page, row)
    may_complete = holds and row.instance_status == "active" and page.may("task.complete")
    facts = case_facts(row) if row.number is not None else {}
    asked = task_form(page.session, page.deps, row, facts)
    shown = {
        "id": row.id,
        "name": row.name,
        "state": row.state,
        "case_number": row.business_key,
        "has_case": row.number is not None,
        "process_name": names.get(row.process_key, row.process_key)
        + (f" · {names.get(row.scope, row.scope)}" if row.scope != row.process_key else ""),
        "lane": row.lane,
        "assignee": row.assignee_name,
        "group": group_name(organisation, row.candidate_group),
        "since": row.created_at,
    }
    form = None
    if asked.schema is not None and (may_complete or row.state != COMPLETED or row.answers):
        form = {
            "schema": asked.schema,
            "data": {**(row.answers or {}), **asked.context},
            "readonly": not may_complete,
            "action": url_for("admin.complete", task_id=task_id),
            "draft": str(task_id),
            "papers": papers.form_papers(page, row.number),
        }
    links = papers.links(page, row.number)
    return page.render(
        "task.html",
        section="admin.archive" if row.state == COMPLETED else "admin.inbox" if holds else "admin.queue",
        island=True,
        task=shown,
        returns=desk.returns_of(page.session, row),
        form=form,
        may_claim=row.state == CREATED and page.may("task.claim") and _is_offered(page, row),
        may_release=holds and page.may("task.release"),
        may_complete=may_complete,
        suspended=row.instance_status == "suspended",
        case_facts=facts_of_case(
            page, queries.definition_of_case(page.session, row.number), facts_of(row), links
        )
        if row.number
        else [],
        history=short_story(page, view, links) if view else [],
        talk=talk_of_task(page, row),
        **clocks.task_panel(page, row, whole_case=view is not None and row.number is not None),
        papers=papers.panel(
            page, row.number, task_id=task_id, closed=row.instance_status not in ("active", "suspended")
        ),
    )


def _instance(page: Page, instance_id: UUID) -> InstanceView | None:
    try:
        return read_instance(page.session, page.deps, page.caller, instance_id)
    except (NotFound, NotPermitted):
        return None  # a task may be offered to somebody to whom the rest of the case stays closed


def _is_offered(page: Page, row: Any) -> bool:
    return not {row.candidate_group, *(row.also_groups or ())}.isdisjoint(page.caller.groups)


def claim(page: Page, task_id: UUID) -> Answer:
    """Take a task and go on working on it."""
    desk.claim(page.session, page.deps, page.caller, task_id)
    return redirect(url_for("admin.task", task_id=task_id), 303)


def claim_next(page: Page) -> Answer:
    """Take the task of the queue that is next by the priority rule."""
    row = next_task(page.session, page.deps, page.caller)
    if row is not None:
        return redirect(url_for("admin.task", task_id=row.id), 303)
    flash("队列中没有可以领取的工单。 Nothing is left in your queue.", "wait")
    return redirect(url_for("admin.queue"), 303)


def release(page: Page, task_id: UUID) -> Answer:
    """Give a task back to its queue, with a reason or without."""
    reason = request.form.get("reason", "").strip() or None
    row = desk.release(page.session, page.deps, page.caller, task_id, reason)
    flash(f"“{row.name}”已退回队列。 Released.", "done")
    return redirect(url_for("admin.inbox"), 303)


def complete(page: Page, task_id: UUID) -> Answer:
    """Complete a task and say where to go next; a repeat of what is already stored is answered as the first
    one was.
    """
    answers = json_answers() if request.is_json else {}
    try:
        done = desk.complete(page.session, page.deps, page.caller, task_id, answers)
        name, following = str(done.task["name"]), [row["id"] for row in done.next]
    except WrongState:
        row = desk.read_task(page.session, page.deps, page.caller, task_id)
        if row.completed_by != page.caller.id or not covers(row.answers or {}, answers):
            raise
        name, following = row.name, []
    flash(f"“{name}”已完成。 Completed.", "done")
    target = _next_page(page, following)
    return jsonify(next=target) if request.is_json else redirect(target, 303)


def _next_page(page: Page, following: list[UUID]) -> str:
    if following:
        return url_for("admin.task", task_id=following[0])
    mine = task_list(page.session, page.deps, page.caller, "inbox", limit=1).items
    return url_for("admin.task", task_id=mine[0].id) if mine else url_for("admin.inbox")
