"""What somebody does with one task: take it, give it back or away, let it rest, complete it.

Asked by the page's script each answers in JSON where to go next, or why not; asked by a plain form it leads there.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, jsonify, redirect, request, url_for

from admin.deadlines.clocks import instant_field
from admin.page import Answer, Page, covers, form_answers, json_answers
from admin.show.language import plain
from admin.work.following import following
from engine.errors import InvalidInput, NotFound, NotPermitted, WrongState
from tasks import desk

QUEUE = "-"
"""Chosen instead of a login: back to the queue."""


def claim(page: Page, task_id: UUID) -> Answer:
    """Take a task and go on working on it."""
    desk.claim(page.session, page.deps, page.caller, task_id)
    return _to(url_for("admin.task", task_id=task_id))


def release(page: Page, task_id: UUID) -> Answer:
    """Give a task back to its queue, with a reason or without."""
    row = desk.release(page.session, page.deps, page.caller, task_id, _text("reason") or None)
    flash(plain(f"“{row.name}”已退回队列。", "Released."), "done")
    return _to(url_for("admin.inbox"))


def delegate(page: Page, task_id: UUID) -> Answer:
    """Have a colleague do the work."""
    row = desk.delegate(page.session, page.deps, page.caller, task_id, _text("to"), _text("note"))
    flash(plain(f"“{row.name}”已委托{row.assignee_name}办理。", f"Delegated to {row.assignee_name}."), "done")
    return _to(url_for("admin.inbox"))


def resolve(page: Page, task_id: UUID) -> Answer:
    """Give a delegated task back to its owner, with what was filled in, saying what was done."""
    row = desk.resolve(page.session, page.deps, page.caller, task_id, _text("note"), form_answers())
    flash(plain(f"“{row.name}”已交回{row.assignee_name}。", f"Given back to {row.assignee_name}."), "done")
    return _to(url_for("admin.inbox"))


def recall(page: Page, task_id: UUID) -> Answer:
    """Take a delegated task back."""
    row = desk.recall(page.session, page.deps, page.caller, task_id)
    flash(plain(f"已收回“{row.name}”。", "Taken back."), "done")
    return _to(url_for("admin.task", task_id=task_id))


def reassign(page: Page, task_id: UUID) -> Answer:
    """Give a task to somebody, or back to its queue, whoever holds it."""
    to = _text("to")
    if not to:
        raise InvalidInput(
            f"To reassign the task {task_id} was asked without saying to whom.", message_zh="请选择交给谁。"
        )
    row = desk.reassign(
        page.session, page.deps, page.caller, task_id, None if to == QUEUE else to, _text("reason")
    )
    if row.assignee_name:
        flash(plain(f"“{row.name}”已改派给{row.assignee_name}。", f"Given to {row.assignee_name}."), "done")
    else:
        flash(plain(f"“{row.name}”已退回队列。", "Back in its queue."), "done")
    return _to(url_for("admin.task", task_id=task_id))


def prioritise(page: Page, task_id: UUID) -> Answer:
    """Say how urgent a task is."""
    priority, (least, most) = request.form.get("priority", type=int), desk.PRIORITIES
    if priority is None:
        raise InvalidInput(
            f"To prioritise the task {task_id} was asked without a number from {least} to {most}.",
            message_zh=f"优先级应为 {least} 至 {most}。",
        )
    row = desk.prioritise(page.session, page.deps, page.caller, task_id, priority, _text("reason"))
    flash(plain(f"优先级已设为 {row.priority}。", f"The priority is {row.priority} now."), "done")
    return _to(url_for("admin.task", task_id=task_id))


def follow_up(page: Page, task_id: UUID) -> Answer:
    """Let a task rest until an instant, or no longer."""
    at = None if _text("wake") else instant_field("at")
    if at is None and not _text("wake"):
        raise InvalidInput(
            f"To follow the task {task_id} up was asked without saying when.", message_zh="请填写跟进时间。"
        )
    row = desk.follow_up(page.session, page.deps, page.caller, task_id, at)
    said = ("已设定跟进时间。", "Put off.") if row.follow_up_at else ("已回到待办。", "Back in your inbox.")
    flash(plain(*said), "done")
    return _to(url_for("admin.task", task_id=task_id) if at is None else url_for("admin.inbox"))


def complete(page: Page, task_id: UUID) -> Answer:
    """Complete a task and lead to what was done, where the next task is offered, or to that at once for whoever wants so. A
    repeat of what is already stored is answered as the first one was.
    """
    answers = json_answers() if request.is_json else {}
    try:
        done = desk.complete(page.session, page.deps, page.caller, task_id, answers).task
    except WrongState:
        row = desk.read_task(page.session, page.deps, page.caller, task_id)
        if row.completed_by != page.caller.id or not covers(row.answers or {}, answers):
            raise
        done = row._asdict()
    next_task = following(page, done) if page.caller.opens_next else None
    if next_task is not None and _in_hand(page, next_task):
        flash(plain(f"“{done['name']}”已完成，这是下一件。", "Completed; this is the next."), "done")
        return _to(url_for("admin.task", task_id=next_task.id))
    return _to(url_for("admin.task", task_id=task_id, done="yes"))


def _in_hand(page: Page, row: Any) -> bool:
    """Take a task unless the caller has it; tells whether they have it now. Somebody else may have been faster."""
    try:
        desk.claim(page.session, page.deps, page.caller, row.id)
    except (WrongState, NotPermitted, NotFound):
        return False
    return True


def _to(target: str) -> Answer:
    if request.is_json or request.accept_mimetypes.best == "application/json":
        return jsonify(next=target)
    return redirect(target, 303)


def _text(name: str) -> str:
    return request.form.get(name, "").strip()
