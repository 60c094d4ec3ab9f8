"""A comparison as plain data, and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from engine.dialect.comparing.model import Change, Comparison, Detail
from engine.dialect.comparing.parts import PartComparison

SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}
"""What happened → the sign it is told with."""
WHAT = {
    "added": ("added", "新增"),
    "removed": ("removed", "删除"),
    "changed": ("changed", "修改"),
    "moved": ("moved", "移动"),
}
_LONGEST = 200


def plain(part: PartComparison) -> dict[str, Any]:
    """Return what differs in one file as plain data."""
    return {
        "file": part.name,
        "kind": part.kind,
        "key": part.key,
        "what": part.what or "same",
        **plain_comparison(part.comparison),
    }


def plain_comparison(found: Comparison) -> dict[str, Any]:
    """Return a comparison as plain data."""
    return {
        "counts": found.counts,
        "problems": [
            {"side": one.side, "message": one.en, "message_zh": one.zh, "line": one.line or None}
            for one in found.problems
        ],
        "changes": [_change(one) for one in found.changes],
    }


def _change(one: Change) -> dict[str, Any]:
    en, zh = one.label
    return {
        "what": one.what,
        "id": one.id,
        "kind": one.kind,
        "label": en,
        "label_zh": zh,
        "name": one.name,
        "scope": one.scope,
        "other_id": one.other_id or None,
        "in_picture": not one.whole,
        "details": [_detail(detail) for detail in one.details],
        "drawing": [_detail(detail) for detail in one.drawing],
        "rows": [
            {
                "what": row.what,
                "before": row.before,
                "after": row.after,
                "cells": [_detail(cell) for cell in row.cells],
            }
            for row in one.rows
        ],
    }


def _detail(one: Detail) -> dict[str, Any]:
    en, zh = one.label
    return {"path": one.path, "label": en, "label_zh": zh, "before": one.before, "after": one.after}


def lines(parts: Iterable[PartComparison]) -> Iterator[str]:
    """Yield what differs, one thing a line and its attributes below it; nothing for files that say the same."""
    for part in parts:
        if part.what is None:
            continue
        en, zh = WHAT[part.what]
        yield f"{SIGNS[part.what]} {part.name} ({en} {zh})"
        for problem in part.comparison.problems:
            yield f"    ! {problem.side}: {problem.en} {problem.zh}"
        for change in part.comparison.changes:
            yield from _lines(change)


def _lines(change: Change) -> Iterator[str]:
    en, zh = change.label
    about = " ".join(dict.fromkeys(text for text in (change.id, change.name) if text))
    also = f", id changed 标识已改：{change.other_id}" if change.other_id else ""
    yield f"    {SIGNS[change.what]} {en} {zh}: {about}{also}"
    for detail in (*change.details, *change.drawing):
        yield f"        {_told(detail)}"
    for row in change.rows:
        number = " → ".join(str(one) for one in dict.fromkeys((row.before, row.after)) if one is not None)
        yield f"        {SIGNS[row.what]} row 第 {number} 行"
        for cell in row.cells:
            yield f"            {_told(cell)}"


def _told(detail: Detail) -> str:
    return f"{detail.path}: {_short(detail.before)} → {_short(detail.after)}"


def _short(text: str | None) -> str:
    if text is None:
        return "(none 无)"
    line = " ⏎ ".join(text.splitlines())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
