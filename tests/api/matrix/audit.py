"""How the audit trail is read in the walk."""

from __future__ import annotations

from tests.api.matrix import cases
from tests.api.matrix.recipe import Recipe

OF_A_CASE = Recipe({"open": cases.case, "over": cases.over}, stranger=cases.strange)

RECIPES = {"readCaseTrail": OF_A_CASE, "readTrail": Recipe()}

PAGES = {"case_trail": OF_A_CASE, "trail": Recipe()}
