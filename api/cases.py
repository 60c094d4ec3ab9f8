"""Cases: file one under any deployed regime, list, read, send a message to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import jsonify, request
from marshmallow import Schema, fields, validate

from api.deadlines.faces import FaceSchema, face_body
from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, Paged, Who, name, plain, text, who
from api.showing import Shown
from api.task_shapes import TaskSchema
from api.tasks import task_body, with_clocks
from tasks.cases import confiding, filing, reading
from tasks.cases.facts import facts_of
from tasks.cases.letterbox import open_messages
from tasks.cases.linking.links import KINDS, children_of, links_of
from tasks.cases.outward import outward
from tasks.cases.submissions import Sent, keep_answer
from tasks.deadlines.faces.face import Face
from tasks.deadlines.faces.reading import clocks_of_cases
from tasks.lists.around import tasks_of_case
from tasks.processes import steering
from tasks.search.finding import LONGEST, SEARCHED
from tasks.talk.notices import notices_of_case

blueprint = ApiBlueprint("cases", __name__, description="Cases 案件")

ALIASES = {"complaints": "complaint", "upgrade-complaints": "upgrade_complaint", "appeals": "appeal"}
"""Friendly paths for the three core regimes: `POST /complaints` is `POST /cases/complaint`."""


class CaseSchema(Shown):
    """A case as lists show it; `status` is its instance's, asked each time and never stored beside it. `clock`: of its own
    and its stages' clocks the one that binds.
    """

    id = fields.UUID()
    number = fields.String()
    regime = fields.String()
    status = fields.String(allow_none=True)
    outcome = fields.String(
        allow_none=True,
        metadata={"description": "How it turned out, as its diagram says: resolved, upgraded, …"},
    )
    org = fields.String()
    province = fields.String()
    filed_at = Instant()
    filed_by = fields.Nested(Who)
    archived_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    instance_id = fields.UUID(allow_none=True)
    clock = fields.Nested(FaceSchema, allow_none=True)
    confidential = fields.Boolean(
        metadata={
            "description": "Whether fewer people see it than its units; in lists its facts are not shown"
        }
    )


class LinkSchema(Shown):
    """A case this one is linked with. `earlier`: it is the earlier of the two; `open`: it is under way still."""

    number = fields.String()
    kind = fields.String()
    kind_name = fields.String()
    earlier = fields.Boolean()
    regime = fields.String()
    filed_at = Instant()
    status = fields.String(allow_none=True)
    outcome = fields.String(allow_none=True)
    open = fields.Boolean()


class ChildrenSchema(Shown):
    """Of a master: how many cases hang below it, how many are under way still, and when they were told that it is resolved."""

    all = fields.Integer()
    open = fields.Integer()
    released_at = Instant(allow_none=True)


class NoticeSchema(Shown):
    id = fields.UUID()
    audience = fields.String()
    to_group = fields.String()
    template = fields.String()
    text = fields.String()
    created_at = Instant()


class OpenMessageSchema(Shown):
    """A message of `POST /cases/{number}/messages`. `form`: what its payload has to pass; null: it may carry anything."""

    name = fields.String()
    label = fields.String()
    form_key = fields.String(allow_none=True)
    form = fields.Dict(allow_none=True)
    context = fields.Dict(allow_none=True)


class CaseDetailSchema(CaseSchema):
    """A case with its facts, tasks, notices and linked cases.

    A body outside the company is told number, regime, status, times, the facts it sent itself and the messages it may send.
    """

    facts = fields.Dict()
    tasks = fields.List(fields.Nested(TaskSchema))
    notices = fields.List(fields.Nested(NoticeSchema))
    links = fields.List(fields.Nested(LinkSchema))
    children = fields.Nested(ChildrenSchema, allow_none=True)
    confidential_reason = fields.String()
    messages = fields.List(
        fields.Nested(OpenMessageSchema),
        metadata={"description": "What the process waits for and I may send"},
    )


class CaseListQuery(Paged):
    regime = name()
    status = fields.String(validate=validate.OneOf(["active", "suspended", "completed", "cancelled"]))
    outcome = name(60)
    number = name(24)
    q = text(LONGEST, required=False, metadata={"description": SEARCHED})
    filed_from = Instant()
    filed_before = Instant()


class CasePage(Shown):
    items = fields.List(fields.Nested(CaseSchema))
    next_cursor = fields.String(allow_none=True)


class EarlierSchema(Schema):
    """An earlier case this one refers to, for example the complaint an upgrade complaint goes back to."""

    number = name(60, required=True)
    kind = name(60, required=True)


class FilingSchema(Schema):
    """`facts` answers the regime's start form; `org` is the filing unit where the caller sits in several."""

    facts = fields.Dict(keys=fields.String(), required=True)
    org = name()
    links = fields.List(fields.Nested(EarlierSchema), validate=validate.Length(max=20))


class FiledSchema(Shown):
    """A new case. `query_code` is shown this once."""

    id = fields.UUID()
    number = fields.String()
    query_code = fields.String()
    regime = fields.String()
    filed_at = Instant()
    instance_id = fields.UUID()
    tasks = fields.List(fields.Nested(TaskSchema))


class RegimeSchema(Schema):
    key = fields.String()
    name = fields.String()
    prefix = fields.String()
    form_key = fields.String(allow_none=True)
    form = fields.Dict(allow_none=True)
    startable = fields.Boolean(metadata={"description": "Whether all its diagram asks for is bound"})


class RegimeList(Schema):
    items = fields.List(fields.Nested(RegimeSchema))


class MessageSchema(Schema):
    name = name(200, required=True)
    payload = plain()


