"""What I was told: the list, how much of it is unread, and having read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, Paged
from api.showing import Shown
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
