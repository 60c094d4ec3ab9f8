"""What somebody is filling in: the draft of a task's form, kept while they type."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import jsonify, request, url_for

from admin.page import Answer, Page, json_answers
from admin.show.filters import instant
from admin.show.language import plain
from engine.errors import InvalidInput, WrongState
from tasks import desk
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.desk import Draft

MOST_REVISIONS = 2**31 - 2


def draft_of(page: Page, task_id: UUID) -> dict[str, Any] | None:
    """What the form's script needs to go on from the caller's draft and to keep it; None for who keeps none."""
    if not page.may("task.draft"):
        return None
    kept = desk.read_draft(page.session, page.caller, task_id)
    return {
        # Of whoever typed it: the next person at the same browser does not find it.
        "key": f"{page.caller.id}.{task_id}",
        "action": url_for("admin.save_draft", task_id=task_id),
        "drop": url_for("admin.drop_draft", task_id=task_id),
        "sign_in": url_for("admin.sign_in"),
        "words": _words(),
        **_told(kept, page.deps.clock.now()),
    }


def save_draft(page: Page, task_id: UUID) -> Answer:
    """Keep what is filled in. Where the draft was saved elsewhere meanwhile, that one comes back, for its writer to choose."""
    body = request.get_json(silent=True)
    revision = body.get("revision") if isinstance(body, dict) else None
    if not isinstance(revision, int) or isinstance(revision, bool) or not 0 <= revision <= MOST_REVISIONS:
        raise InvalidInput(
            f"To keep a draft of the task {task_id} was asked without the revision it goes on from.",
            message_zh="草稿没有保存，请刷新后再填写。",
        )
    try:
        kept = desk.save_draft(page.session, page.deps, page.caller, task_id, json_answers(), revision)
    except WrongState as error:
        if "revision" not in error.facts:
            raise
        page.session.rollback()
        there = desk.read_draft(page.session, page.caller, task_id)
        response = jsonify(
            status=409,
            detail=str(error),
            detail_zh=error.facts.get("message_zh"),
            draft=_told(there, page.deps.clock.now()),
        )
        response.status_code = 409
        return response
    told = _told(kept, page.deps.clock.now())
    return jsonify(revision=told["revision"], saved_at=told["saved_at"])


def drop_draft(page: Page, task_id: UUID) -> Answer:
    """Forget what was filled in."""
    desk.drop_draft(page.session, page.deps, page.caller, task_id)
    return jsonify(next=url_for("admin.task", task_id=task_id))


def _told(kept: Draft, now: datetime) -> dict[str, Any]:
    return {"answers": kept.answers, "revision": kept.revision, "saved_at": _when(kept.at, now)}


def _when(at: datetime | None, now: datetime) -> str:
    """The time of day, with the day where that is another than today's."""
    if at is None:
        return ""
    today = at.astimezone(SHANGHAI).date() == now.astimezone(SHANGHAI).date()
    return instant(at, "short")[6 if today else 0 :]


def _words() -> dict[str, str]:
    """What the form's script says of the draft. `{at}`: when it was saved."""
    return {
        "saving": plain("正在保存…", "Saving…"),
        "saved": plain("草稿已保存 {at}", "Draft saved {at}"),
        "unsaved": plain("草稿未保存", "Draft not saved"),
        "offline": plain(
            "连接中断，填写的内容暂存在本页，恢复后自动保存",
            "No connection: kept in this tab, saved when it is back",
        ),
        "signed_out": plain("登录已过期，填写的内容暂存在本页。", "Signed out: kept in this tab."),
        "sign_in": plain("在新标签页登录", "Sign in in another tab"),
        "parted": plain(
            "这张表单于 {at} 在别的窗口或浏览器保存过，与这里不同。要用哪一份？",
            "This form was saved in another window or browser at {at} and differs from what is here. Which one?",
        ),
        "take_theirs": plain("用那一份", "Take that one"),
        "keep_mine": plain("保留这里的", "Keep what is here"),
        "restored": plain("已恢复 {at} 保存的草稿。", "Your draft of {at} was restored."),
        "restored_here": plain("已恢复上次未提交的内容。", "Your unsent draft was restored."),
        "discard": plain("不用草稿", "Discard it"),
        "look": plain("看现在的情况", "See how it stands now"),
        "lost": plain("没有收到服务器的答复，请再试一次。", "No answer from the server; try again."),
    }
