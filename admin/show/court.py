"""The ball-in-court ledger as people read it: a strip, and tables of minutes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from admin.show.filters import instant
from admin.show.language import brief
from tasks.deadlines.court.attributing import REASONS, reason_words
from tasks.deadlines.court.reading import Court, Line, Total
from tasks.organisation.tree import Organisation, code_of

LENGTH = 1000
"""How long the strip is in its own units."""
OUTSIDE = ("公司以外", "outside the company")


def court_words(court: Court, organisation: Organisation) -> dict[str, Any]:
    """The ledger of a case for its page."""

    def unit(path: str) -> str:
        if not path:
            return OUTSIDE[0]
        return organisation.names.get(organisation.moved_to(path), code_of(path))

    return {
        "start": court.start,
        "end": court.end,
        "running": court.running,
        "total": hours_words(court.minutes),
        "strip": _strip(court, unit),
        "legend": [(one.key, reason_words(one.key), hours_words(one.minutes)) for one in court.by_reason],
        "units": [
            {
                "unit": unit(one.key),
                "total": hours_words(one.minutes),
                "working": hours_words(one.working),
                "refusals": one.refusals,
                "reasons": brief("，", ", ").join(
                    f"{brief(*reason_words(why))} {hours_words(many)}" for why, many in one.reasons
                ),
            }
            for one in court.by_unit
        ],
        "stages": _stages(court.by_stage),
        "lines": [
            {
                "from_at": line.segment.from_at,
                "to_at": line.segment.to_at,
                "length": hours_words(line.minutes),
                "working": hours_words(line.working),
                "unit": unit(line.segment.unit),
                "holder": unit(line.segment.holder),
                "reason": line.segment.reason,
                "reason_words": reason_words(line.segment.reason),
                "step": line.segment.name,
            }
            for line in court.lines
        ],
    }


def hours_words(minutes: int | None) -> str:
    """Minutes as hours and minutes: a day of natural time and one of office time differ, so days say nothing here."""
    if minutes is None:
        return "—"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return brief(f"{rest} 分", f"{rest} min")
    return brief(f"{hours} 小时", f"{hours} h") + (brief(f" {rest} 分", f" {rest} min") if rest else "")


def _stages(totals: Iterable[Total]) -> list[dict[str, str]]:
    return [
        {
            "name": one.name or one.key or brief("没有待办工单", "no task waits"),
            "total": hours_words(one.minutes),
            "working": hours_words(one.working),
        }
        for one in totals
    ]


def _strip(court: Court, unit: Any) -> list[dict[str, Any]]:
    whole = (court.end - court.start).total_seconds()

    def place(at: datetime) -> float:
        return round((at - court.start).total_seconds() / whole * LENGTH, 2)

    return [
        {
            "x": place(line.segment.from_at),
            "width": round(place(line.segment.to_at) - place(line.segment.from_at), 2),
            "reason": line.segment.reason if line.segment.reason in REASONS else "machine",
            "title": _title(line, unit),
        }
        for line in court.lines
    ]


def _title(line: Line, unit: Any) -> str:
    one = line.segment
    return (
        f"{instant(one.from_at, 'short')} – {instant(one.to_at, 'short')} {unit(one.unit)} "
        f"{brief(*reason_words(one.reason))} {hours_words(line.minutes)}"
    )
