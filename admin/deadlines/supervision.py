"""The supervisors' page 督办: what is warned and overdue now, what rang when and who was told, and the numbers of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from flask import render_template, request, url_for

from admin.page import Answer, Page
from admin.show.clocks import left_words
from admin.show.filters import label, span
from admin.show.groups import group_name, unit_name
from engine.errors import InvalidInput
from tasks.deadlines.faces.reading import faces_of
from tasks.deadlines.policies.pauses import pause_words
from tasks.deadlines.policies.rungs import read_rungs
from tasks.deadlines.supervision import log
from tasks.organisation.assigning.gaps import gaps_within

DAYS = (1, 7, 30, 90)
"""Periods to choose from, in days up to now."""


def supervision(page: Page) -> Answer:
    """What presses now, and the log of a period; `cursor` gives its next rows."""
    given = {key: request.args.get(key, "").strip()[:60] for key in ("unit", "code", "step")}
    organisation = page.deps.office.current(page.session).organisation
    unit = given["unit"] if given["unit"] in organisation.places else None
    days = next((each for each in DAYS if str(each) == request.args.get("days")), DAYS[1])
    now = page.deps.clock.now()
    where = log.RingFilter(
        unit, given["code"] or None, _step(given["step"]), since=now - timedelta(days=days)
    )
    found = log.ring_list(
        page.session, page.deps, page.caller, where=where, cursor=request.args.get("cursor")
    )
    kept = {**{key: value for key, value in given.items() if value}, "days": days}
    more = (
        url_for("admin.supervision", cursor=found.next_cursor, **cast(Any, kept))
        if found.next_cursor
        else None
    )
    rings = [_ring(organisation, row) for row in found.items]
    if request.headers.get("HX-Request") and request.args.get("cursor"):
        return render_template("parts/ring_rows.html", rings=rings, more=more)
    pressing = log.now_pressing(page.session, page.deps, page.caller, unit=unit)
    waiting = gaps_within(page.session, page.deps, page.caller)
    counts = log.ring_counts(page.session, page.deps, page.caller, where=where)
    return page.render(
        "supervision.html",
        section="admin.supervision",
        filters={**given, "days": days},
        all_days=DAYS,
        units=[(one.code, one.name) for one in organisation.units if not one.external],
        overdue=[_clock(organisation, row, now) for row in pressing.overdue],
        warned=[_clock(organisation, row, now) for row in pressing.warned],
        paused=[
            {**_clock(organisation, row, now), "left": left_words(face.left) if face.left else None}
            for row, face in zip(
                pressing.paused, faces_of(page.session, page.deps, pressing.paused), strict=True
            )
        ],
        requests=[
            {
                "number": one.row.number,
                "name": one.row.name,
                "code": one.row.code,
                "kind": label(one.row.kind, "request_kind"),
                "due_after": one.row.due_after,
                "reason": one.row.reason,
                "asked_at": one.row.asked_at,
                "asked_by_name": one.row.asked_by_name,
                "centre": unit_name(organisation, one.centre),
                "mine": one.mine,
                "confidential": one.row.confidential,
            }
            for one in pressing.requests
        ],
        orders=[
            {
                "id": row.id,
                "number": row.business_key,
                "by": row.assignee_name or row.asked_name or group_name(organisation, row.candidate_group),
                "state": row.state,
                "since": row.created_at,
            }
            for row in pressing.orders
        ],
        figures=[
            {
                "unit": unit_name(organisation, row.path),
                "code": row.code,
                "step": row.step,
                "rings": row.rings,
            }
            for row in counts
        ],
        unrouted=waiting.unrouted,
        deserted=[
            (group_name(organisation, name), count) for name, count in sorted(waiting.deserted.items())
        ],
        rings=rings,
        more=more,
        most=log.MOST,
    )


def panel(page: Page, case_id: Any) -> dict[str, Any]:
    """The supervision of a case for its page: linked instances, and what rang."""
    found = log.of_case_row(page.session, case_id)
    organisation = page.deps.office.current(page.session).organisation
    return {
        "linked": [
            {
                "instance_id": row.instance_id,
                "reason": row.reason,
                "clock": row.name or row.code or "",
                "opened_at": row.opened_at,
                "closed_at": row.closed_at,
                "close_reason": row.close_reason,
            }
            for row in found.supervisions
        ],
        "rings": [_ring(organisation, row) for row in found.rings],
    }


def _step(text: str) -> str | None:
    """A rung as the register writes it; what is none filters nothing."""
    try:
        return text if len(read_rungs(text)) == 1 else None
    except InvalidInput:
        return None


def _ring(organisation: Any, row: Any) -> dict[str, Any]:
    return {
        "at": row.rung_at,
        "step": row.step,
        "late": not row.step.endswith("%") or row.step == "100%",
        "number": row.number,
        "code": row.code,
        "name": row.name,
        "unit": unit_name(organisation, row.path),
        "told": [(one["name"], one["order"]) for one in row.told],
        "confidential": row.confidential,
    }


def _left(due: datetime | None, now: datetime) -> tuple[str, str] | None:
    """What is left in natural time, in words; None while the clock stands still."""
    if due is None:
        return None
    zh, en = span(due - now)
    return (f"剩 {zh}", f"{en} left") if due > now else (f"超时 {zh}", f"{en} over")


def _clock(organisation: Any, row: Any, now: datetime) -> dict[str, Any]:
    return {
        "number": row.number,
        "name": row.name,
        "code": row.code,
        "kind": row.kind,
        "unit": group_name(organisation, row.held_by),
        "due_at": row.due_at,
        "paused_at": row.paused_at,
        "why": pause_words(row.pause_reason),
        "left": _left(row.due_at, now),
        "late": row.due_at is not None and row.due_at <= now,
        "confidential": row.confidential,
    }
