"""How supervision is read in the walk."""

from __future__ import annotations

from tests.api.matrix import cases
from tests.api.matrix.recipe import Recipe

RECIPES = {
    "listSupervisions": Recipe(),
    "countSupervisions": Recipe(),
    "listClockRequests": Recipe(),
    "readCaseSupervisions": Recipe({"open": cases.case, "over": cases.over}, stranger=cases.strange),
}

PAGES = {"supervision": Recipe()}
