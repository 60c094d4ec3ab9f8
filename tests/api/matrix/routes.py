"""Every operation of the API and every page, each with its recipe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from admin.blueprint import PAGES, UPLOADS
from api.app import BLUEPRINTS
from api.edge import OPERATIONS
from tasks.permissions.matrix import VERBS
from tests.api.matrix import (
    absences,
    attachments,
    audit,
    authority,
    calendar,
    cases,
    classification,
    clauses,
    clock_policies,
    clocks,
    court,
    deliveries,
    deployments,
    duty,
    instances,
    letters,
    moving,
    organisation,
    people,
    process_drafts,
    process_versions,
    running,
    supervision,
    talk,
    task_filters,
    tasks,
)
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import Answered, World

ROOMS = (
    absences,
    attachments,
    audit,
    authority,
    cases,
    classification,
    clauses,
    clock_policies,
    clocks,
    court,
    deliveries,
    deployments,
    duty,
    instances,
    letters,
    moving,
    organisation,
    calendar,
    people,
    process_drafts,
    process_versions,
    running,
    supervision,
    talk,
    task_filters,
    tasks,
)
OPEN_TO_ALL = {"createToken", "changePassword"}
"""Operations that need no sign-in."""
MADE_UP = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Route:
    """An operation or a page."""

    name: str
    method: str
    rule: str
    permission: str | None
    recipe: Recipe
    page: bool

    def address(self, thing: Mapping[str, Any]) -> str:
        """The path with the thing's parameters in it, and the query."""
        path = re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda found: quote(str(thing[found[1]])), self.rule)
        return path + self.recipe.query

    def ask(self, world: World, login: str | None, thing: Mapping[str, Any], **more: Any) -> Answered:
        """Call it for a thing."""
        ask = world.open if self.page else world.call
        sent = self.recipe.sent(world, login or "clerk", thing)
        return ask(login, self.method, self.address(thing), **{**sent, **more})

    def made_up(self, thing: Mapping[str, Any]) -> dict[str, Any]:
        """The same parameters, of a thing that does not exist."""
        return {name: _no_such(str(value)) for name, value in thing.items()}

    def expected(self, roles: frozenset[str], state: str) -> int:
        """The status the matrix promises somebody with these roles, for a thing they reach in this state."""
        verb = VERBS[self.permission or ""]
        if verb.roles.isdisjoint(roles):
            return 403
        if state in self.recipe.otherwise:
            return self.recipe.otherwise[state]
        if verb.states and state and not state.startswith(verb.states):
            return 409
        return self.recipe.good

    def can_be_strange(self) -> bool:
        """Whether somebody who may call it can ask for a thing that exists and is out of their reach."""
        verb = VERBS[self.permission or ""]
        about_a_thing = "<uuid:" in self.rule or "number>" in self.rule
        limited = verb.scope in ("self", "case", "task", "instance")
        return about_a_thing and limited and not verb.roles <= self.recipe.everything


def _no_such(value: str) -> str:
    """An id of the same shape that nothing has."""
    if value.isdigit():
        return "987654321"
    return MADE_UP if re.fullmatch(r"[0-9a-f-]{36}", value) else re.sub(r"\d", "9", value[:-1]) + "x"


def operations() -> list[Route]:
    """The operations that need a permission; recipes by operation id."""
    assert BLUEPRINTS
    known = {name: recipe for room in ROOMS for name, recipe in room.RECIPES.items()}
    return [
        Route(each.id, each.method, each.rule, each.permission, known[each.id], page=False)
        for each in OPERATIONS.values()
        if each.permission is not None and each.id in known
    ]


def pages() -> list[Route]:
    """The pages behind the sign-in; recipes by endpoint."""
    known = {name: recipe for room in ROOMS for name, recipe in room.PAGES.items()}
    return [
        Route(endpoint, method, address, permission, known[endpoint], page=True)
        for method, address, endpoint, _view, permission in (*PAGES, *UPLOADS)
        if endpoint in known
    ]


ROUTES = [*operations(), *pages()]
