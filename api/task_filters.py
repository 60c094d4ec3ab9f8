"""Saved filters: one's own and those shared with one's groups."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Paged, Who, text, who
from api.fields import name as key
from api.showing import Shown
from api.task_shapes import CriteriaSchema, TaskPage
from api.tasks import with_clocks
from tasks.lists import filters, named, saved
from tasks.lists.counting import COUNT_CAP

blueprint = ApiBlueprint("task_filters", __name__, description="Saved filters 保存的筛选")


class FilterSchema(Shown):
    """A list as somebody keeps it. `mine`: the caller may change it. `count`: how many tasks it finds in the caller's list, up to
    `capped_at`; null where the list is not for the caller, and where it was not counted.
    """

    id = fields.UUID()
    owner = fields.Nested(Who)
    mine = fields.Boolean()
    name = fields.String()
    list = fields.String(validate=validate.OneOf(named.LISTS))
    sort = fields.String(validate=validate.OneOf(named.ORDERS))
    criteria = fields.Nested(CriteriaSchema)
    shared_group = fields.String(allow_none=True)
    position = fields.Integer()
    count = fields.Integer(allow_none=True)
    capped_at = fields.Integer()


class FilterListSchema(Shown):
    items = fields.List(fields.Nested(FilterSchema))


class FiltersAsked(Schema):
    """`led`: those shared in the units one leads, instead of one's own and those shared with one's groups."""

    led = fields.Boolean(load_default=False)


class ChangedFilter(Schema):
    """What is to be different. `criteria` as the query of a list; it is replaced as a whole. `shared_group`: one of the caller's
    groups, of a unit where they sit or that they lead; null: shared with nobody. `position`: among the caller's own.
    """

    name = text(200, required=False)
    list = fields.String(validate=validate.OneOf(named.LISTS))
    sort = fields.String(validate=validate.OneOf(named.ORDERS))
    criteria = fields.Nested(CriteriaSchema)
    shared_group = key(300, allow_none=True)
    position = fields.Integer(strict=True, validate=validate.Range(*saved.PLACES))


class NewFilter(ChangedFilter):
    """Without a list it is the inbox, without an order what is due first, without a position the last."""

    name = text(200)


@operation(
    blueprint,
    "GET",
    "/task-filters",
    id="listTaskFilters",
    permission="filter.read",
    query=FiltersAsked,
    answer=FilterListSchema,
    summary="My saved filters, then those shared with my groups, each with how many tasks it finds",
)
def list_filters(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    found = saved.filters_of(call.session, call.deps, call.caller, counted=True, **query)
    return {"items": [_shown(each) for each in found]}


@operation(
    blueprint,
    "POST",
    "/task-filters",
    id="saveTaskFilter",
    permission="filter.save",
    body=NewFilter,
    answer=FilterSchema,
    status=201,
    summary="Keep a filter under a name",
)
def save_filter(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    return _shown(saved.save(call.session, call.deps, call.caller, _values(body)))


@operation(
    blueprint,
    "PATCH",
    "/task-filters/<uuid:filter_id>",
    id="changeTaskFilter",
    permission="filter.change",
    body=ChangedFilter,
    answer=FilterSchema,
    summary="Change a filter of mine",
)
def change_filter(call: Call, body: dict[str, Any], filter_id: UUID) -> dict[str, Any]:
    return _shown(saved.change(call.session, call.deps, call.caller, filter_id, _values(body)))


@operation(
    blueprint,
    "DELETE",
    "/task-filters/<uuid:filter_id>",
    id="dropTaskFilter",
    permission="filter.drop",
    status=204,
    summary="Delete a filter of mine, or one shared in a unit I lead",
)
def drop_filter(call: Call, filter_id: UUID) -> None:
    saved.drop(call.session, call.deps, call.caller, filter_id)


@operation(
    blueprint,
    "GET",
    "/task-filters/<uuid:filter_id>/tasks",
    id="listFilteredTasks",
    permission="filter.read",
    query=Paged,
    answer=TaskPage,
    summary="What a filter finds in my list",
)
def filtered_tasks(call: Call, query: dict[str, Any], filter_id: UUID) -> dict[str, Any]:
    page = saved.tasks_of(call.session, call.deps, call.caller, filter_id, **query)
    return {"items": with_clocks(call, page.items), "next_cursor": page.next_cursor}


def _values(body: dict[str, Any]) -> dict[str, Any]:
    criteria = {"where": filters.TaskFilter(**body.pop("criteria"))} if "criteria" in body else {}
    return {**body, **criteria}


def _shown(kept: saved.Saved) -> dict[str, Any]:
    return {
        "id": kept.id,
        "owner": who(kept.owner_id, kept.owner_name),
        "mine": kept.mine,
        "name": kept.name,
        "list": kept.list,
        "sort": kept.sort,
        "criteria": kept.where.given,
        "shared_group": kept.shared_group,
        "position": kept.position,
        "count": kept.count,
        "capped_at": COUNT_CAP,
    }
