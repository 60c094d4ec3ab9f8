"""Comments on cases and tasks: write, read. None is ever changed or deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, Paged, Who, who
from api.showing import Shown
from tasks.talk import comments, steps

blueprint = ApiBlueprint("comments", __name__, description="Comments 备注")


class CommentSchema(Shown):
    """A comment. `unit` is the author's unit when it was written; `task_id` is null where it is about the whole case."""

    id = fields.UUID()
    task_id = fields.UUID(allow_none=True)
    text = fields.String()
    author = fields.Nested(Who)
    unit = fields.String()
    step = fields.String(
        allow_none=True,
        metadata={
            "description": f"Of what was said with a step on the task: {', '.join(steps.STEPS)}; null: a comment"
        },
    )
    at = Instant()


class CommentPage(Shown):
    items = fields.List(fields.Nested(CommentSchema))
    next_cursor = fields.String(allow_none=True)


class CommentListQuery(Paged):
    order = fields.String(load_default="oldest", validate=validate.OneOf(["oldest", "latest"]))


class NewCommentSchema(Schema):
    """`@login` tells a person who may see the case. New lines become line feeds, blanks around the text go."""

    text = fields.String(
        required=True,
        metadata={
            "description": f"1 to {comments.LONGEST} characters; no control characters but tab and new line"
        },
    )


def comment_body(row: Any) -> dict[str, Any]:
    return {**row._mapping, "author": who(row.author_id, row.author_name), "unit": row.author_unit}


def _listed(page: Any) -> dict[str, Any]:
    return {"items": [comment_body(row) for row in page.items], "next_cursor": page.next_cursor}


@operation(
    blueprint,
    "GET",
    "/cases/<string(maxlength=60):number>/comments",
    id="listCaseComments",
    permission="comment.read",
    query=CommentListQuery,
    answer=CommentPage,
    summary="The comments on a case and its tasks",
)
def list_case_comments(call: Call, query: dict[str, Any], number: str) -> dict[str, Any]:
    latest = query.pop("order") == "latest"
    return _listed(
        comments.comments_of_case(call.session, call.deps, call.caller, number, latest=latest, **query)
    )


@operation(
    blueprint,
    "POST",
    "/cases/<string(maxlength=60):number>/comments",
    id="commentCase",
    permission="comment.add",
    body=NewCommentSchema,
    answer=CommentSchema,
    status=201,
    summary="Comment on a case",
)
def comment_case(call: Call, body: dict[str, Any], number: str) -> dict[str, Any]:
    return comment_body(comments.comment_case(call.session, call.deps, call.caller, number, body["text"]))


@operation(
    blueprint,
    "GET",
    "/tasks/<uuid:task_id>/comments",
    id="listTaskComments",
    permission="comment.read",
    query=CommentListQuery,
    answer=CommentPage,
    summary="The comments on one task",
)
def list_task_comments(call: Call, query: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    latest = query.pop("order") == "latest"
    return _listed(
        comments.comments_of_task(call.session, call.deps, call.caller, task_id, latest=latest, **query)
    )


@operation(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/comments",
    id="commentTask",
    permission="comment.add",
    body=NewCommentSchema,
    answer=CommentSchema,
    status=201,
    summary="Comment on a task that is not over",
)
def comment_task(call: Call, body: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    return comment_body(comments.comment_task(call.session, call.deps, call.caller, task_id, body["text"]))
