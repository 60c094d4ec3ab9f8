"""What goes through a process, on its picture and as a table: tokens there now, volume, and how long it takes."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from flask import Response, request, url_for

from admin import queries
from admin.deadlines.outcomes import day_asked
from admin.page import Answer, Page
from admin.running.listing import units
from admin.show.filters import label, span
from admin.show.language import brief
from engine.dialect.ids import author_id, drawn_id
from engine.errors import InvalidInput
from tasks.deadlines.calendar.arithmetic import day_of
from tasks.deadlines.policies.words import LEVEL_NAMES
from tasks.permissions.matrix import CASELESS
from tasks.processes.flow import Flow, Passed, flow

PRESETS = (7, 30, 90)
COLUMNS = (
    "element", "name", "type", "entered", "completed", "cancelled", "now", "now_by_version", "median_hours",
    "p90_hours", "longest_hours",
)  # fmt: skip
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take a text beginning so for."""


def figures(page: Page, key: str) -> Answer:
    """The picture of a version with the figures on it, and the table."""
    asked = _asked()
    found = _found(page, key, asked)
    today = day_of(page.deps.clock.now())
    chosen: dict[str, Any] = {name: value for name, value in asked.items() if value}
    kept = {name: value for name, value in chosen.items() if name not in ("first", "last")}
    rows = [_row(page, one, asked) for one in found.elements]
    return page.render(
        "running/flow.html",
        section="admin.processes",
        island=True,
        flow=found,
        called=key in queries.called(page.session),
        asked=asked,
        rows=rows,
        units=units(page, "flow.read", all_roles=CASELESS),
        levels=LEVEL_NAMES,
        presets=[
            (days, url_for("admin.flow", key=key, first=today - timedelta(days=days - 1), last=today, **kept))
            for days in PRESETS
        ],
        csv_url=url_for("admin.flow_csv", key=key, **chosen),
        boot={
            "url": url_for("admin.drawn", definition_id=found.version.id),
            "elements": {
                row["drawn_id"]: {
                    "now": row["one"].now,
                    "entered": row["one"].entered,
                    "median": row["one"].median,
                    "p90": row["one"].p90,
                    "row": row["anchor"],
                }
                for row in rows
            },
        },
        as_of=page.deps.clock.now(),
    )


def download(page: Page, key: str) -> Answer:
    """The same figures as a file for a spreadsheet, times in hours."""
    found = _found(page, key, _asked())
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for one in found.elements:
        versions = " ".join(f"v{number}:{many}" for number, many in one.by_version.items())
        counts = (one.entered, one.completed, one.cancelled, one.now, versions)
        times = (_hours(value) for value in (one.median, one.p90, one.longest))
        writer.writerow([_safe(author_id(one.activity_id)), _safe(one.name), one.type, *counts, *times])
    response = Response("\ufeff" + written.getvalue(), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"flow-{found.first}-{found.last}.csv")
    return response


def _asked() -> dict[str, str]:
    wanted = {"version": 12, "first": 20, "last": 20, "unit": 200, "level": 60}
    return {name: request.args.get(name, "").strip()[:most] for name, most in wanted.items()}


def _found(page: Page, key: str, asked: dict[str, str]) -> Flow:
    version = asked["version"]
    if version and not (version.isascii() and version.isdigit() and 0 < int(version) < 2**31):
        raise InvalidInput(
            f"Figures of the version {version!r} were asked for; a version is a number such as 3.",
            message_zh=f"版本“{version}”不对，应为数字。",
        )
    return flow(
        page.session,
        page.deps,
        page.caller,
        key,
        version=int(version) if version else None,
        first=day_asked("first"),
        last=day_asked("last"),
        unit=asked["unit"] or None,
        level=asked["level"] or None,
    )


def _row(page: Page, one: Passed, asked: dict[str, str]) -> dict[str, Any]:
    kept = {name: value for name, value in asked.items() if value and name != "version"}
    return {
        "one": one,
        "id": author_id(one.activity_id),
        "drawn_id": drawn_id(one.activity_id),
        "anchor": f"row-{drawn_id(one.activity_id)}",
        "name": one.name or brief(*label(one.type, "element")),
        "type": label(one.type, "element"),
        "times": [(value, _words(value)) for value in (one.median, one.p90, one.longest)],
        "called": url_for("admin.flow", key=one.called, **kept) if one.called else None,  # type: ignore[arg-type]
        "instances": page.may("instance.read"),
    }


def _words(seconds: float | None) -> str:
    return "—" if seconds is None else brief(*span(timedelta(seconds=seconds)))


def _hours(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds / 3600:.2f}"


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) else text
