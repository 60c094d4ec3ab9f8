"""The versions of a process: which one is current, whether it still starts, and what differs between two of them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from api.deployments import ReceiptSchema, receipt_body
from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, text
from engine.dialect.comparing import plain
from tasks.processes.versions import callers, comparing, current

blueprint = ApiBlueprint("versions", __name__, description="Versions of processes 流程版本")


class ChooseVersionSchema(Schema):
    version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))
    note = text(2000, required=True)


class RetireProcessSchema(Schema):
    note = text(2000, required=True)


class FollowSchema(Schema):
    note = text(2000, required=True)


class CallerBehindSchema(Schema):
    key = fields.String()
    version = fields.Integer()
    name = fields.String()


class CallersBehindSchema(Schema):
    items = fields.List(fields.Nested(CallerBehindSchema))


class RestoreProcessSchema(Schema):
    note = text(2000, required=False, least=0)


class VersionRunningSchema(Schema):
    version = fields.Integer()
    running = fields.Integer(
        metadata={"description": "Instances that have not ended; they stay on their version"}
    )


class ProcessStandingSchema(Schema):
    key = fields.String()
    name = fields.String()
    version = fields.Integer(metadata={"description": "The version that starts and calls use"})
    startable = fields.Boolean()
    chosen_at = Instant(
        allow_none=True, metadata={"description": "When somebody made it current instead of the newest"}
    )
    chosen_by_name = fields.String()
    note = fields.String()
    retired_at = Instant(allow_none=True, metadata={"description": "Since when nothing new starts"})
    retired_by_name = fields.String()
    retired_note = fields.String()
    running = fields.List(fields.Nested(VersionRunningSchema))


class CompareQuery(Schema):
    before = fields.Integer(data_key="from", validate=validate.Range(1, 2**31 - 1))
    after = fields.Integer(data_key="to", validate=validate.Range(1, 2**31 - 1))


class ComparedVersionSchema(Schema):
    version = fields.Integer()
    tag = fields.String()
    name = fields.String()
    deployed_at = Instant()
    deployed_by_name = fields.String()
    note = fields.String()
    running = fields.Integer()
    current = fields.Boolean()


class ComparedDetailSchema(Schema):
    path = fields.String()
    label = fields.String()
    label_zh = fields.String()
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)


class ComparedRowSchema(Schema):
    what = fields.String(validate=validate.OneOf(["added", "removed", "changed", "moved"]))
    before = fields.Integer(allow_none=True)
    after = fields.Integer(allow_none=True)
    cells = fields.List(fields.Nested(ComparedDetailSchema))


class ComparedChangeSchema(Schema):
    what = fields.String(validate=validate.OneOf(["added", "removed", "changed", "moved"]))
    id = fields.String()
    kind = fields.String()
    label = fields.String()
    label_zh = fields.String()
    name = fields.String()
    scope = fields.String()
    other_id = fields.String(
        allow_none=True, metadata={"description": "The id this element had, or seems to have now"}
    )
    in_picture = fields.Boolean()
    details = fields.List(fields.Nested(ComparedDetailSchema))
    drawing = fields.List(fields.Nested(ComparedDetailSchema))
    rows = fields.List(fields.Nested(ComparedRowSchema))


class UnreadableFileSchema(Schema):
    side = fields.String()
    message = fields.String()
    message_zh = fields.String()
    line = fields.Integer(allow_none=True)


class ComparedFileSchema(Schema):
    file = fields.String()
    kind = fields.String()
    key = fields.String()
    what = fields.String(metadata={"description": "added, removed, changed or same"})
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    problems = fields.List(fields.Nested(UnreadableFileSchema))
    changes = fields.List(fields.Nested(ComparedChangeSchema))


class ComparedCallSchema(Schema):
    key = fields.String()
    before = fields.Integer(allow_none=True)
    after = fields.Integer(allow_none=True)


class ComparedBindingSchema(Schema):
    need = fields.String()
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)


class VersionComparisonSchema(Schema):
    key = fields.String()
    name = fields.String()
    same = fields.Boolean()
    before = fields.Nested(ComparedVersionSchema, data_key="from")
    after = fields.Nested(ComparedVersionSchema, data_key="to")
    files = fields.List(fields.Nested(ComparedFileSchema))
    calls = fields.List(fields.Nested(ComparedCallSchema))
    bindings = fields.List(fields.Nested(ComparedBindingSchema))


@operation(
    blueprint,
    "GET",
    "/process-definitions/<key>/compare",
    id="compareVersions",
    permission="definition.read",
    query=CompareQuery,
    answer=VersionComparisonSchema,
    summary="What differs between two versions of a process: elements, attributes, fields, rows, calls, bindings",
)
def compare_versions(call: Call, query: dict[str, Any], key: str) -> dict[str, Any]:
    found = comparing.compare(call.session, call.caller, key, query.get("before"), query.get("after"))
    return {
        "key": found.key,
        "name": found.name,
        "same": found.same,
        "before": found.before,
        "after": found.after,
        "files": [plain(part) for part in found.parts],
        "calls": found.calls,
        "bindings": found.bindings,
    }


def _standing(call: Call, key: str) -> dict[str, Any]:
    found = current.standing(call.session, call.caller, key)
    there = current.running(call.session, key)
    return {
        **{name: getattr(found, name) for name in found.__slots__},
        "running": [
            {"version": version, "running": there[version]} for version in sorted(there, reverse=True)
        ],
    }


@operation(
    blueprint,
    "GET",
    "/process-definitions/<key>/current",
    id="readCurrent",
    permission="definition.read",
    answer=ProcessStandingSchema,
    summary="Which version of a process starts use, who chose it, and whether the process is retired",
)
def read_current(call: Call, key: str) -> dict[str, Any]:
    return _standing(call, key)


@operation(
    blueprint,
    "POST",
    "/process-definitions/<key>/current",
    id="chooseVersion",
    permission="definition.choose",
    body=ChooseVersionSchema,
    answer=ProcessStandingSchema,
    summary="Make a version the one that starts and calls use; what runs stays on its version",
)
def choose_version(call: Call, body: dict[str, Any], key: str) -> dict[str, Any]:
    current.choose(call.session, call.deps, call.caller, key, body["version"], note=body["note"])
    return _standing(call, key)


@operation(
    blueprint,
    "POST",
    "/process-definitions/<key>/retire",
    id="retireProcess",
    permission="definition.retire",
    body=RetireProcessSchema,
    answer=ProcessStandingSchema,
    summary="Let nothing new start with a process; what runs goes on",
)
def retire_process(call: Call, body: dict[str, Any], key: str) -> dict[str, Any]:
    current.retire(call.session, call.deps, call.caller, key, note=body["note"])
    return _standing(call, key)


@operation(
    blueprint,
    "POST",
    "/process-definitions/<key>/restore",
    id="restoreProcess",
    permission="definition.retire",
    body=RestoreProcessSchema,
    answer=ProcessStandingSchema,
    summary="Let a retired process start again",
)
def restore_process(call: Call, body: dict[str, Any], key: str) -> dict[str, Any]:
    current.restore(call.session, call.deps, call.caller, key, note=body.get("note") or "")
    return _standing(call, key)


@operation(
    blueprint,
    "GET",
    "/process-definitions/<key>/callers",
    id="listCallersBehind",
    permission="definition.read",
    answer=CallersBehindSchema,
    summary="The processes that go on calling an older version of this one, directly or through others",
)
def list_callers_behind(call: Call, key: str) -> dict[str, Any]:
    return {"items": callers.behind(call.session, call.caller, key)}


@operation(
    blueprint,
    "POST",
    "/process-definitions/<key>/callers",
    id="updateCallers",
    permission="definition.choose",
    body=FollowSchema,
    answer=ReceiptSchema,
    status=201,
    summary="Deploy those callers again as they are, so that they call the current version; what runs stays on its version",
)
def update_callers(call: Call, body: dict[str, Any], key: str) -> dict[str, Any]:
    return receipt_body(callers.follow(call.session, call.deps, call.caller, key, note=body["note"]))
