"""Checks of what is submitted by a decision table of the diagram's deployment (`form.check`, `form.start.check`).

Every row the table gives is a mistake: {path, message_zh, message}. Together with what the form itself finds wrong it makes one
refusal, so that whoever fills in hears everything at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.dialect.model import FORM_CHECK as CHECK
from engine.dialect.model import START_CHECK
from engine.errors import DecisionFailed
from tasks.core import storable
from tasks.forms.check import AnswersRefused
from tasks.forms.fields import Problem

__all__ = ["CHECK", "START_CHECK", "Decide", "checked_by_table"]

MOST = 100
"""Mistakes of one table that are told."""
LONGEST = 500
"""Characters of a sentence and of a path."""
UNTOLD = ("与案件现有情况不符", "does not fit the case as it stands")
"""What a body outside is told where the sentence is not for it."""

Decide = Callable[[Mapping[str, Any]], list[dict[str, Any]]]
"""Gives the rows of the table for these answers. Raises DecisionFailed."""


def checked_by_table(
    check: Callable[[], dict[str, Any]],
    form: str,
    decide: Decide,
    failing: Callable[[DecisionFailed], None],
    outward: Callable[[str], bool] | None = None,
) -> dict[str, Any]:
    """Check answers by their form, then by a table; return them clean.

    check: the form's own check. failing: told where the table fails. outward: for a body outside, whether it may be told a text
    of the table; None: whoever sends may be told all. Raises AnswersRefused with the mistakes of both; where the
    form's own leave nothing to evaluate, or the table fails over what is left of them, with those alone. Raises DecisionFailed.
    """
    refused: AnswersRefused | None = None
    try:
        clean = check()
    except AnswersRefused as error:
        if error.clean is None:
            raise
        refused, clean = error, error.clean
    try:
        problems = [_problem(row, outward) for row in decide(clean)[:MOST]]
    except DecisionFailed as error:
        if refused is not None:
            raise refused from None
        failing(error)
        if outward is not None:  # why it failed names what is inside
            raise _unchecked() from None
        raise
    if refused is not None or problems:
        raise AnswersRefused(form, [*(refused.problems if refused else ()), *problems], clean)
    return clean


def _problem(row: Mapping[str, Any], outward: Callable[[str], bool] | None) -> Problem:
    path, zh, en = (row.get(name) for name in ("path", "message_zh", "message"))
    if outward is not None:
        path = path if isinstance(path, str) and outward(path) else ""
        if not all(outward(text) for text in (zh, en) if isinstance(text, str)):
            zh, en = UNTOLD
    path, zh, en = _text(path), _text(zh), _text(en)
    return Problem(path, en or zh or "is not possible", zh or en or "不成立")


def _unchecked() -> DecisionFailed:
    return DecisionFailed(
        "What was sent could not be checked now, and nothing was changed; the office has been told.",
        message_zh="提交的内容暂时无法检查，未作任何改动；已通知本企业处理。",
    )


def _text(value: Any) -> str:
    return value.strip()[:LONGEST] if isinstance(value, str) and storable(value) else ""
