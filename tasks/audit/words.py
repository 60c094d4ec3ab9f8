"""The trail in the words of the office: what a verb is called, and what it changed."""

from __future__ import annotations

from typing import Any

import orjson

from tasks.permissions.matrix import VERBS

_OTHERS = {
    "instance.move": "流程推进",
    "case.archive": "归档",
    "case.link": "关联案件",
    "case.merge": "并案",
    "case.release": "主案办结",
    "case.read": "查阅保密案件",
    "task.reroute": "改派",
    "clock.recompute": "重算时限",
    "supervision.ring": "预警督办",
    "supervision.press": "催办督办",
    "supervision.end": "督办结束",
    "letter.issue": "出具文书",
    "audit.begin": "审计开始",
    "audit.anchor": "锚定",
}
"""What is recorded and is nobody's verb in the matrix, or is called otherwise there."""

_LABELS = {
    "regime": "流程",
    "process": "流程",
    "business_key": "业务编号",
    "org": "单位",
    "unit": "单位",
    "links": "关联案件",
    "refers": "引用前案内容",
    "kind": "类型",
    "to": "对象",
    "into": "并入",
    "released": "通知的子案",
    "fields": "填写项",
    "digest": "内容摘要",
    "reason": "理由",
    "sha256": "内容摘要",
    "state": "状态",
    "status": "状态",
    "assignee": "办理人",
    "priority": "优先级",
    "revision": "版次",
    "follow_up_at": "跟进时间",
    "activity": "节点",
    "at": "位置",
    "opened": "新任务",
    "cancelled": "取消的任务",
    "message": "消息",
    "incident": "异常",
    "name": "名称",
    "source": "来源",
    "files": "文件",
    "file": "文件",
    "draft": "流程草稿",
    "based_on": "起草依据",
    "owner": "负责人",
    "submitted_by": "提交人",
    "decision": "复核结论",
    "definitions": "新版本",
    "targets": "绑定",
    "archived_at": "归档时间",
    "confidential": "保密",
    "session": "会话",
    "password": "密码",
    "token": "令牌",
    "scopes": "权限范围",
    "expires_at": "到期",
    "task": "任务",
    "characters": "字数",
    "clock": "时限",
    "due_at": "到期",
    "promised_at": "承诺时间",
    "person": "休假人",
    "until_at": "止",
    "substitute": "代理人",
    "approvals": "代理审批",
    "on_behalf_of": "代",
    "turns": "班次",
    "units": "单位",
    "from_at": "起",
    "cause": "原因",
    "provisional": "暂定",
    "outcome": "办理结果",
    "clock_problems": "时限问题",
    "ends": "各链的末行",
    "cases": "案件数",
}

_LONGEST = 400
"""Characters of a value that are shown; the row itself has all of it."""


def verb_zh(verb: str) -> str:
    """Return what a recorded verb is called in Chinese; a verb that nobody knows any more is called by its name."""
    if verb in _OTHERS:
        return _OTHERS[verb]
    return VERBS[verb].zh if verb in VERBS else verb


def recorded_verbs() -> list[tuple[str, str]]:
    """Return (verb, Chinese) of everything that can be in the trail, to choose from."""
    reads = (
        "self.read",
        "absence.read",
        "notice.read",
        "definition.read",
        "deployment.read",
        "process_draft.read",
        "organisation.read",
    )
    return [(verb, verb_zh(verb)) for verb in [*VERBS, *_OTHERS] if verb not in reads]


def changes(before: str | None, after: str | None) -> list[tuple[str, str, str]]:
    """Return (name, before, after) of what a row keeps, shown as text; of digests the first characters."""
    was, now = _members(before), _members(after)
    names = [*now, *(name for name in was if name not in now)]
    told = [(name, _shown(was.get(name)), _shown(now.get(name))) for name in names]
    return [(name, before, after) for name, before, after in told if before or after]


def label(name: str) -> tuple[str, str]:
    """Return what a member of `before` or `after` is called, in Chinese and English."""
    return _LABELS.get(name, name), name.replace("_", " ")


def _members(text: str | None) -> dict[str, Any]:
    try:
        found = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        return {"?": text}
    return found if isinstance(found, dict) else {"?": found}


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        text = "、".join(" ".join(map(str, one)) if isinstance(one, list) else _shown(one) for one in value)
    else:
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
    if len(text) == 64 and all(sign in "0123456789abcdef" for sign in text):
        return f"{text[:12]}…"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
