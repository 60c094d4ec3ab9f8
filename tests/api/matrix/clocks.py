"""How clocks are read, paused, extended and promised by in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from tasks.deadlines.clocks.changing import extending, pausing
from tasks.deadlines.clocks.tables import Clock
from tests.api.matrix import cases
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World


def _clock(world: World, number: str) -> Mapping[str, Any]:
    with world.session() as session:
        return {"clock_id": session.scalars(sa.select(Clock.id).where(Clock.number == number)).one()}


def clock(world: World, login: str) -> Mapping[str, Any]:
    return _clock(world, cases.case(world, login)["number"])


def strange(world: World, login: str) -> Mapping[str, Any]:
    return _clock(world, cases.strange(world, login)["number"])


def stopped(world: World, login: str) -> Mapping[str, Any]:
    return _clock(world, cases.over(world, login)["number"])


def paused(world: World, login: str) -> Mapping[str, Any]:
    """A case that waits for the customer, with its clock."""
    number = cases.case(world, "clerk")["number"]
    with world.acting("chief") as (session, caller):
        pausing.pause_case(session, world.deps, caller, number, reason="customer")
    return {"number": number, **_clock(world, number)}


def waiting_case(world: World, login: str) -> Mapping[str, Any]:
    return {"number": paused(world, login)["number"]}


def waiting_clock(world: World, login: str) -> Mapping[str, Any]:
    return {"clock_id": paused(world, login)["clock_id"]}


def asked(world: World, _login: str) -> Mapping[str, Any]:
    """A request for more time of the clerk, who is nobody that decides."""
    return _asked(world, "clerk")


def asked_elsewhere(world: World, _login: str) -> Mapping[str, Any]:
    return _asked(world, "stranger")


def _asked(world: World, login: str) -> Mapping[str, Any]:
    found = _clock(world, cases.filed(world, login).number)
    with world.acting(login) as (session, caller):
        request = extending.ask_extension(
            session, world.deps, caller, found["clock_id"], amount=1, reason="等厂家"
        )
    return {**found, "request_id": request}


PAUSE = {"reason": "customer", "note": "等客户回电"}
OVER = {"over": 409}
EXTEND = {"amount": "1.5", "reason": "等厂家"}
PROMISE = {"until": "2026-03-05T12:00:00+08:00", "text": "三日内回复"}

RECIPES = {
    "listCaseClocks": Recipe({"open": cases.case, "over": cases.over}, stranger=cases.strange),
    "pauseCase": Recipe(
        {"open": cases.case, "over": cases.over}, stranger=cases.strange, body=PAUSE, otherwise=OVER
    ),
    "resumeCase": Recipe(
        {"paused": waiting_case, "open": cases.case, "over": cases.over},
        stranger=cases.strange,
        body={},
        otherwise={"open": 409, "over": 409},
    ),
    "readClock": Recipe({"open": clock, "over": stopped}, stranger=strange),
    "pauseClock": Recipe({"open": clock, "over": stopped}, stranger=strange, body=PAUSE, otherwise=OVER),
    "resumeClock": Recipe(
        {"paused": waiting_clock, "open": clock, "over": stopped},
        stranger=strange,
        body={},
        otherwise={"open": 409, "over": 409},
    ),
    "askExtension": Recipe(
        {"open": clock, "over": stopped}, stranger=strange, body=EXTEND, good=201, otherwise=OVER
    ),
    "decideClockRequest": Recipe({"asked": asked}, stranger=asked_elsewhere, body={"approve": True}),
    "promiseCustomer": Recipe(
        {"open": clock, "over": stopped}, stranger=strange, body=PROMISE, good=201, otherwise=OVER
    ),
}

SENT = {
    "pause_case": ("pauseCase", PAUSE),
    "resume_case": ("resumeCase", {}),
    "pause_clock": ("pauseClock", PAUSE),
    "resume_clock": ("resumeClock", {}),
    "ask_extension": ("askExtension", EXTEND),
    "decide": ("decideClockRequest", {"decision": "approve"}),
    "promise": ("promiseCustomer", PROMISE),
}
"""Page → the operation it does, and the form it is sent with."""

PAGES = {
    page: replace(RECIPES[operation], body=None, data=form, good=303)
    for page, (operation, form) in SENT.items()
}
