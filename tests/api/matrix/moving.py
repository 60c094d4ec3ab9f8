"""How instances are moved to another version in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tasks.permissions.matrix import OPERATOR
from tasks.processes.moving.tables import Migration
from tests.api.matrix.instances import STATES, strange
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World

ALL = frozenset({OPERATOR})


def process(_world: World, _login: str) -> Mapping[str, Any]:
    return {"key": "bare"}


def migration(world: World, login: str) -> Mapping[str, Any]:
    """A migration of a version, begun by the login and finished."""
    definition = uuid4()
    with world.acting(login) as (session, caller):
        row = Migration(
            id=uuid4(), process_key="bare", from_definition_id=definition, from_version=1, to_definition_id=definition,
            to_version=1, mapping={}, note="", by_id=caller.id, by_login=login, by_name="x", at=world.deps.clock.now(),
            total=0, moved=0, refused=0, finished_at=world.deps.clock.now(),
        )  # fmt: skip
        session.add(row)
    return {"migration_id": row.id}


def of_another(world: World, _login: str) -> Mapping[str, Any]:
    """A migration somebody else has begun."""
    return migration(world, "clerk")


RECIPES = {
    "instancesByVersion": Recipe({"": process}),
    "checkMigration": Recipe({"": process}, body={"from_version": 1, "to_version": 1}),
    "migrateInstances": Recipe(
        {"": process}, body={"to_version": 1, "ids": ["00000000-0000-4000-8000-000000000000"]}
    ),
    "readMigration": Recipe({"": migration}, stranger=of_another, everything=ALL),
    "migrateInstance": Recipe(STATES, stranger=strange, everything=ALL, body={"version": 1}),
}

PAGES = {
    "move": Recipe({"": process}, query="?from=1&to=1"),
    "move_chosen": Recipe({"": process}, data={"from": "1", "to": "1", "verb": "chosen"}, good=422),
    "migration": Recipe({"": migration}, stranger=of_another, everything=ALL),
}
