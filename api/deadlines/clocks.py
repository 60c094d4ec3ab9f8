"""Clocks: the limits of a case, what is left of them, why one stands still, and what moves them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, text
from api.showing import Shown
from tasks.deadlines.calendar.limits import plain
from tasks.deadlines.clocks import reading
from tasks.deadlines.clocks.changing import extending, pausing, promising
from tasks.deadlines.policies.pauses import PAUSE_REASONS

blueprint = ApiBlueprint("clocks", __name__, description="Clocks 时限")


class ClockLeftSchema(Shown):
    """What is left, negative when it is over: natural and office time in seconds, and whole working days after today."""

    seconds = fields.Integer()
    office_seconds = fields.Integer()
    working_days = fields.Integer()


class ClockSchema(Shown):
    """A clock. While it stands still `due_at` and `warn_at` are null, and `left` says what it goes on with."""

    id = fields.UUID()
    kind = fields.String(metadata={"description": "case, stage or task"})
    code = fields.String()
    name = fields.String()
    number = fields.String()
    activity_id = fields.String()
    token_id = fields.UUID(metadata={"description": "Of a task's clock the task's id"})
    holder = fields.String(
        metadata={
            "description": "The candidate group that has its work; of a stage that is over the one it counts for"
        }
    )
    region = fields.String()
    state = fields.String(metadata={"description": "running, paused or stopped"})
    amount = fields.String()
    unit = fields.String(metadata={"description": "h, cd, wd, or at: a fixed instant"})
    extended = fields.String()
    target = fields.String(allow_none=True)
    target_at = Instant(allow_none=True)
    started_at = Instant()
    due_at = Instant(allow_none=True)
    warn_at = Instant(allow_none=True)
    provisional = fields.Boolean(
        metadata={"description": "Counted over a year whose calendar is not published"}
    )
    promised_at = Instant(allow_none=True)
    late = fields.Boolean()
    left = fields.Nested(ClockLeftSchema, allow_none=True)
    revision = fields.Integer()
    paused_at = Instant(allow_none=True)
    pause_reason = fields.String()
    pause_note = fields.String(allow_none=True)
    paused_by = fields.String()
    may_pause_for = fields.List(fields.String())
    stopped_at = Instant(allow_none=True)
    stop_reason = fields.String()
    open_requests = fields.Integer()


class ClockPauseSchema(Shown):
    reason = fields.String()
    note = fields.String()
    from_at = Instant()
    to_at = Instant(allow_none=True)
    begun_by = fields.String()
    ended_by = fields.String()


class ClockRevisionSchema(Shown):
    revision = fields.Integer()
    due_at = Instant(allow_none=True)
    provisional = fields.Boolean()
    cause = fields.String()
    at = Instant()
    by = fields.String()


class ClockRequestSchema(Shown):
    id = fields.UUID()
    kind = fields.String()
    amount = fields.String(allow_none=True)
    reason = fields.String()
    due_before = Instant(allow_none=True)
    due_after = Instant(allow_none=True)
    state = fields.String()
    asked_at = Instant()
    asked_by = fields.String()
    decided_at = Instant(allow_none=True)
    decided_by = fields.String()
    note = fields.String()


class ClockPromiseSchema(Shown):
    promised_at = Instant()
    made_at = Instant()
    made_by = fields.String()
    text = fields.String()


class ClockStorySchema(ClockSchema):
    """A clock with its suspension ledger, every due instant it has had, its requests and its promises."""

    pauses = fields.List(fields.Nested(ClockPauseSchema))
    revisions = fields.List(fields.Nested(ClockRevisionSchema))
    requests = fields.List(fields.Nested(ClockRequestSchema))
    promises = fields.List(fields.Nested(ClockPromiseSchema))


class ClockList(Shown):
    items = fields.List(fields.Nested(ClockSchema))


class NewPauseSchema(Schema):
    """Why clocks stand still; `from_at` for a pause that is told late."""

    reason = text(60, metadata={"description": ", ".join(PAUSE_REASONS)})
    note = text(pausing.LONGEST_NOTE, required=False, least=0, load_default="")
    from_at = Instant(load_default=None, allow_none=True)


class ResumeSchema(Schema):
    note = text(pausing.LONGEST_NOTE, required=False, least=0, load_default="")


class NewExtensionSchema(Schema):
    """`amount` in the clock's own unit, hours for a fixed instant; `promise_until`: what the customer is told anew."""

    amount = fields.Decimal(required=True, as_string=True)
    reason = text(extending.LONGEST_REASON)
    promise_until = Instant(load_default=None, allow_none=True)
    promise_text = text(promising.LONGEST_TEXT, required=False, least=0, load_default="")


class ClockDecisionSchema(Schema):
    approve = fields.Boolean(required=True, truthy={True}, falsy={False})
    note = text(extending.LONGEST_REASON, required=False, least=0, load_default="")


class NewPromiseSchema(Schema):
    until = Instant(required=True)
    text = text(promising.LONGEST_TEXT, required=False, least=0, load_default="")


def clock_body(clock: reading.ClockSeen) -> dict[str, Any]:
    """A clock for an answer."""
    row = clock.row._asdict()
    left = clock.left
    return {
        **row,
        "state": clock.state,
        "holder": row["held_by"],
        "due_at": clock.due_at,
        "target_at": clock.target_at,
        "late": clock.late,
        "left": left
        and {
            "seconds": left.natural // timedelta(seconds=1),
            "office_seconds": left.office // timedelta(seconds=1),
            "working_days": left.days,
        },
        "amount": plain(row["amount"]),
        "extended": plain(row["extended"]),
        "target": None if row["target"] is None else plain(row["target"]),
        "paused_by": row["paused_by_name"] if row["paused_at"] else "",
        "may_pause_for": row["pausable"],
    }


