"""What a template may say: the names it reads, the functions it calls, and the words for how a letter goes and to whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.expressions.feel import DateTime, to_datetime, to_plain
from tasks.deadlines.calendar.arithmetic import SHANGHAI

ROOTS: Mapping[str, tuple[str, ...]] = {
    "case": (),
    "form": (),
    "result": (),
    "decision": (),
    "loop": (),
    "message": (),
    "clock": (),
    "input": (),
    "letter": ("number", "to", "method", "date", "name"),
    "unit": ("code", "name", "name_en", "asked"),
    "query_page": (),
}
"""The names a field may read, and of those we make ourselves the entries.

case … message: as in the diagram. input: what the service task that makes the letter was given (`input.text`). clock: the limits of the case by code (`clock.R01.all.due_at`), and `clock.promised_at`,
`clock.due_at`. letter: its own number, to whom and how it goes, its day and name. unit: who signs, and `asked`, the unit
that took the case in. query_page: where the customer finds the state, empty where the installation has told nobody its address.
"""

TO: Mapping[str, str] = {"customer": "客户", "regulator": "监管机构", "superior": "上级单位"}
METHODS: Mapping[str, str] = {
    "phone": "电话",
    "letter": "信函",
    "fax": "传真",
    "email": "电子邮件",
    "visit": "面访",
}
"""How a letter goes (003§2.4.5)."""


def date_zh(_context: Any, value: Any) -> str:
    """2026年11月22日. value: a date or date-time, or its ISO 8601 text; Shanghai time. Empty for null."""
    found = _moment(value)
    return "" if found is None else f"{found.year}年{found.month}月{found.day}日"


def time_zh(context: Any, value: Any) -> str:
    """2026年11月22日16时05分; a date without a time is told as one. Empty for null."""
    found = _moment(value)
    day = date_zh(context, value)
    return f"{day}{found.hour}时{found.minute:02}分" if isinstance(found, datetime) else day


def given(_context: Any, value: Any) -> Any:
    """The value, or an empty text for null: a line whose fields are all empty is left out."""
    return "" if value is None else value


def money(_context: Any, value: Any) -> str:
    """120.50元. Empty for null."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
        raise ValueError(f"money() was asked of {str(value)[:40]!r}, which is no number")
    return f"{Decimal(str(value)):.2f}元"


def label(context: Any, path: Any) -> str:
    """The word a form has for the answer at `path`, such as label("case.business") or label("form.close_case.cause")."""
    say: Callable[[str], str] = context.asked
    return say(str(path))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "date_zh": date_zh,
    "time_zh": time_zh,
    "given": given,
    "money": money,
    "label": label,
}


def in_words(value: Any) -> str | None:
    """A FEEL value as it is printed; None where it is nothing that can be: null, a context, a function."""
    if isinstance(value, DateTime):
        return time_zh(None, value)
    plain = to_plain(value)
    if isinstance(plain, bool):
        return "是" if plain else "否"
    if isinstance(plain, str):
        return plain
    return str(plain) if isinstance(plain, int | float) else None


def _moment(value: Any) -> date | datetime | None:
    if value is None:
        return None
    if isinstance(value, DateTime):
        return to_datetime(value).astimezone(SHANGHAI)
    text = str(to_plain(value))
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"a date was asked of {text[:40]!r}, which is none") from None
    return at.astimezone(SHANGHAI) if at.tzinfo else at