class ConfideSchema(Schema):
    confidential = fields.Boolean(required=True)
    reason = text(500)


class DeliveredSchema(Schema):
    """Who took the message: the instance and its status, and the tasks that appeared."""

    instance_id = fields.UUID()
    status = fields.String()
    ended = fields.Boolean()


OUTWARD = ("number", "regime", "status", "filed_at", "ended_at", "archived_at")
"""What a list shows of a case to a body outside."""


def case_body(row: Any) -> dict[str, Any]:
    if not row.inside:
        return {name: getattr(row, name) for name in OUTWARD}
    return {
        **row._mapping,
        "facts": facts_of(row),
        "org": row.org_code,
        "filed_by": who(row.filed_by, row.filed_by_name),
    }


def clock_of(row: Any, faces: Mapping[UUID, Face]) -> dict[str, Any]:
    """The clock a case shows to those who see it from within."""
    return {"clock": face_body(faces.get(row.id))} if row.inside else {}


@operation(
    blueprint,
    "GET",
    "/regimes",
    id="listRegimes",
    permission="case.file",
    answer=RegimeList,
    summary="What a case can be filed under, with the start forms",
)
def list_regimes(call: Call) -> dict[str, Any]:
    return {"items": filing.regimes(call.session, call.deps)}


@operation(
    blueprint,
    "GET",
    "/cases",
    id="listCases",
    permission="case.read",
    query=CaseListQuery,
    answer=CasePage,
    summary="The cases I may see, latest first",
)
def list_cases(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    page = reading.case_list(call.session, call.caller, **query)
    faces = clocks_of_cases(call.session, call.deps, [row.id for row in page.items if row.inside])
    items = [case_body(row) | clock_of(row, faces) for row in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


@operation(
    blueprint,
    "POST",
    "/cases/<string(maxlength=100):regime>",
    id="fileCase",
    permission="case.file",
    body=FilingSchema,
    answer=FiledSchema,
    status=201,
    summary="File a case under a regime",
)
def file_case(call: Call, body: dict[str, Any], regime: str) -> Any:
    return _file(call, body, regime)


def _alias(path: str, regime: str) -> None:
    @operation(
        blueprint,
        "POST",
        f"/{path}",
        id=f"file_{regime}",
        permission="case.file",
        body=FilingSchema,
        answer=FiledSchema,
        status=201,
        summary=f"The same as POST /cases/{regime}",
    )
    def file_alias(call: Call, body: dict[str, Any]) -> Any:
        return _file(call, body, regime)


for _path, _regime in ALIASES.items():
    _alias(_path, _regime)


@operation(
    blueprint,
    "GET",
    "/cases/<string(maxlength=60):number>",
    id="readCase",
    permission="case.read",
    answer=CaseDetailSchema,
    summary="One case with its facts, tasks, notices and links",
)
def read_case(call: Call, number: str) -> dict[str, Any]:
    row = reading.read_case(call.session, call.deps, call.caller, number)
    if not row.inside:
        return asdict(outward(call.session, call.deps, call.caller, row))
    return {
        **case_body(row),
        **clock_of(row, clocks_of_cases(call.session, call.deps, [row.id])),
        "tasks": with_clocks(call, tasks_of_case(call.session, row.id)),
        "notices": notices_of_case(call.session, row.number),
        "links": [_link(one) for one in links_of(call.session, call.caller, row.id)],
        "children": children_of(call.session, row.id),
        "messages": open_messages(call.session, call.deps, call.caller, row),
    }


@operation(
    blueprint,
    "POST",
    "/cases/<string(maxlength=60):number>/messages",
    id="sendMessage",
    permission="message.send",
    body=MessageSchema,
    answer=DeliveredSchema,
    summary="Give a message, such as withdraw or urge, to a case",
)
def send_message(call: Call, body: dict[str, Any], number: str) -> steering.Delivered:
    return steering.send_message(
        call.session, call.deps, call.caller, number, body["name"], body.get("payload"), _as_sent()
    )


@operation(
    blueprint,
    "PUT",
    "/cases/<string(maxlength=60):number>/confidential",
    id="confideCase",
    permission="case.confide",
    body=ConfideSchema,
    status=204,
    summary="Mark a case as confidential or open it again, with a reason",
)
def confide_case(call: Call, body: dict[str, Any], number: str) -> None:
    confiding.confide_case(call.session, call.deps, call.caller, number, **body)


def _link(row: Any) -> dict[str, Any]:
    words = KINDS.get(row.kind)
    return {**row._mapping, "kind_name": words[0 if row.earlier else 2] if words else row.kind}


def _as_sent() -> Sent:
    return Sent(request.get_data(cache=True), request.content_type or "")


def _file(call: Call, body: dict[str, Any], regime: str) -> Any:
    filed = filing.file_case(
        call.session,
        call.deps,
        call.caller,
        regime,
        body["facts"],
        org=body.get("org"),
        links=[(link["number"], link["kind"]) for link in body.get("links", ())],
        sent=_as_sent(),
    )
    where = {"Location": f"/api/v1/cases/{filed.number}"}
    if filed.answer is not None:
        return jsonify({**filed.answer, "query_code": filed.query_code}), 201, where
    answer = {
        "id": filed.id,
        "number": filed.number,
        "query_code": filed.query_code,
        "regime": filed.regime,
        "filed_at": filed.filed_at,
        "instance_id": filed.instance_id,
        "tasks": [task_body(call, dict(row)) for row in filed.tasks],
    }
    if filed.unique and not filed.repeated:
        keep_answer(call.session, filed.id, FiledSchema().dump(answer))
    return answer, 201, where
