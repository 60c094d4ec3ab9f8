"""What I was told: the list, how much of it is unread, and having read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, Paged
from api.showing import Shown
from tasks.notices.defaults import HOW
from tasks.notices.preferences import Preferences, prefer, preferences
from tasks.notices.times import MORNING, Digest, Quiet
from tasks.paging import Page
from tasks.talk import notices
from tasks.talk.causes import CAUSES

blueprint = ApiBlueprint("notices", __name__, description="Notices 通知")


class ToldSchema(Shown):
    """A notice to me or one of my groups. Of a confidential case it names only the number."""

    id = fields.UUID()
    cause = fields.String(metadata={"enum": list(CAUSES)})
    number = fields.String(metadata={"description": "The case number, or empty where it is about no case"})
    task_id = fields.UUID(allow_none=True)
    text = fields.String()
    text_en = fields.String()
    created_at = Instant()
    read = fields.Boolean()


class ToldPage(Shown):
    items = fields.List(fields.Nested(ToldSchema))
    next_cursor = fields.String(allow_none=True)


class NoticeListQuery(Paged):
    unread = fields.Boolean(load_default=False)


class UnreadSchema(Shown):
    """`unread` stops one above `capped_at`."""

    unread = fields.Integer()
    capped_at = fields.Integer()


class UpToSchema(Schema):
    up_to = fields.UUID(required=True)


class ReadSchema(Shown):
    """How many notices were unread until now."""

    read = fields.Integer()


class HowSchema(Schema):
    """How I am told of a cause through a channel: at once, with what has gathered, or never."""

    cause = fields.String(required=True, validate=validate.OneOf(list(CAUSES)))
    channel = fields.String(required=True, validate=validate.Length(1, 40))
    how = fields.String(required=True, validate=validate.OneOf(HOW))


class QuietSchema(Schema):
    """When I am sent nothing but rungs of the ladder: Shanghai time, such as 22:00; it may reach over midnight."""

    begins = fields.Time(required=True, format="%H:%M")
    ends = fields.Time(required=True, format="%H:%M")


class DigestSchema(Schema):
    """When what has gathered goes out: at this hour of every working day, Shanghai time; null: every full hour."""

    hour = fields.Integer(required=True, allow_none=True, strict=True, validate=validate.Range(0, 23))


class PreferencesSchema(Schema):
    """`how`: what is not named is as by default. `quiet`: null for no quiet hours."""

    how = fields.List(fields.Nested(HowSchema), required=True, validate=validate.Length(max=1000))
    quiet = fields.Nested(QuietSchema, required=True, allow_none=True)
    digest = fields.Nested(DigestSchema, load_default=lambda: {"hour": MORNING})


@operation(
    blueprint,
    "GET",
    "/notices",
    id="listNotices",
    permission="notice.read",
    query=NoticeListQuery,
    answer=ToldPage,
    summary="What I was told, unread first, each part latest first",
)
def list_notices(call: Call, query: dict[str, Any]) -> Page:
    return notices.notice_list(call.session, call.deps, call.caller, **query)


@operation(
    blueprint,
    "GET",
    "/notices/count",
    id="countNotices",
    permission="notice.read",
    answer=UnreadSchema,
    summary="How many notices I have not read",
)
def count_notices(call: Call) -> dict[str, int]:
    unread = notices.unread_count(call.session, call.deps, call.caller)
    return {"unread": unread, "capped_at": notices.COUNT_CAP}


@operation(
    blueprint,
    "POST",
    "/notices/<uuid:notice_id>/read",
    id="readNotice",
    permission="notice.read",
    status=204,
    summary="Say that I have read a notice",
)
def read_notice(call: Call, notice_id: UUID) -> None:
    notices.mark_read(call.session, call.deps, call.caller, notice_id)


@operation(
    blueprint,
    "POST",
    "/notices/read",
    id="readNotices",
    permission="notice.read",
    body=UpToSchema,
    answer=ReadSchema,
    summary="Say that I have read everything up to a notice",
)
def read_notices(call: Call, body: dict[str, Any]) -> dict[str, int]:
    return {"read": notices.mark_read_up_to(call.session, call.deps, call.caller, body["up_to"])}


@operation(
    blueprint,
    "GET",
    "/notices/preferences",
    id="readNoticePreferences",
    permission="notice.prefer",
    answer=PreferencesSchema,
    summary="What I want to be told outside the pages, and when",
)
def read_preferences(call: Call) -> dict[str, Any]:
    return _shown(preferences(call.session, call.deps, call.caller))


@operation(
    blueprint,
    "PUT",
    "/notices/preferences",
    id="setNoticePreferences",
    permission="notice.prefer",
    body=PreferencesSchema,
    answer=PreferencesSchema,
    summary="Say what I want to be told outside the pages, and when; replaces what I said before",
)
def set_preferences(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    how = {(each["cause"], each["channel"]): each["how"] for each in body["how"]}
    quiet = Quiet(**body["quiet"]) if body["quiet"] else None
    return _shown(prefer(call.session, call.deps, call.caller, how, quiet, Digest(**body["digest"])))


def _shown(what: Preferences) -> dict[str, Any]:
    return {
        "how": [{"cause": cause, "channel": name, "how": how} for (cause, name), how in what.how.items()],
        "quiet": what.quiet,
        "digest": what.digest,
    }
