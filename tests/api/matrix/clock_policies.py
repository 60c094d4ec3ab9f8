"""How the clock register is read and changed in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from tasks.deadlines.policies.editing import Plan, change_row
from tasks.deadlines.policies.versions import all_versions
from tests.api.matrix.recipe import Make, Recipe
from tests.api.matrix.world import World

ROW = {"code": "R99.walk", "limit": "8", "unit": "h"}
OWNER = "owner"


def newest(world: World, code: str) -> UUID:
    with world.session() as session:
        return next(
            versions[-1].id for key, versions in all_versions(session).items() if key[0] == code
        )  # fmt: skip


def version(world: World, _login: str) -> Mapping[str, Any]:
    return {"version_id": newest(world, "T.days")}


def planned(world: World, _login: str) -> Mapping[str, Any]:
    """The newest version of a row for which something is planned."""
    soon = world.clock.now().date() + timedelta(days=30)
    with world.acting(OWNER) as (session, caller):
        change_row(
            session, world.deps, caller, newest(world, "T.working"), {"limit": "5"}, Plan(soon, replaces=True)
        )
    return {"version_id": newest(world, "T.working")}


def _file(_world: World, _login: str, _thing: Mapping[str, Any]) -> dict[str, Any]:
    return {"file": (BytesIO(b"code,limit,unit\nT.days,9,cd\n"), "clocks.csv")}


ONE: Mapping[str, Make] = {"": version}

RECIPES = {
    "listClockPolicies": Recipe(),
    "exportClockPolicies": Recipe(),
    "readClockPolicy": Recipe(ONE),
    "checkClockPolicy": Recipe(body=ROW),
    "addClockPolicy": Recipe(body=ROW, good=201),
    "changeClockPolicy": Recipe(ONE, body={"limit": "9"}),
    "endClockPolicy": Recipe(ONE, body={}),
    "keepClockPolicy": Recipe({"": planned}, body={}),
    "importClockPolicies": Recipe(data=_file),
}

PAGES = {
    "register": Recipe(),
    "policy": Recipe(ONE),
    "export_register": Recipe({"": lambda _world, _login: {"wanted": "csv"}}),
    "new_policy": Recipe(),
    "import_register": Recipe(),
    "import_register_file": Recipe(data=_file),
    "add_policy": Recipe(data=ROW, good=302),
    "change_policy": Recipe(ONE, data={"limit": "9"}, good=302),
    "end_policy": Recipe(ONE, data={}, good=302),
    "keep_policy": Recipe({"": planned}, data={}, good=302),
}
