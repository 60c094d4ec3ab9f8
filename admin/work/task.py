"""One task: its form, the case beside it, and what can be done with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, jsonify, redirect, request, url_for

from admin import papers, queries
from admin.cases import facts_of_case
from admin.deadlines import clocks
from admin.page import Answer, Page, covers, json_answers
from admin.show.groups import group_name
from admin.stories import short_story
from admin.talk import talk_of_task
from engine.errors import NotFound, NotPermitted, WrongState
from tasks import desk
from tasks.cases.facts import facts_of
from tasks.filling import task_form
from tasks.listener import case_facts
from tasks.lists.named import task_list
from tasks.processes.instances import InstanceView, read_instance
from tasks.user_task import ASSIGNED, COMPLETED, CREATED


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
