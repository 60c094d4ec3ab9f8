"""The working calendar: its years, counting in it, importing a notice, a unit's own days and office hours."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from flask import request

from api.deadlines.calendar_shapes import (
    AddQuery,
    BetweenQuery,
    BetweenSchema,
    CountedSchema,
    DayBody,
    DayChanged,
    HoursBody,
    HoursSchema,
    NoticeReportSchema,
    OverridesQuery,
    OverridesSchema,
    ReasonQuery,
    RegionQuery,
    SubtractQuery,
    YearSchema,
    YearsSchema,
)
from api.edge import ApiBlueprint, Call, operation
from engine.errors import InvalidInput
from tasks.deadlines.calendar import asking, keeping, looking
from tasks.deadlines.calendar.arithmetic import Calendar
from tasks.deadlines.calendar.notices import importing
from tasks.deadlines.calendar.region import mine, path_of
from tasks.organisation.exchange.reading import MOST_BYTES

blueprint = ApiBlueprint("calendar", __name__, description="Working calendar 工作日历")

READ, MANAGE = "calendar.read", "calendar.manage"
_NOTICE = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "description": "The notice as it was published, instead of a file"},
        "file": {
            "type": "string",
            "format": "binary",
            "description": "Its text, or CSV or XLSX: day, kind, name",
        },
        "year": {"type": "integer", "description": "The year it must be for"},
        "digest": {
            "type": "string",
            "description": "That of the report to carry out; without it only the report is made.",
        },
    },
}


@operation(
    blueprint,
    "GET",
    "/calendar/years",
    id="listCalendarYears",
    permission=READ,
    answer=YearsSchema,
    summary="The years limits can be counted in, and those that are missing",
)
def list_years(call: Call) -> dict[str, Any]:
    years, missing = looking.years(call.session, call.deps, call.caller)
    return {"years": years, "missing": missing}


@operation(
    blueprint,
    "GET",
    "/calendar/years/<int:year>",
    id="readCalendarYear",
    permission=READ,
    query=RegionQuery,
    answer=YearSchema,
    summary="A year day by day, as a unit keeps it",
)
def read_year(call: Call, query: dict[str, Any], year: int) -> looking.YearView:
    return looking.year(call.session, call.deps, call.caller, year, query["region"])


@operation(
    blueprint,
    "GET",
    "/calendar/add",
    id="addWorkingDays",
    permission=READ,
    query=AddQuery,
    answer=CountedSchema,
    summary="When a limit ends",
)
def add(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    found = asking.add(
        _calendar(call, query), query["start"], query["amount"], query["unit"], rolls=query["rolls"],
        published_only=query["published_only"],
    )  # fmt: skip
    return _counted(found)


@operation(
    blueprint,
    "GET",
    "/calendar/subtract",
    id="subtractWorkingDays",
    permission=READ,
    query=SubtractQuery,
    answer=CountedSchema,
    summary="When a limit must start to end then",
)
def subtract(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    found = asking.subtract(
        _calendar(call, query), query["end"], query["amount"], query["unit"], published_only=query["published_only"]
    )  # fmt: skip
    return _counted(found)


@operation(
    blueprint,
    "GET",
    "/calendar/between",
    id="countWorkingDays",
    permission=READ,
    query=BetweenQuery,
    answer=BetweenSchema,
    summary="How much lies between two days or instants",
)
def between(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    found = asking.between(
        _calendar(call, query), query["first"], query["last"], query["unit"], published_only=query["published_only"]
    )  # fmt: skip
    return {"amount": float(found.amount), "provisional": found.provisional}


@operation(
    blueprint,
    "POST",
    "/calendar/notices",
    id="importNotice",
    permission=MANAGE,
    answer=NoticeReportSchema,
    multipart=_NOTICE,
    summary="Report what a published notice would change; with the report's digest, do it",
)
def import_notice(call: Call) -> dict[str, Any]:
    unknown = (set(request.form) - {"text", "year", "digest"}) | (set(request.files) - {"file"})
    if unknown:
        raise InvalidInput(f"A notice was sent with the unknown field {sorted(unknown)[0][:60]}.")
    file, year = request.files.get("file"), request.form.get("year", "").strip()
    if year and not (year.isascii() and year.isdigit() and len(year) == 4):
        raise InvalidInput(
            f"A notice for the year '{year[:20]}' was sent; a year has four digits.",
            message_zh=f"“{year[:20]}”不是四位数的年份。",
        )
    notice = importing.Notice(
        request.form.get("text", ""),
        (file.filename or "file", file.read(MOST_BYTES + 1)) if file else None,
        int(year or 0),
    )
    digest = request.form.get("digest", "")
    if digest:
        done = importing.confirm(call.session, call.deps, call.caller, notice, digest)
        return {**asdict(done), "carried_out": True}
    return {
        **asdict(importing.report(call.session, call.deps, call.caller, notice)),
        "carried_out": False,
    }


@operation(
    blueprint,
    "GET",
    "/calendar/overrides",
    id="listCalendarOverrides",
    permission=READ,
    query=OverridesQuery,
    answer=OverridesSchema,
    summary="Days and office hours that units keep of their own",
)
def list_overrides(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    return {
        "days": looking.overrides(call.session, call.deps, call.caller, query["year"], query["region"]),
        "hours": looking.office_hours(call.session, call.deps, call.caller),
    }


@operation(
    blueprint,
    "PUT",
    "/calendar/overrides/<region>/<day>",
    id="setCalendarDay",
    permission=MANAGE,
    body=DayBody,
    answer=DayChanged,
    summary="Have a unit and everything below it rest or work on a day",
)
def set_day(call: Call, body: dict[str, Any], region: str, day: str) -> dict[str, Any]:
    new = keeping.set_day(
        call.session,
        call.deps,
        call.caller,
        region,
        _day(call, region, day),
        body["kind"],
        reason=body["reason"],
    )
    return {"region": region, "day": day, "kind": body["kind"], "changed": new}


@operation(
    blueprint,
    "DELETE",
    "/calendar/overrides/<region>/<day>",
    id="removeCalendarDay",
    permission=MANAGE,
    query=ReasonQuery,
    answer=DayChanged,
    summary="Have a unit keep a day as the units around it do again",
)
def remove_day(call: Call, query: dict[str, Any], region: str, day: str) -> dict[str, Any]:
    keeping.remove_day(
        call.session, call.deps, call.caller, region, _day(call, region, day), reason=query["reason"]
    )
    return {"region": region, "day": day, "kind": None, "changed": True}


@operation(
    blueprint,
    "PUT",
    "/calendar/hours/<region>",
    id="setOfficeHours",
    permission=MANAGE,
    body=HoursBody,
    answer=HoursSchema,
    summary="Have a unit and everything below it work in these hours",
)
def set_hours(call: Call, body: dict[str, Any], region: str) -> dict[str, Any]:
    spans = keeping.set_hours(
        call.session, call.deps, call.caller, region, body["spans"], reason=body["reason"]
    )
    return {"region": region, "spans": spans}


@operation(
    blueprint,
    "DELETE",
    "/calendar/hours/<region>",
    id="removeOfficeHours",
    permission=MANAGE,
    query=ReasonQuery,
    answer=HoursSchema,
    summary="Have a unit work in the hours of the units around it again",
)
def remove_hours(call: Call, query: dict[str, Any], region: str) -> dict[str, Any]:
    keeping.remove_hours(call.session, call.deps, call.caller, region, reason=query["reason"])
    return {"region": region, "spans": None}


def _calendar(call: Call, query: dict[str, Any]) -> Calendar:
    path = path_of(call.session, call.deps, query["region"])
    return call.deps.office.current(call.session).calendars.of(path)


def _counted(found: asking.Answer) -> dict[str, Any]:
    return {"end": found.text, "day": found.day, "at": found.at, "provisional": found.provisional}


def _day(call: Call, region: str, text: str) -> date:
    """The day of an address, once it is known that the caller may change the region's."""
    mine(call.session, call.deps, call.caller, region)
    found = asking.read_start(text)
    if not found.is_day:
        raise InvalidInput(
            f"The day '{text[:60]}' was given, but it is no day such as 2026-02-13.",
            message_zh=f"“{text[:60]}”不是 2026-02-13 这样的日期。",
        )
    return found.day
