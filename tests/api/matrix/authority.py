"""How the log of authority is read in the walk."""

from __future__ import annotations

from tests.api.matrix.recipe import Recipe

RECIPES = {"listAuthorityUses": Recipe(), "sumAuthorityUses": Recipe()}
PAGES = {"authority": Recipe()}
