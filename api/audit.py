"""The audit trail: of one case, and of everything within the reader's reach."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, Paged, name, text
from api.showing import Shown
from tasks.audit import reading
from tasks.audit.words import verb_zh

blueprint = ApiBlueprint("audit", __name__, description="Audit trail 审计记录")


class ActorSchema(Shown):
    id = fields.String()
    name = fields.String()
    kind = fields.String()


class LineSchema(Shown):
    """One verb that was done. `before` and `after` are JSON as it was sealed, with digests for what people wrote; `hash`
    is the seal, `previous` that of the line before it.
    """

    chain = fields.String()
    seq = fields.Integer()
    at = Instant()
    actor = fields.Nested(ActorSchema)
    verb = fields.String()
    verb_zh = fields.String()
    subject = fields.String()
    subject_id = fields.String()
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)
    previous = fields.String()
    hash = fields.String()


class TrailPage(Shown):
    items = fields.List(fields.Nested(LineSchema))
    next_cursor = fields.String(allow_none=True)


class TrailQuery(Paged):
    since = Instant()
    before = Instant()
    actor = text(required=False)
    verb = name()


@operation(
    blueprint,
    "GET",
    "/cases/<string(maxlength=60):number>/audit",
    id="readCaseTrail",
    permission="audit.read",
    query=Paged,
    answer=TrailPage,
    summary="What was done to a case, oldest first",
)
def read_case_trail(call: Call, query: dict[str, Any], number: str) -> dict[str, Any]:
    return _page(reading.trail_of_case(call.session, call.deps, call.caller, number, **query))


@operation(
    blueprint,
    "GET",
    "/audit",
    id="readTrail",
    permission="audit.read",
    query=TrailQuery,
    answer=TrailPage,
    summary="What was done to cases within my reach, latest first",
)
def read_trail(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    paged = {key: query.pop(key) for key in ("limit", "cursor") if key in query}
    where = reading.TrailFilter(**query)
    return _page(reading.trail(call.session, call.caller, where=where, **paged))


def _page(page: Any) -> dict[str, Any]:
    return {"items": [_line(row) for row in page.items], "next_cursor": page.next_cursor}


def _line(row: Any) -> dict[str, Any]:
    return {
        **row._mapping,
        "actor": {"id": row.actor_id, "name": row.actor_name, "kind": row.actor_kind},
        "verb_zh": verb_zh(row.verb),
        "previous": row.previous.hex(),
        "hash": row.hash.hex(),
    }
