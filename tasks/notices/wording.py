"""What a message says: one notice, or all that have gathered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.notices.channels.protocol import Message, Receiver
from tasks.talk.causes import NAMES, words_outside

MOST = 50
"""How many notices one message says; the rest is only counted."""


def message_of(notices: Sequence[Any], receivers: Sequence[Receiver], settings: Any) -> Message:
    """The message of notices as their receivers may read them now, in the order they came.

    settings: the installation's; `notices_in_full` and `public_url` are read. The link is the page of notices: from there
    one gets to the task or case, if one still may.
    """
    link = f"{settings.public_url}/notices" if settings.public_url else ""
    said = [
        words_outside(each, confidential=bool(each.confidential), full=settings.notices_in_full)
        for each in notices
    ]
    if len(notices) == 1:
        number = notices[0].business_key
        subject = "Redress 通知" + (f"：案件 {number}" if number else "")
        zh, en = said[0]
        return Message(tuple(receivers), _line(subject), f"{zh}\n\n{en}", _line(zh), link)
    count = len(notices)
    ordered = sorted(zip(notices, said, strict=True), key=lambda each: (each[0].created_at, each[0].id))
    shown, left = ordered[:MOST], count - MOST
    zh_lines = [f"您有 {count} 条通知：", *(f"{_at(each)} {_line(words[0])}" for each, words in shown)]
    en_lines = [f"{count} notices:", *(f"{_at(each)} {_line(words[1])}" for each, words in shown)]
    if left > 0:
        zh_lines.append(f"另有 {left} 条，请在系统中查看。")
        en_lines.append(f"{left} more are on the page of notices.")
    kinds = Counter(NAMES[each.cause][0] for each in notices)
    told = "、".join(f"{name} {number} 条" for name, number in kinds.most_common())
    return Message(
        tuple(receivers),
        f"Redress 通知汇总：{count} 条",
        "\n".join(zh_lines) + "\n\n" + "\n".join(en_lines),
        f"您有 {count} 条通知（{told}），请登录系统查看。",
        link,
    )


def _at(notice: Any) -> str:
    return str(notice.created_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M"))


def _line(text: str) -> str:
    return " ".join(text.split())
