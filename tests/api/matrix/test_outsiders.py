"""An outsider who holds a good credential and knows the ids of somebody else's things: they are like made-up ones, in
whatever state they are and wherever in a request the id stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import pytest

from tasks.cases.numbers import check_digit
from tests.api.matrix import attachments, cases, organisation, talk
from tests.api.matrix.routes import MADE_UP, ROUTES, Route
from tests.api.matrix.test_walk import named
from tests.api.matrix.world import Answered, World
from tests.tasks.office import FACTS

OUTSIDERS = ("stranger", "far_chief", "far_operator", "far_auditor", "consumers")
"""One of each role that has things out of reach, in another province or another body outside."""
WAYS: Mapping[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "GET": (
        ("HEAD", {}),
        ("GET", {"HX-Request": "true"}),
        ("GET", {"If-None-Match": "*", "Range": "bytes=0-1"}),
    ),
    "POST": (("POST", {"HX-Request": "true"}), ("POST", {"Idempotency-Key": "same-for-both"})),
}
"""Other ways to ask the same: method → (method, headers)."""


@pytest.mark.parametrize("route", [each for each in ROUTES if each.recipe.stranger], ids=named)
def test_in_whatever_state_it_is_what_belongs_to_others_is_like_what_does_not_exist(
    world: World, route: Route
) -> None:
    wrong: dict[Any, Any] = {}
    for login in OUTSIDERS:
        roles = world.roles(login)
        if route.expected(roles, "") == 403 or not roles.isdisjoint(route.recipe.everything):
            continue
        ways: tuple[tuple[str, dict[str, str]], ...] = ((route.method, {}), *WAYS.get(route.method, ()))
        for state, make in route.recipe.things.items():
            with world.taken_back():
                thing = make(world, "clerk")
                for method, headers in ways:
                    told = []
                    for asked in (route.made_up(thing), thing):
                        with world.taken_back():
                            told.append(ask(world, route, login, asked, method, headers).without(asked))
                    if told[0] != told[1] or told[0][0] != 404:
                        wrong[login, state, method, *headers] = told
            ways = ways[:1]
    assert not wrong


def ask(
    world: World, route: Route, login: str, thing: Mapping[str, Any], method: str, headers: dict[str, str]
) -> Answered:
    call = world.open if route.page else world.call
    return call(
        login, method, route.address(thing), headers=headers, **route.recipe.sent(world, login, thing)
    )


_BODY = "TS202603029999990000001"
NO_NUMBER = _BODY + check_digit(_BODY)


def linked(world: World, number: str) -> Answered:
    body = {"facts": FACTS, "links": [{"number": number, "kind": "follows"}]}
    return world.call("stranger", "POST", "/cases/request", json=body)


def filed_for(world: World, unit: str) -> Answered:
    return world.call("stranger", "POST", "/cases/request", json={"facts": FACTS, "org": unit})


def paper_for_task(world: World, task: str) -> Answered:
    number = cases.filed(world, "stranger").number
    data = {"file": (BytesIO(attachments.PHOTO), "a.png"), "kind": "photo", "task": task}
    return world.call("stranger", "POST", f"/cases/{number}/attachments", data=data)


def started_for(world: World, number: str) -> Answered:
    return world.call(
        "far_operator", "POST", "/process-instances", json={"process_key": "bare", "business_key": number}
    )


def found_by_number(world: World, number: str) -> Answered:
    return world.call("far_chief", "GET", f"/cases?number={number}")


def tasks_by_number(world: World, number: str) -> Answered:
    return world.call("far_chief", "GET", f"/tasks?list=queue&number={number}")


def queue_of(world: World, group: str) -> Answered:
    return world.call("far_chief", "GET", "/tasks", query_string={"list": "queue", "group": group})


def read_up_to(world: World, notice: str) -> Answered:
    return world.call("stranger", "POST", "/notices/read", json={"up_to": notice})


def under(world: World, unit: str) -> Answered:
    body = organisation.edited(code="new_shop", name="新厅", kind="channel", parent=unit)
    return world.call("far_operator", "POST", "/organisation/units", json=body(world, "far_operator", {}))


def moved_under(world: World, unit: str) -> Answered:
    body = organisation.edited(parent=unit)(world, "far_operator", {})
    return world.call("far_operator", "PATCH", "/organisation/units/zhejiang_hotline", json=body)


def acting_for(world: World, unit: str) -> Answered:
    body = organisation.edited(acts_for=unit)(world, "far_operator", {})
    return world.call("far_operator", "PATCH", "/organisation/units/zhejiang_hotline", json=body)


def stale(world: World, unit: str) -> Answered:
    return world.call(
        "far_operator", "PATCH", f"/organisation/units/{unit}", json={"revision": 0, "name": "热线"}
    )


def number_of(world: World) -> str:
    return cases.filed(world, "clerk").number


def task_of(world: World) -> str:
    return str(cases.filed(world, "clerk").tasks[0]["id"])


def notice_of(world: World) -> str:
    return str(talk.notice(world, "clerk")["notice_id"])


def always(text: str) -> Callable[[World], str]:
    return lambda _world: text


@pytest.mark.parametrize(
    ("asking", "real", "made_up"),
    [
        (linked, number_of, NO_NUMBER),
        (filed_for, always("henan_hotline"), "henan_nothing"),
        (paper_for_task, task_of, MADE_UP),
        (started_for, number_of, NO_NUMBER),
        (found_by_number, number_of, NO_NUMBER),
        (tasks_by_number, number_of, NO_NUMBER),
        (queue_of, always("channel@/hq/henan/henan_hotline/"), "channel@/hq/henan/henan_nothing/"),
        (read_up_to, notice_of, MADE_UP),
        (under, always("henan_hotline"), "henan_nothing"),
        (moved_under, always("henan"), "nowhere"),
        (acting_for, always("henan"), "nowhere"),
        (stale, always("henan_hotline"), "henan_nothing"),
    ],
)
def test_an_id_of_others_inside_a_request_is_answered_like_a_made_up_one(
    world: World, asking: Callable[[World, str], Answered], real: Callable[[World], str], made_up: str
) -> None:
    known = real(world)
    with world.taken_back():
        asking(world, made_up)  # what was taken back before may have left an older office to be read again
    told = []
    for text in (made_up, known):
        with world.taken_back():
            told.append(asking(world, text).without({"it": text}))
    assert told[0] == told[1]
    assert told[0][0] in (200, 404, 422)
