"""How time limits were kept: by the prescribed limit and by the promise, for supervisors and auditors."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import request

from admin.page import Answer, Page
from admin.show.court import hours_words
from admin.show.language import brief
from engine.errors import InvalidInput
from tasks.deadlines.calendar.arithmetic import day_of
from tasks.deadlines.calendar.limits import FIXED, WORKING_DAYS
from tasks.deadlines.outcomes import SPLITS, Outcome, outcomes, period
from tasks.deadlines.policies.words import LEVEL_NAMES, UNIT_NAMES

COUNTED = {unit: (f"按{zh}计", f"in {en}") for unit, (zh, en) in UNIT_NAMES.items()} | {
    FIXED: ("按指定期限计", "to a given instant")
}
"""How limits of one code that are counted in different units, and so not together, are told apart."""


def kept(page: Page) -> Answer:
    """The figures of a period, by code, split by unit or level where asked."""
    today = day_of(page.deps.clock.now())
    begin, end = period(day_asked("first"), day_asked("last"), today=today)
    first, last = day_of(begin), day_of(end - timedelta(microseconds=1))
    by = [name for name in SPLITS if request.args.get(name)]
    code = request.args.get("code", "").strip()[:60]
    found = outcomes(page.session, page.deps, page.caller, first=first, last=last, code=code or None, by=by)
    organisation = page.deps.office.current(page.session).organisation

    def unit(path: str) -> str:
        return organisation.names.get(organisation.moved_to(path), "")

    return page.render(
        "outcomes.html",
        section="admin.outcomes",
        first=first,
        last=last,
        code=code,
        by=by,
        items=[{**_words(one), "unit": unit(one.unit)} for one in found],
        as_of=page.deps.clock.now(),
    )


def day_asked(name: str) -> date | None:
    """The day a filter asks for; None where it asks for none. Raises InvalidInput for what is no day."""
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"Figures were asked for with the day {text[:40]!r}; a day is written as 2026-03-02.",
            message_zh=f"日期“{text[:40]}”不对，应写作 2026-03-02。",
        ) from None


def _words(one: Outcome) -> dict[str, Any]:
    time = (
        brief("（工作时间）", " (working time)")
        if one.limit_unit == WORKING_DAYS
        else brief("（自然时间）", " (natural time)")
    )
    return {
        "figures": one,
        "counted": COUNTED[one.limit_unit],
        "level": LEVEL_NAMES.get(one.level or "", (one.level, one.level) if one.level else ("不分", "any")),
        "limit_rate": rate_words(one.limit_rate, one.in_limit, one.count),
        "promise_rate": rate_words(one.promise_rate, one.in_promise, one.promised),
        "delay": "—" if one.delay is None else f"{hours_words(int(one.delay / timedelta(minutes=1)))}{time}",
    }


def rate_words(rate: float | None, part: int, whole: int) -> str:
    """A rate with what it is of."""
    return (
        brief("无（0/0）", "none (0/0)")
        if rate is None
        else f"{rate:.1%}" + brief(f"（{part}/{whole}）", f" ({part}/{whole})")
    )
