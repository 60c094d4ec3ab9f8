"""Drafts of tasks: read one's own, keep it, forget it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.showing import Shown
from tasks import desk

blueprint = ApiBlueprint("drafts", __name__, description="Drafts 草稿")


class DraftSchema(Shown):
    """`revision`: counts the times it was saved; 0: there is none."""

    answers = fields.Dict()
    revision = fields.Integer()


class SaveDraftSchema(Schema):
    """`revision`: of the draft one goes on from, 0 for the first."""

    answers = fields.Dict(keys=fields.String(), required=True)
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31 - 2))


@operation(
    blueprint,
    "GET",
    "/tasks/<uuid:task_id>/draft",
    id="readDraft",
    permission="task.draft",
    answer=DraftSchema,
    summary="My draft of a task",
)
def read_draft(call: Call, task_id: UUID) -> desk.Draft:
    return desk.read_draft(call.session, call.caller, task_id)


@operation(
    blueprint,
    "PUT",
    "/tasks/<uuid:task_id>/draft",
    id="saveDraft",
    permission="task.draft",
    body=SaveDraftSchema,
    answer=DraftSchema,
    summary="Keep what I have filled in of a task I hold",
)
def save_draft(call: Call, body: dict[str, Any], task_id: UUID) -> desk.Draft:
    return desk.save_draft(call.session, call.deps, call.caller, task_id, body["answers"], body["revision"])


@operation(
    blueprint,
    "DELETE",
    "/tasks/<uuid:task_id>/draft",
    id="dropDraft",
    permission="task.draft",
    status=204,
    summary="Forget my draft of a task",
)
def drop_draft(call: Call, task_id: UUID) -> None:
    desk.drop_draft(call.session, call.deps, call.caller, task_id)
