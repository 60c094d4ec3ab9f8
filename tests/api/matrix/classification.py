"""How the classification is read and replaced in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from tasks.classification.loading import replace_list
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World

ROWS = "code,name_zh,name_en,within,clause,ours\ngsm,移动,GSM,,003§2.3.1,\n"


def a_list(world: World, _login: str) -> Mapping[str, Any]:
    with world.session() as session:
        replace_list(session, "business", ROWS, now=world.clock.now())
        session.commit()
    return {"name": "business"}


def _file(_world: World, _login: str, _thing: Mapping[str, Any]) -> dict[str, Any]:
    return {"file": (BytesIO(ROWS.encode()), "business.csv")}


def _sent(world: World, login: str, thing: Mapping[str, Any]) -> dict[str, Any]:
    return {**_file(world, login, thing), "name": "business"}


RECIPES = {
    "listClassifications": Recipe(),
    "exportClassification": Recipe({"": a_list}),
    "replaceClassification": Recipe({"": a_list}, data=_file),
}

PAGES = {
    "classification": Recipe(),
    "export_classification": Recipe({"": a_list}),
    "replace_classification": Recipe(data=_sent, good=303),
}
