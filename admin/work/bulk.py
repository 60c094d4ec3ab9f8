"""What is done with several tasks of a list at once: each is answered for itself, and one that cannot keeps no other from it.

The pages of this module are asked by the list's own script and answer in JSON: `{"done": [ids], "refused": [{"id", "sentence"}]}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from flask import Response, jsonify, request

from admin.errors import sentence_of
from admin.instants import instant_of
from admin.page import Answer, Page
from admin.security import storable
from admin.show.language import plain
from engine.errors import InvalidInput, RedressError
from tasks import desk


def claim_many(page: Page) -> Answer:
    """Take tasks from their queues."""
    ids, _ = _asked()
    return _each(ids, lambda task_id: desk.claim(page.session, page.deps, page.caller, task_id))


def release_many(page: Page) -> Answer:
    """Give tasks back to their queues; with a reason each is a return."""
    ids, given = _asked()
    reason = _text(given, "reason") or None
    return _each(ids, lambda task_id: desk.release(page.session, page.deps, page.caller, task_id, reason))


def delegate_many(page: Page) -> Answer:
    """Have a colleague do the work on tasks."""
    ids, given = _asked()
    to, note = _text(given, "to"), _text(given, "note")
    return _each(ids, lambda task_id: desk.delegate(page.session, page.deps, page.caller, task_id, to, note))


def recall_many(page: Page) -> Answer:
    """Take delegated tasks back."""
    ids, _ = _asked()
    return _each(ids, lambda task_id: desk.recall(page.session, page.deps, page.caller, task_id))


def follow_up_many(page: Page) -> Answer:
    """Let tasks rest until an instant of Chinese time, or with none no longer."""
    ids, given = _asked()
    at = instant_of(_text(given, "at"))
    return _each(ids, lambda task_id: desk.follow_up(page.session, page.deps, page.caller, task_id, at))


def prioritise_many(page: Page) -> Answer:
    """Say how urgent tasks are."""
    ids, given = _asked()
    priority, reason = _number(_text(given, "priority")), _text(given, "reason")
    return _each(
        ids, lambda task_id: desk.prioritise(page.session, page.deps, page.caller, task_id, priority, reason)
    )


def reassign_many(page: Page) -> Answer:
    """Give tasks to people, spread evenly over them; with nobody, back to their queues."""
    ids, given = _asked()
    people = given.get("to") or []
    if not isinstance(people, list) or not all(isinstance(one, str) and storable(one) for one in people):
        raise InvalidInput(
            "To reassign tasks was asked; 'to' is not a list of logins.", message_zh="请选择交给谁。"
        )
    found = desk.reassign_many(
        page.session, page.deps, page.caller, ids=ids, to=people, reason=_text(given, "reason")
    )
    return _answer((each.task_id, each.refused) for each in found)


def colleagues(page: Page) -> Answer:
    """Who may be given the tasks."""
    ids, _ = _asked()
    found = desk.colleagues(page.session, page.deps, page.caller, ids)
    return jsonify(
        people=[
            {"login": each.login, "name": each.name, "can": each.can, "holds": each.holds} for each in found
        ]
    )


def _each(ids: list[UUID], act: Callable[[UUID], Any]) -> Response:
    """Do it to one after the other, in the order of their ids, so that two who choose the same tasks never wait for each
    other in a circle. A refusal comes before anything of its task is written.
    """
    told: dict[UUID, RedressError | None] = {}
    for task_id in sorted(ids):
        try:
            act(task_id)
            told[task_id] = None
        except RedressError as error:
            told[task_id] = error
    # What is wrong with the request itself is wrong for each of them, and is said once, beside the box it stands in.
    wrong = [error for error in told.values() if isinstance(error, InvalidInput)]
    if wrong and len(wrong) == len(told):
        raise wrong[0]
    return _answer((task_id, told[task_id]) for task_id in ids)


def _answer(told: Iterable[tuple[UUID, RedressError | None]]) -> Response:
    done, refused = [], []
    for task_id, error in told:
        if error is None:
            done.append(str(task_id))
        else:
            refused.append({"id": str(task_id), "sentence": plain(sentence_of(error)[2], str(error))})
    return jsonify(done=done, refused=refused)


def _asked() -> tuple[list[UUID], dict[str, Any]]:
    """The ids and what else was sent. Raises InvalidInput."""
    body = request.get_json(silent=True)
    given = body if isinstance(body, dict) else {}
    named = given.get("ids")
    try:
        ids = list(dict.fromkeys(UUID(one) for one in named)) if isinstance(named, list) else []
    except (ValueError, AttributeError, TypeError):
        ids = []
    if not 1 <= len(ids) <= desk.MOST:
        raise InvalidInput(
            f"Something was asked to be done with tasks; 1 to {desk.MOST} ids are needed, as a list 'ids'.",
            message_zh=f"请选择 1 至 {desk.MOST} 件工单。",
        )
    return ids, given


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or not storable(value):
        raise InvalidInput(
            f"Something was asked to be done with tasks; {name!r} is not a text that can be stored.",
            message_zh="填写的内容含有无法识别的字符。",
        )
    return value.strip()


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        least, most = desk.PRIORITIES
        raise InvalidInput(
            f"To give tasks the priority {text[:20]!r} was asked; it must be from {least} to {most}.",
            message_zh=f"优先级应为 {least} 至 {most}。",
        )
    return int(text)
