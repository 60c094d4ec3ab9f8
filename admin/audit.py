"""The auditor's pages: what was done to one case, and day by day within the auditor's reach. They change nothing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from flask import render_template, request, url_for

from admin.page import Answer, Page
from tasks.audit import reading
from tasks.audit.words import changes, label, recorded_verbs, verb_zh
from tasks.deadlines.calendar.arithmetic import SHANGHAI


def trail(page: Page) -> Answer:
    """What was done on a day, latest first, by whom and what one asks for."""
    today = page.deps.clock.now().astimezone(SHANGHAI).date()
    day = _day(request.args.get("day"), today)
    actor = request.args.get("actor", "").strip()[:100]
    verb = request.args.get("verb", "").strip()[:100]
    begin = datetime.combine(day, time(), SHANGHAI)
    where = reading.TrailFilter(begin, begin + timedelta(days=1), actor or None, verb or None)
    found = reading.trail(page.session, page.caller, where=where, cursor=request.args.get("cursor"))
    filters = {"day": day.isoformat(), "actor": actor, "verb": verb}
    kept = {key: value for key, value in filters.items() if value}
    more = url_for("admin.trail", cursor=found.next_cursor, **cast(Any, kept)) if found.next_cursor else None
    items = [_shown(row) for row in found.items]
    if request.headers.get("HX-Request") and request.args.get("cursor"):
        return render_template("parts/trail_rows.html", items=items, more=more)
    return page.render(
        "trail.html",
        section="admin.trail",
        filters=filters,
        verbs=recorded_verbs(),
        items=items,
        more=more,
        before=(day - timedelta(days=1)).isoformat(),
        after=(day + timedelta(days=1)).isoformat() if day < today else None,
        office=reading.sees_office(page.caller),
    )


def case_trail(page: Page, number: str) -> Answer:
    """What was done to one case, oldest first."""
    found = reading.trail_of_case(
        page.session, page.deps, page.caller, number, cursor=request.args.get("cursor")
    )
    more = url_for("admin.case_trail", number=number, cursor=found.next_cursor) if found.next_cursor else None
    items = [_shown(row) for row in found.items]
    if request.headers.get("HX-Request") and request.args.get("cursor"):
        return render_template("parts/trail_rows.html", items=items, more=more, single=True)
    return page.render("case_trail.html", section="admin.trail", number=number, items=items, more=more)


def _day(text: str | None, today: date) -> date:
    try:
        return min(max(date.fromisoformat(text or ""), date(2000, 1, 1)), today)
    except ValueError:
        return today


def _shown(row: Any) -> dict[str, Any]:
    is_case = not (row.chain.startswith(("office/", "instance/")) or row.chain == "anchors")
    return {
        "number": row.chain if is_case else None,
        "chain": row.chain,
        "seq": row.seq,
        "at": row.at,
        "actor": row.actor_name,
        "by_system": row.actor_kind == "system",
        "verb": row.verb,
        "verb_zh": verb_zh(row.verb),
        "subject": row.subject,
        "subject_id": row.subject_id,
        "changes": [(*label(name), *values) for name, *values in changes(row.before, row.after)],
        "hash": row.hash.hex(),
    }
