"""The trail in the words of the office: what a verb is called, and what it changed."""

from __future__ import annotations

from typing import Any

import orjson

from tasks.permissions.matrix import VERBS

_OTHERS = {
    "instance.move": "流程推进",
    "case.archive": "归档",
    "case.read": "查阅保密案件",
    "task.reroute": "改派",
    "audit.begin": "审计开始",
    "audit.anchor": "锚定",
    "signed_in": "登录",
    "locked_out": "登录锁定",
}
"""What is recorded and is nobody's verb in the matrix, or is called otherwise there."""

_LONGEST = 400
"""Characters of a value that are shown; the row itself has all of it."""


def verb_zh(verb: str) -> str:
    """Return what a recorded verb is called in Chinese; a verb that nobody knows any more is called by its name."""
    if verb in _OTHERS:
        return _OTHERS[verb]
    return VERBS[verb].zh if verb in VERBS else verb


def changes(before: str | None, after: str | None) -> list[tuple[str, str, str]]:
    """Return (name, before, after) of what a row keeps, shown as text; of digests the first characters."""
    was, now = _members(before), _members(after)
    return [(name, _shown(was.get(name)), _shown(now.get(name))) for name in [*now, *(set(was) - set(now))]]


def _members(text: str | None) -> dict[str, Any]:
    try:
        found = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        return {"?": text}
    return found if isinstance(found, dict) else {"?": found}


def _shown(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    if len(text) == 64 and all(sign in "0123456789abcdef" for sign in text):
        return f"{text[:12]}…"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
