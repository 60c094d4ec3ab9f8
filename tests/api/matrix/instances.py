"""How instances are read and steered, and incidents retried, in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.incidents import Incident
from tasks.permissions.matrix import OPERATOR
from tasks.processes import steering
from tests.api.matrix.cases import far, filed, near
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World

ALL = frozenset({OPERATOR})


def furnish(world: World) -> None:
    """Start one process without a case."""
    with world.acting("operator") as (session, caller):
        move = steering.start_process(
            session, world.deps, caller, "bare", business_key="K-1", variables={"a": 1}
        )
    world.made["bare instance"] = move.instance.id


def active(world: World, login: str) -> Mapping[str, Any]:
    """An instance the login reaches: of a case, or for a process owner one without."""
    found = world.made["bare instance"] if login == "owner" else filed(world, near(login)).instance_id
    return {"instance_id": found}


def suspended(world: World, login: str) -> Mapping[str, Any]:
    found = active(world, login)
    with world.acting("operator") as (session, caller):
        world.deps.engine.suspend(session, found["instance_id"], reason="stop", actor=caller.actor)
    return found


def cancelled(world: World, login: str) -> Mapping[str, Any]:
    found = active(world, login)
    with world.acting("operator") as (session, caller):
        world.deps.engine.cancel(session, found["instance_id"], reason="over", actor=caller.actor)
    return found


def strange(world: World, login: str) -> Mapping[str, Any]:
    return {"instance_id": filed(world, far(login)).instance_id}


STATES = {"active": active, "suspended": suspended, "cancelled": cancelled}


def incident(world: World, _login: str) -> Mapping[str, Any]:
    return _incident(world, "clerk")


def _incident(world: World, who: str) -> Mapping[str, Any]:
    with world.session() as session:
        found = session.scalars(
            sa.select(Incident.id).where(Incident.instance_id == filed(world, who, "stuck").instance_id)
        ).one()
    return {"incident_id": found, "number": filed(world, who, "stuck").number}


RECIPES = {
    "readInstance": Recipe(STATES, stranger=strange, everything=ALL),
    "readHistory": Recipe(STATES, stranger=strange, everything=ALL),
    "readVariables": Recipe(STATES, stranger=strange, everything=ALL),
    "cancelInstance": Recipe(STATES, stranger=strange, everything=ALL, body={"reason": "x"}),
    "suspendInstance": Recipe(STATES, stranger=strange, everything=ALL, body={"reason": "x"}),
    "resumeInstance": Recipe(STATES, stranger=strange, everything=ALL, body={"reason": "x"}),
    "setVariables": Recipe(
        STATES, stranger=strange, everything=ALL, body={"variables": {"b": 1}, "reason": "x"}
    ),
    "listIncidents": Recipe(),
    "retryIncident": Recipe({"": incident}, everything=ALL, good=202),
    "startProcess": Recipe(body={"process_key": "bare", "business_key": "K-2"}, good=201),
    "sendSignal": Recipe(body={"name": "holiday"}, good=202),
}

PAGES = {
    "incidents": Recipe(),
    "instance": Recipe(STATES, stranger=strange, everything=ALL),
    "operate": Recipe(
        STATES, stranger=strange, everything=ALL, data={"verb": "suspend", "reason": "x"}, good=303
    ),
    "retry": Recipe({"": incident}, everything=ALL, good=303),
}
