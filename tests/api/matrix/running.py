"""How running instances are listed and the figures of a process asked for, in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.api.matrix.instances import ALL, STATES, strange
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World


def process(_world: World, _login: str) -> Mapping[str, Any]:
    return {"key": "request"}


RECIPES = {
    "listInstances": Recipe(),
    "readFlow": Recipe({"": process}),
}

PAGES = {
    "instances": Recipe(),
    "flow": Recipe({"": process}),
    "flow_csv": Recipe({"": process}),
    "correct": Recipe(
        STATES, stranger=strange, everything=ALL, data={"name": "b", "value": "1", "reason": "x"}, good=303
    ),
}
