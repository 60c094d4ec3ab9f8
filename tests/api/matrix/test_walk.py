"""The walk: every operation and every page, by somebody of each role, for a thing in each state, as the matrix says."""

from __future__ import annotations

from typing import Any

import pytest

from admin.blueprint import PAGES, UPLOADS
from api.edge import OPERATIONS
from tasks.permissions.matrix import ROLES, VERBS
from tests.api.matrix.routes import OPEN_TO_ALL, ROUTES, Route
from tests.api.matrix.world import PEOPLE, World


def named(route: Route) -> str:
    return f"{'page ' if route.page else ''}{route.name}"


every_route = pytest.mark.parametrize("route", ROUTES, ids=named)


def test_only_signing_in_is_open_to_all() -> None:
    assert {name for name, each in OPERATIONS.items() if each.permission is None} == OPEN_TO_ALL
    assert {permission for *_, permission in (*PAGES, *UPLOADS)} <= set(VERBS)


def test_every_route_under_the_api_is_a_declared_operation(world: World) -> None:
    declared = {(each.method, "/api/v1" + each.rule) for each in OPERATIONS.values()}
    for rule in world.app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and not rule.rule.endswith("openapi.json"):
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert (method, rule.rule) in declared


def test_every_page_is_a_declared_page(world: World) -> None:
    open_to_all = {
        "sign_out",
        "sign_in",
        "sign_in_post",
        "begin_with",
        "back_from",
        "signed_out_there",
        "static",
    }
    declared = {(method, address) for method, address, *_ in (*PAGES, *UPLOADS)}
    for rule in world.app.url_map.iter_rules():
        if rule.endpoint.startswith("admin.") and rule.endpoint.removeprefix("admin.") not in open_to_all:
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert (method, rule.rule) in declared


def test_somebody_of_each_role_walks(world: World) -> None:
    assert {role for login in PEOPLE for role in world.roles(login)} == set(ROLES)


@every_route
def test_the_matrix_holds_for_every_role_in_every_state(world: World, route: Route) -> None:
    wrong: dict[Any, Any] = {}
    for login in PEOPLE:
        roles = world.roles(login)
        for state, make in route.recipe.things.items():
            with world.taken_back():
                answer = route.ask(world, login, make(world, login))
            if answer.status != route.expected(roles, state):
                wrong[login, state] = (answer.status, route.expected(roles, state), answer.text[:400])
    assert not wrong


@every_route
def test_what_is_out_of_reach_is_answered_like_what_does_not_exist(world: World, route: Route) -> None:
    recipe = route.recipe
    if recipe.stranger is None:
        assert not route.can_be_strange()
        return
    met = 0
    for login in PEOPLE:
        roles = world.roles(login)
        if route.expected(roles, "") == 403 or not roles.isdisjoint(recipe.everything):
            continue
        met += 1
        thing = recipe.stranger(world, login)
        nowhere = route.made_up(thing)
        answers = []
        for asked in (nowhere, thing):
            with world.taken_back():
                answers.append(route.ask(world, login, asked).without(asked))
        assert answers[0] == answers[1], login
        assert answers[0][0] == 404, login
    assert met
