"""How the duty roster is read and replaced in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any

from tasks.people.duty.reading import local
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World


def _file(world: World, _login: str, _thing: Mapping[str, Any]) -> dict[str, Any]:
    begin = world.clock.now()
    row = f"henan_hotline,clerk,{local(begin)},{local(begin + timedelta(hours=8))},"
    return {"file": (BytesIO(f"unit,login,from,until,note\n{row}\n".encode()), "duty.csv")}


RECIPES = {"listDuty": Recipe(), "exportDuty": Recipe(), "importDuty": Recipe(data=_file)}

PAGES = {"duty": Recipe(), "export_duty": Recipe(), "import_duty": Recipe(data=_file, good=302)}
