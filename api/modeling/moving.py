"""Moving running instances to another version of their process: how many run on which, dry runs, and the move."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, text
from engine.errors import InvalidInput
from engine.migrating.verdict import Verdict
from tasks.processes.moving import reach, verbs, whole

blueprint = ApiBlueprint("moving", __name__, description="Moving instances between versions 实例迁移")

_ID = validate.Length(min=1, max=200)


def _version() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=2**31 - 1))


def _mapping() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(validate=_ID),
        values=fields.String(validate=_ID),
        load_default=dict,
        validate=validate.Length(max=reach.MOST_MAPPED),
        metadata={"description": "Elements that are called otherwise in the target: old id to new id"},
    )


def _ids(most: int) -> Any:
    return fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=most))


class ReasonOfMoveSchema(Schema):
    """A sentence about one element; element is empty where it is about the instance."""

    code = fields.String()
    element = fields.String()
    name = fields.String()
    message = fields.String()
    message_zh = fields.String()


class VerdictSchema(Schema):
    """Whether an instance can be moved: every refusal, what the move changes beside the version, what may go wrong later."""

    instance_id = fields.UUID()
    business_key = fields.String()
    status = fields.String()
    version = fields.Integer()
    target_version = fields.Integer()
    ok = fields.Boolean()
    moved = fields.Boolean(metadata={"description": "Whether it has been moved; a dry run moves nothing"})
    refusals = fields.List(fields.Nested(ReasonOfMoveSchema))
    consequences = fields.List(fields.Nested(ReasonOfMoveSchema))
    warnings = fields.List(fields.Nested(ReasonOfMoveSchema))


class OnVersionSchema(Schema):
    definition_id = fields.UUID(attribute="id")
    version = fields.Integer()
    version_tag = fields.String(allow_none=True)
    startable = fields.Boolean()
    deployed_at = Instant()
    active = fields.Integer()
    suspended = fields.Integer()


class OnVersionsSchema(Schema):
    items = fields.List(fields.Nested(OnVersionSchema))


class CheckMigrationSchema(Schema):
    from_version = _version()
    to_version = _version()
    ids = _ids(verbs.MOST_CHECKED)
    mapping = _mapping()
    after = fields.UUID(load_default=None, allow_none=True)
    limit = fields.Integer(
        load_default=verbs.MOST_CHECKED, validate=validate.Range(min=1, max=verbs.MOST_CHECKED)
    )


class CheckedSchema(Schema):
    """A page of dry runs. counts: of this page, how many can be moved (`ok`) and how many are refused for which reason."""

    items = fields.List(fields.Nested(VerdictSchema))
    total = fields.Integer()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    next_after = fields.UUID(allow_none=True)


class MigrateSchema(Schema):
    from_version = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1, max=2**31 - 1)
    )
    to_version = _version()
    ids = _ids(verbs.MOST_MOVED)
    all = fields.Boolean(
        load_default=False, metadata={"description": "Every instance of from_version, by the worker"}
    )
    mapping = _mapping()
    note = text(whole.LONGEST_NOTE, required=False, least=0, load_default="")


class MoveAnswerSchema(Schema):
    """What became of one of the instances."""

    instance_id = fields.UUID()
    moved = fields.Boolean()
    refusals = fields.List(fields.Nested(ReasonOfMoveSchema))
    consequences = fields.List(fields.Nested(ReasonOfMoveSchema))
    warnings = fields.List(fields.Nested(ReasonOfMoveSchema))


class LeftBehindSchema(Schema):
    instance_id = fields.UUID()
    business_key = fields.String()
    reasons = fields.List(fields.Nested(ReasonOfMoveSchema))


class MigrationSchema(Schema):
    """How far moving a version is, and who was left behind why (at most 1,000, those the caller reaches)."""

    id = fields.UUID()
    process_key = fields.String()
    from_version = fields.Integer()
    to_version = fields.Integer()
    note = fields.String()
    by_name = fields.String()
    at = Instant()
    total = fields.Integer()
    moved = fields.Integer()
    refused = fields.Integer()
    finished_at = Instant(allow_none=True)
    left = fields.List(fields.Nested(LeftBehindSchema))


class MigratedSchema(Schema):
    """The answers of the instances that were named, or the migration the worker has begun."""

    items = fields.List(fields.Nested(MoveAnswerSchema))
    migration = fields.Nested(MigrationSchema, allow_none=True)


class MigrateOneSchema(Schema):
    version = _version()
    check = fields.Boolean(load_default=False, metadata={"description": "Only a dry run"})
    mapping = _mapping()


def _verdict(verdict: Verdict, moved: bool) -> dict[str, Any]:
    return {
        "instance_id": verdict.instance_id,
        "business_key": verdict.business_key,
        "status": verdict.status,
        "version": verdict.version,
        "target_version": verdict.target_version,
        "ok": verdict.ok,
        "moved": moved,
        "refusals": verdict.refusals,
        "consequences": verdict.consequences,
        "warnings": verdict.warnings,
    }


def _migration(row: Any, left: Any = ()) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in MigrationSchema._declared_fields if name != "left"},
        "left": [_left(one) for one in left],
    }


def _left(one: Any) -> dict[str, Any]:
    return {
        "instance_id": one.instance_id,
        "business_key": one.business_key,
        "reasons": one.reasons,
    }


@operation(
    blueprint,
    "GET",
    "/process-definitions/<key>/instances-by-version",
    id="instancesByVersion",
    permission="definition.read",
    answer=OnVersionsSchema,
    summary="How many instances run on which version, newest version first",
)
def instances_by_version(call: Call, key: str) -> dict[str, Any]:
    return {"items": reach.instances_by_version(call.session, call.caller, key)}


@operation(
    blueprint,
    "POST",
    "/process-definitions/<key>/migrations/check",
    id="checkMigration",
    permission="instance.migrate",
    body=CheckMigrationSchema,
    answer=CheckedSchema,
    summary="What moving the instances of a version would do, instance by instance; nothing is changed",
)
def check_migration(call: Call, body: dict[str, Any], key: str) -> dict[str, Any]:
    found = verbs.check(
        call.session,
        call.deps,
        call.caller,
        key,
        body["from_version"],
        body["to_version"],
        ids=body["ids"],
        mapping=body["mapping"],
        after=body["after"],
        limit=body["limit"],
    )
    return {
        "items": [_verdict(one, False) for one in found.verdicts],
        "total": found.total,
        "counts": verbs.counted(found.verdicts),
        "next_after": found.next_after,
    }


@operation(
    blueprint,
    "POST",
    "/process-definitions/<key>/migrations",
    id="migrateInstances",
    permission="instance.migrate",
    body=MigrateSchema,
    answer=MigratedSchema,
    summary="Move the named instances now, or all of a version by the worker",
)
def migrate_instances(call: Call, body: dict[str, Any], key: str) -> dict[str, Any]:
    if body["all"] == bool(body["ids"]):
        raise InvalidInput(
            "Either the ids of instances or all of a version can be moved.",
            message_zh="请指定要迁移的流程实例，或选择整版迁移，二者选一。",
        )
    if not body["all"]:
        answers = verbs.move(
            call.session,
            call.deps,
            call.caller,
            key,
            body["to_version"],
            body["ids"],
            mapping=body["mapping"],
        )
        return {"items": [_answer(one) for one in answers], "migration": None}
    if body["from_version"] is None:
        raise InvalidInput(
            "To move all instances of a version, from_version has to be given.",
            message_zh="整版迁移需要给出 from_version。",
        )
    row = whole.move_all(
        call.session,
        call.deps,
        call.caller,
        key,
        body["from_version"],
        body["to_version"],
        mapping=body["mapping"],
        note=body["note"],
    )
    return {"items": [], "migration": _migration(row)}


def _answer(one: verbs.Answer) -> dict[str, Any]:
    verdict = one.verdict
    return {
        "instance_id": one.instance_id,
        "moved": one.moved,
        "refusals": verbs.reasons_of(one),
        "consequences": verdict.consequences if verdict and one.moved else [],
        "warnings": verdict.warnings if verdict and one.moved else [],
    }


@operation(
    blueprint,
    "GET",
    "/migrations/<uuid:migration_id>",
    id="readMigration",
    permission="instance.migrate",
    answer=MigrationSchema,
    summary="How far moving all instances of a version is",
)
def read_migration(call: Call, migration_id: UUID) -> dict[str, Any]:
    row, left = whole.read_migration(call.session, call.caller, migration_id)
    return _migration(row, left)


@operation(
    blueprint,
    "POST",
    "/instances/<uuid:instance_id>/migration",
    id="migrateInstance",
    permission="instance.migrate",
    body=MigrateOneSchema,
    answer=VerdictSchema,
    summary="Move one instance to another version of its process, or only say what that would do",
)
def migrate_instance(call: Call, body: dict[str, Any], instance_id: UUID) -> dict[str, Any]:
    given = (call.session, call.deps, call.caller, instance_id, body["version"], body["mapping"])
    if body["check"]:
        return _verdict(verbs.check_one(*given), False)
    return _verdict(verbs.move_one(*given), True)
