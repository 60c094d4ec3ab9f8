"""The three tables, their columns in Chinese and English, and cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import re

from tasks.organisation.changing.rows import PERSON_COLUMNS, POST_COLUMNS, UNIT_COLUMNS
from tasks.organisation.words import COLUMNS

TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "units": ("单位", UNIT_COLUMNS),
    "posts": ("岗位", POST_COLUMNS),
    "people": ("人员", PERSON_COLUMNS),
}
"""Table → its Chinese name and its columns; the first column is what a row is known by."""

_SYNONYMS = {
    "姓名": "name",
    "附加角色": "roles",
    "起始日期": "from",
    "截止日期": "until",
    "上级单位": "parent",
}
_NAMED = {**{chinese: column for column, chinese in COLUMNS.items()}, **_SYNONYMS}

_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r]")
_NEUTRAL = re.compile(r"'+[=+\-@＝＋－＠\t\r]")


def heading(column: str) -> str:
    """What stands above a column: `代码 code`."""
    return f"{COLUMNS[column]} {column}"


def column_of(cell: object) -> str | None:
    """The column a heading names, in Chinese, in English or in both; None for any other text."""
    for word in str(cell if cell is not None else "").strip().lower().split():
        found = word if word in COLUMNS else _NAMED.get(word)
        if found:
            return found
    return None


def neutral(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would take it for a formula; `restored` undoes it."""
    return "'" + text if _FORMULA.match(text) else text


def restored(text: str) -> str:
    """The text as it was before `neutral`."""
    return text[1:] if _NEUTRAL.match(text) else text
