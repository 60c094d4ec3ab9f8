"""The few kinds of values all schemas are made of; every one is bounded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from api.showing import Shown
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deadlines.calendar.limits import YEARS, in_our_time
from tasks.paging import LARGEST_PAGE, PAGE


def schema_of(label: str, **members: Any) -> type[Schema]:
    """A schema of these fields, with this name in the OpenAPI document."""
    return Schema.from_dict(members, name=label)


class Instant(fields.AwareDateTime):
    """An instant in the years anybody counts in: any offset when read, Shanghai time with its offset when shown."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        at: datetime = super()._deserialize(value, attr, data, **kwargs)
        if not in_our_time(at):
            raise ValidationError(f"Not in the years {YEARS[0]} to {YEARS[1]}.")
        return at

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        return value.astimezone(SHANGHAI).isoformat(timespec="milliseconds")


def text(most: int = 200, *, required: bool = True, least: int = 1, **more: Any) -> fields.String:
    """A bounded text."""
    return fields.String(required=required, validate=validate.Length(min=least, max=most), **more)


def name(most: int = 100, *, required: bool = False, **more: Any) -> fields.String:
    """A key, code or number: letters, digits and `_ . - @ /`."""
    return fields.String(
        required=required,
        validate=[validate.Length(min=1, max=most), validate.Regexp(r"^[\w.@/\-]+\Z")],
        **more,
    )


def plain() -> fields.Dict:
    """A JSON object of the caller's own making; its members are checked by the form or the process."""
    return fields.Dict(keys=fields.String())


class Paged(Schema):
    """The query of a paged list."""

    limit = fields.Integer(load_default=PAGE, strict=False, validate=validate.Range(min=1, max=LARGEST_PAGE))
    cursor = fields.String(validate=validate.Length(min=1, max=300))


class Who(Shown):
    """A person by id and name."""

    id = fields.UUID(allow_none=True)
    name = fields.String(allow_none=True)


def who(person_id: Any, person_name: Any) -> dict[str, Any] | None:
    """A person for an answer, or None."""
    return None if person_id is None else {"id": person_id, "name": person_name}
