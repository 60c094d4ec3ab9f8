"""How people ask in the walk who had the ball."""

from __future__ import annotations

from tests.api.matrix import cases
from tests.api.matrix.recipe import Recipe

RECIPES = {
    "readCourt": Recipe({"open": cases.case, "over": cases.over}, stranger=cases.strange),
    "listClockOutcomes": Recipe(),
}

PAGES = {"outcomes": Recipe()}
