"""Answers by plan are what marshmallow itself would have answered."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

from marshmallow import Schema, fields, missing

from api.cases import CaseDetailSchema, CasePage
from api.showing import Shown
from api.task_shapes import CompletionSchema, TaskPage

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PERSON = {"id": UUID(int=7), "name": "王磊"}
TASK = {
    "id": UUID(int=1), "number": "TS1", "instance_id": UUID(int=2), "process_key": "complaint", "activity_id": "review",
    "name": "复核工单", "scope": "processing", "lane": "", "state": "assigned", "candidate_groups": ["a@/", "b@/"],
    "assignee": PERSON, "priority": 50, "created_at": AT, "claimed_at": None, "due_at": AT, "completed_by": None,
    "lateness": "in_time", "not_a_field": object(),
}  # fmt: skip


def without_plans(schema: type[Schema]) -> type[Schema]:
    """The same fields on plain marshmallow schemas, all the way down."""
    plain: dict[str, object] = {}
    for name, field in schema().fields.items():
        if isinstance(field, fields.Nested):
            plain[name] = fields.Nested(without_plans(type(field.schema)), allow_none=True)
        elif isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
            plain[name] = fields.List(fields.Nested(without_plans(type(field.inner.schema))))
        else:
            plain[name] = field
    return Schema.from_dict(plain)  # type: ignore[arg-type]


def test_mappings_objects_lists_nulls_and_what_is_missing_are_shown_as_marshmallow_shows_them() -> None:
    values = [
        (CompletionSchema, {"task": TASK, "instance": {"id": UUID(int=3), "status": "active", "ended": False}, "next": [TASK, TASK]}),
        (TaskPage, {"items": [TASK], "next_cursor": None}),
        (TaskPage, {"items": []}),
        (CasePage, {"items": [SimpleNamespace(number="TS1", regime="complaint", filed_at=AT)], "next_cursor": "x"}),
        (CaseDetailSchema, {"number": "TS1", "facts": {"a": [1, None]}, "tasks": [TASK], "notices": [], "links": []}),
    ]  # fmt: skip
    for schema, value in values:
        assert schema().dump(value) == without_plans(schema)().dump(value), schema


def test_a_field_the_plan_does_not_know_shows_itself() -> None:
    class Odd(Shown):
        share = fields.Decimal(as_string=True)
        gone = fields.String(dump_default=missing)

    assert Odd().dump({"share": 1}) == Schema.from_dict({"share": fields.Decimal(as_string=True)})().dump(
        {"share": 1}
    )
    assert Odd(many=True).dump([{"share": None}]) == [{"share": None}]
