"""Answers are dumped by a plan made once per schema: what marshmallow would give, without asking every field each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, fields, missing

Show = Callable[[Any], Any]


class Shown(Schema):
    """A schema whose `dump` follows a plan. Anything the plan does not know is left to the field itself."""

    _plan: list[tuple[str, str, Show]] | None = None

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """Return what the fields show of an object or a mapping; what it does not have is left out."""
        if many if many is not None else self.many:
            return [self.dump(item, many=False) for item in obj]
        plan = self._plan
        if plan is None:
            plan = self._plan = [
                (field.attribute or name, field.data_key or name, show_of(field))
                for name, field in self.dump_fields.items()
            ]
        read: Callable[[str, Any], Any] = (
            obj.get if isinstance(obj, Mapping) else lambda name, other: getattr(obj, name, other)
        )
        shown = {}
        for name, key, show in plan:
            value = read(name, missing)
            if value is not missing:
                shown[key] = None if value is None else show(value)
        return shown


def show_of(field: Any) -> Show:
    """Return how a field shows a value that is there and not null."""
    kind = type(field)
    if kind in (fields.String, fields.UUID):
        return str
    if kind in (fields.Integer, fields.Boolean, fields.Raw) or (
        kind is fields.Dict and not field.value_field
    ):
        return same
    if kind is fields.List:
        inner = show_of(field.inner)
        return lambda values: [None if value is None else inner(value) for value in values]
    if kind is fields.Nested and isinstance(field.schema, Shown):
        return field.schema.dump
    return lambda value: field._serialize(value, "", None)


def same(value: Any) -> Any:
    """Show a value as it is."""
    return value
