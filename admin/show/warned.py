"""What expressions warned of while a case ran, as a page shows it: where, in which words, and the place marked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from admin.show.filters import label
from admin.show.language import brief


@dataclass(frozen=True, slots=True)
class WarningLine:
    """One warning. before, at and after are the expression, cut where it lost its value; `at` may be empty."""

    at_time: datetime
    name: str
    element: str
    scope: str
    what: tuple[str, str]
    of: str
    before: str
    at: str
    after: str
    message: str
    message_zh: str
    count: int


def lines_of(warnings: Iterable[Any]) -> list[WarningLine]:
    """Return lines of history of the kind warning_recorded for a page, in the given order."""
    return [_line(row, row.data or {}) for row in warnings]


def _line(row: Any, data: dict[str, Any]) -> WarningLine:
    text, position = data.get("expression") or "", data.get("position") or 0
    cut = position - 1 if 0 < position <= len(text) else len(text)
    return WarningLine(
        at_time=row.at,
        name=row.activity_name or row.activity_id or "",
        element=row.activity_id or "",
        scope=row.scope or "",
        what=label(data.get("what"), "warned"),
        of=_of(data),
        before=text[:cut],
        at=text[cut : cut + 1],
        after=text[cut + 1 :],
        message=data.get("message") or "",
        message_zh=data.get("message_zh") or data.get("message") or "",
        count=int(data.get("count") or 1),
    )


def _of(data: dict[str, Any]) -> str:
    """Which of the activity's expressions it is; in a decision file, which row and column."""
    parts = [data.get("of")]
    if data.get("element") and data["element"] != data.get("of"):
        parts.append(data["element"])
    return " · ".join(str(part) for part in (*parts, *_cell(data)) if part)


def _cell(data: dict[str, Any]) -> list[str]:
    parts = []
    if data.get("row"):
        parts.append(brief(f"第 {data['row']} 行", f"row {data['row']}"))
    if data.get("column"):
        parts.append(brief(f"{data['column']} 列", f"column {data['column']}"))
    return parts


def sentence_of(data: dict[str, Any]) -> str:
    """Return a warning as one Chinese sentence of the story: flows and decisions by the names people gave them. Which variable
    it was for is written where diagrams are repaired.
    """
    if data.get("what") == "more":
        return brief(f"另有 {data.get('count')} 条", f"{data.get('count')} more")
    called = f"“{data['name']}”" if data.get("name") else ""
    words = " · ".join([brief(*label(data.get("what"), "warned")) + called, *_cell(data)])
    zh, en = str(data.get("message_zh") or ""), str(data.get("message") or "")
    said = brief(zh or en, en or zh)
    return words + brief("：", ": ") + said
