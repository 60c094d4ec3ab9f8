"""Who shows no token, one that is over, or one that was made for less, learns nothing from any route."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tasks.people.identity import secret_hash
from tasks.people.tables import ApiToken
from tests.api.matrix.cases import filed
from tests.api.matrix.routes import ROUTES, Route
from tests.api.matrix.world import World

OPERATIONS = [route for route in ROUTES if not route.page]
PAGES = [route for route in ROUTES if route.page]


def _thing(world: World, route: Route, login: str) -> dict[str, object]:
    return dict(next(iter(route.recipe.things.values()))(world, login))


def _no_longer(world: World, **values: object) -> str:
    secret = world.token("clerk")
    with world.session() as session:
        held = sa.update(ApiToken).where(ApiToken.hash == secret_hash(secret))
        session.execute(held.values(**values))
    return secret


@pytest.mark.parametrize("route", OPERATIONS, ids=lambda route: route.name)
def test_an_operation_needs_a_token_that_holds_and_is_made_for_it(world: World, route: Route) -> None:
    thing = _thing(world, route, "clerk")
    now = world.clock.now()
    over = (_no_longer(world, expires_at=now - timedelta(seconds=1)), _no_longer(world, revoked_at=now))
    answers = [route.ask(world, None, thing), *(route.ask(world, None, thing, token=one) for one in over)]
    assert [answer.status for answer in answers] == [401, 401, 401]
    assert len({answer.text for answer in answers}) == 1
    for login in ("clerk", "operator", "owner"):
        other = "self.read" if route.permission != "self.read" else "case.read"
        narrow = world.token(login, scopes=(other,))
        assert route.ask(world, None, thing, token=narrow).status == 403, login


@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)
def test_a_page_sends_whoever_is_not_signed_in_to_the_sign_in(world: World, route: Route) -> None:
    answer = route.ask(world, None, _thing(world, route, "clerk"))
    if route.method == "GET":
        assert answer.status == 302 and answer.headers["Location"].startswith("/sign-in")
    else:
        assert answer.status in (401, 302)


def test_a_body_outside_sees_its_own_case_from_outside(world: World) -> None:
    number = filed(world, "regulator").number
    body = world.call("regulator", "GET", f"/cases/{number}").json
    outward = {"number", "regime", "status", "filed_at", "ended_at", "archived_at"}
    assert set(body) == outward | {"facts", "messages"}
    assert [one["name"] for one in body["messages"]] == ["withdraw"] and body["facts"]["demand"] == "退费"
    assert [set(row) for row in world.call("regulator", "GET", "/cases").json["items"]] == [outward] * 2
    page = world.open("regulator", "GET", f"/cases/{number}").text
    assert "withdraw" in page and "退费" in page and "核实诉求" not in page
    assert filed(world, "regulator").tasks == () and filed(world, "clerk").tasks