@operation(
    blueprint,
    "GET",
    "/cases/<string(maxlength=60):number>/clocks",
    id="listCaseClocks",
    permission="clock.read",
    answer=ClockList,
    summary="The clocks of a case, oldest first",
)
def list_case_clocks(call: Call, number: str) -> dict[str, Any]:
    found = reading.clocks_of_case(call.session, call.deps, call.caller, number)
    return {"items": [clock_body(clock) for clock in found]}


@operation(
    blueprint,
    "POST",
    "/cases/<string(maxlength=60):number>/clocks/pause",
    id="pauseCase",
    permission="clock.pause",
    body=NewPauseSchema,
    answer=ClockList,
    summary="Have all clocks of a case stand still that may for this reason",
)
def pause_case(call: Call, body: dict[str, Any], number: str) -> dict[str, Any]:
    pausing.pause_case(call.session, call.deps, call.caller, number, **body)
    return _of_case(call, number)


@operation(
    blueprint,
    "POST",
    "/cases/<string(maxlength=60):number>/clocks/resume",
    id="resumeCase",
    permission="clock.resume",
    body=ResumeSchema,
    answer=ClockList,
    summary="Have the clocks of a case go on",
)
def resume_case(call: Call, body: dict[str, Any], number: str) -> dict[str, Any]:
    pausing.resume_case(call.session, call.deps, call.caller, number, **body)
    return _of_case(call, number)


@operation(
    blueprint,
    "GET",
    "/clocks/<uuid:clock_id>",
    id="readClock",
    permission="clock.read",
    answer=ClockStorySchema,
    summary="One clock with its ledger, its revisions, requests and promises",
)
def read_clock(call: Call, clock_id: UUID) -> dict[str, Any]:
    return _story(call, clock_id)


@operation(
    blueprint,
    "POST",
    "/clocks/<uuid:clock_id>/pause",
    id="pauseClock",
    permission="clock.pause",
    body=NewPauseSchema,
    answer=ClockStorySchema,
    summary="Have a clock stand still",
)
def pause_clock(call: Call, body: dict[str, Any], clock_id: UUID) -> dict[str, Any]:
    pausing.pause_clock(call.session, call.deps, call.caller, clock_id, **body)
    return _story(call, clock_id)


@operation(
    blueprint,
    "POST",
    "/clocks/<uuid:clock_id>/resume",
    id="resumeClock",
    permission="clock.resume",
    body=ResumeSchema,
    answer=ClockStorySchema,
    summary="Have a clock go on",
)
def resume_clock(call: Call, body: dict[str, Any], clock_id: UUID) -> dict[str, Any]:
    pausing.resume_clock(call.session, call.deps, call.caller, clock_id, **body)
    return _story(call, clock_id)


@operation(
    blueprint,
    "POST",
    "/clocks/<uuid:clock_id>/extensions",
    id="askExtension",
    permission="clock.ask",
    body=NewExtensionSchema,
    answer=ClockStorySchema,
    status=201,
    summary="Ask for more time",
)
def ask_extension(call: Call, body: dict[str, Any], clock_id: UUID) -> dict[str, Any]:
    extending.ask_extension(
        call.session,
        call.deps,
        call.caller,
        clock_id,
        amount=body["amount"],
        reason=body["reason"],
        promise=body["promise_until"],
        text=body["promise_text"],
    )
    return _story(call, clock_id)


@operation(
    blueprint,
    "POST",
    "/clocks/<uuid:clock_id>/requests/<uuid:request_id>/decide",
    id="decideClockRequest",
    permission="clock.decide",
    body=ClockDecisionSchema,
    answer=ClockStorySchema,
    summary="Approve or refuse more time, or a shortening against a promise",
)
def decide(call: Call, body: dict[str, Any], clock_id: UUID, request_id: UUID) -> dict[str, Any]:
    extending.decide(call.session, call.deps, call.caller, clock_id, request_id, **body)
    return _story(call, clock_id)


@operation(
    blueprint,
    "POST",
    "/clocks/<uuid:clock_id>/promises",
    id="promiseCustomer",
    permission="clock.promise",
    body=NewPromiseSchema,
    answer=ClockStorySchema,
    status=201,
    summary="Keep what the customer was promised; it moves no limit",
)
def promise(call: Call, body: dict[str, Any], clock_id: UUID) -> dict[str, Any]:
    promising.promise(call.session, call.deps, call.caller, clock_id, **body)
    return _story(call, clock_id)


def _of_case(call: Call, number: str) -> dict[str, Any]:
    found = reading.clocks_of_case(call.session, call.deps, call.caller, number)
    return {"items": [clock_body(clock) for clock in found]}


def _story(call: Call, clock_id: UUID) -> dict[str, Any]:
    found = reading.read_clock(call.session, call.deps, call.caller, clock_id)
    return {
        **clock_body(found.clock),
        "pauses": [
            {**row._asdict(), "begun_by": row.begun_by_name, "ended_by": row.ended_by_name}
            for row in found.pauses
        ],
        "revisions": [{**row._asdict(), "by": row.by_name} for row in found.revisions],
        "requests": [
            {
                **row._mapping,
                "amount": None if row.amount is None else plain(row.amount),
                "asked_by": row.asked_by_name,
                "decided_by": row.decided_by_name,
            }
            for row in found.requests
        ],
        "promises": [{**row._asdict(), "made_by": row.made_by_name} for row in found.promises],
    }
