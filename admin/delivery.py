"""The operators' page of notices on their way out: how each channel stands, what became of each delivery, trying again."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for

from admin.page import Answer, Page
from admin.show.language import plain
from tasks.notices import outbox
from tasks.notices.tables import STATES
from tasks.talk.causes import CAUSES, NAMES

STATE_NAMES = {
    "queued": ("等待发送", "Waiting"),
    "sent": ("已发送", "Sent"),
    "failed": ("已放弃", "Given up"),
    "dropped": ("不必发送", "Not needed"),
}
FILTERS = ("state", "channel", "cause", "login")


def deliveries(page: Page) -> Answer:
    """How notices on their way out fared, latest first; of one state, channel, cause or person."""
    asked = {name: request.args.get(name, "").strip()[:100] for name in FILTERS}
    known = {"state": STATES, "cause": tuple(CAUSES)}
    kept = {name: text for name, text in asked.items() if text and text in known.get(name, (text,))}
    found = outbox.deliveries(
        page.session, page.deps, page.caller, cursor=request.args.get("cursor"), **cast(Any, kept)
    )
    more = (
        url_for("admin.deliveries", cursor=found.next_cursor, **cast(Any, kept))
        if found.next_cursor
        else None
    )
    values: dict[str, Any] = {
        "items": found.items,
        "more": more,
        "names": NAMES,
        "states": STATE_NAMES,
        "labels": _labels(page),
    }
    if request.headers.get("HX-Request") and request.args.get("cursor"):
        return render_template("parts/delivery_rows.html", may=page.may, **values)
    return page.render(
        "deliveries.html",
        section="admin.deliveries",
        filters={name: kept.get(name, "") for name in FILTERS},
        channels=outbox.standing(page.session, page.deps, page.caller),
        **values,
    )


def retry(page: Page, delivery_id: UUID) -> Answer:
    """Have one that was given up tried again."""
    outbox.try_again(page.session, page.deps, page.caller, delivery_id)
    flash(plain("将重新发送。", "It is tried again."), "done")
    return redirect(url_for("admin.deliveries", state="failed"))


def retry_all(page: Page) -> Answer:
    """Have everything of a channel that was given up tried again."""
    count = outbox.try_all_again(
        page.session, page.deps, page.caller, channel=request.form.get("channel", "")[:100]
    )
    flash(plain(f"将重新发送 {count} 条。", f"{count} are tried again."), "done")
    return redirect(url_for("admin.deliveries"))


def _labels(page: Page) -> dict[str, str]:
    return {name: channel.label or name for name, channel in page.deps.channels.items()}
