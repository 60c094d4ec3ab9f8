"""What the working calendar's operations take and answer."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from api.fields import Instant, name, schema_of, text
from tasks.deadlines.calendar.asking import UNITS
from tasks.deadlines.calendar.keeping import LONGEST_REASON
from tasks.deadlines.calendar.limits import WORKING_DAYS
from tasks.deadlines.calendar.looking import WHY
from tasks.deadlines.calendar.notices.stated import KINDS


def _kind(**more: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(tuple(KINDS)), **more)


_REGION: dict[str, Any] = {
    "region": name(
        64, load_default="", metadata={"description": "A unit's code; without it the nation's calendar"}
    )
}
_ASKED: dict[str, Any] = {
    **_REGION,
    "unit": fields.String(load_default=WORKING_DAYS, validate=validate.OneOf(tuple(UNITS))),
    "published_only": fields.Boolean(
        load_default=False, metadata={"description": "Refuse what is counted over an unpublished year"}
    ),
}
_AMOUNT = text(20, metadata={"description": "A number above 0"})
_WHEN = {"description": "2026-02-13, or 2026-03-02T10:00 with or without an offset (Shanghai)"}
_REASON = text(LONGEST_REASON)
_PROVISIONAL = fields.List(
    fields.Integer(), metadata={"description": "The unpublished years it was counted over"}
)

RegionQuery = schema_of("CalendarRegionQuery", **_REGION)
AddQuery = schema_of(
    "CalendarAddQuery",
    **_ASKED,
    start=text(40, metadata=_WHEN),
    amount=_AMOUNT,
    rolls=fields.Boolean(load_default=True, metadata={"description": "Calendar days roll to a working day"}),
)
SubtractQuery = schema_of("CalendarSubtractQuery", **_ASKED, end=text(40, metadata=_WHEN), amount=_AMOUNT)
BetweenQuery = schema_of(
    "CalendarBetweenQuery", **_ASKED, first=text(40, metadata=_WHEN), last=text(40, metadata=_WHEN)
)
OverridesQuery = schema_of(
    "CalendarOverridesQuery",
    **_REGION,
    year=fields.Integer(required=True, validate=validate.Range(min=1900, max=2200)),
)
ReasonQuery = schema_of("CalendarReasonQuery", reason=_REASON)
DayBody = schema_of("CalendarDay", kind=_kind(required=True), reason=_REASON)
HoursBody = schema_of(
    "OfficeHoursBody",
    spans=text(200, metadata={"description": "09:00-12:00,13:00-18:00; a day may end at 24:00"}),
    reason=_REASON,
)

CountedSchema = schema_of(
    "CalendarCounted",
    end=fields.String(metadata={"description": "The day, or the instant in Shanghai, as people read it"}),
    day=fields.Date(),
    at=Instant(),
    provisional=_PROVISIONAL,
)
BetweenSchema = schema_of("CalendarBetween", amount=fields.Float(), provisional=_PROVISIONAL)
YearsSchema = schema_of(
    "CalendarYears",
    years=fields.List(
        fields.Nested(
            schema_of(
                "CalendarKnownYear",
                year=fields.Integer(),
                published=fields.Boolean(),
                source=fields.String(),
                published_on=fields.Date(allow_none=True),
                imported_at=Instant(allow_none=True),
                imported_by=fields.String(),
            )
        )
    ),
    missing=fields.List(
        fields.Integer(), metadata={"description": "Years that should be published by now and are not"}
    ),
)
YearSchema = schema_of(
    "CalendarYear",
    year=fields.Integer(),
    region=fields.String(),
    provisional=fields.Boolean(),
    hours=fields.String(),
    worked=fields.Integer(),
    days=fields.List(
        fields.Nested(
            schema_of(
                "CalendarYearDay",
                day=fields.Date(),
                kind=_kind(),
                mark=fields.String(),
                why=fields.String(validate=validate.OneOf(tuple(WHY))),
                name=fields.String(),
                region=fields.String(),
            )
        )
    ),
)
_MISTAKES = fields.List(
    fields.Nested(
        schema_of(
            "NoticeMistake",
            where=fields.String(metadata={"description": "The line or row"}),
            words=fields.String(),
            message=fields.String(),
            message_zh=fields.String(),
        )
    )
)
NoticeReportSchema = schema_of(
    "NoticeReport",
    digest=fields.String(metadata={"description": "Send it with the same notice to carry out exactly this"}),
    carried_out=fields.Boolean(),
    year=fields.Integer(),
    title=fields.String(),
    published_on=fields.Date(allow_none=True),
    published=fields.Boolean(metadata={"description": "The year was published already: a correction"}),
    changes=fields.List(
        fields.Nested(
            schema_of(
                "NoticeChange",
                day=fields.Date(),
                before=_kind(),
                after=_kind(),
                name_before=fields.String(),
                name_after=fields.String(),
            )
        )
    ),
    unchanged=fields.Integer(),
    clocks=fields.Integer(metadata={"description": "Open clocks counted over what changes"}),
    mistakes=_MISTAKES,
    warnings=_MISTAKES,
)
OverridesSchema = schema_of(
    "CalendarOverrides",
    days=fields.List(
        fields.Nested(
            schema_of(
                "CalendarOverride",
                region=fields.String(),
                day=fields.Date(),
                kind=_kind(),
                reason=fields.String(),
                changed_at=Instant(),
                changed_by=fields.String(),
                mine=fields.Boolean(metadata={"description": "The caller may take it back"}),
            )
        )
    ),
    hours=fields.List(
        fields.Nested(
            schema_of(
                "RegionOfficeHours",
                region=fields.String(),
                spans=fields.String(),
                changed_at=Instant(),
                changed_by=fields.String(),
                mine=fields.Boolean(),
            )
        )
    ),
)
DayChanged = schema_of(
    "CalendarDayChanged",
    region=fields.String(),
    day=fields.String(),
    kind=_kind(allow_none=True),
    changed=fields.Boolean(),
)
HoursSchema = schema_of("OfficeHours", region=fields.String(), spans=fields.String(allow_none=True))
