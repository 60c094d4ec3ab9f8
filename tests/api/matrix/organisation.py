"""How the organisation is read and changed in the walk. The operator sits in Henan and maintains nothing beyond it."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import sqlalchemy as sa

from tasks.organisation.tables import Membership, OrgUnit
from tests.api.matrix.recipe import Make, Recipe
from tests.api.matrix.world import World


def unit(code: str) -> Make:
    return lambda _world, _login: {"code": code}


def person(login: str) -> Make:
    return lambda _world, _login: {"login": login}


def seat(login: str) -> Make:
    def make(world: World, _login: str) -> Mapping[str, Any]:
        with world.session() as session:
            mine = sa.select(Membership.id).where(Membership.person_id == world.id_of(login))
            return {"seat_id": session.scalars(mine).first()}

    return make


def edited(**values: Any) -> Any:
    """A body made on the present revision."""

    def body(world: World, login: str, _thing: Mapping[str, Any]) -> dict[str, Any]:
        with world.acting(login) as (session, _):
            return {"revision": world.deps.office.current(session).revision, **values}

    return body


def _table(world: World, _login: str, _thing: Mapping[str, Any]) -> dict[str, Any]:
    with world.session() as session:
        assert session.scalar(sa.select(OrgUnit.id).where(OrgUnit.code == "henan"))
    return {
        "files": (
            BytesIO(
                b"code,name,parent,kind\nhenan_shop,\xe8\x90\xa5\xe4\xb8\x9a\xe5\x8e\x85,henan,channel\n"
            ),
            "units.csv",
        )
    }


RECIPES = {
    "readOrganisation": Recipe(),
    "listProviderGroups": Recipe(),
    "readUnit": Recipe({"": unit("henan_hotline")}),
    "readPerson": Recipe({"": person("clerk")}),
    "exportOrganisation": Recipe(),
    "addUnit": Recipe(
        body=edited(code="henan_shop", name="营业厅", kind="channel", parent="henan"), good=201
    ),
    "changeUnit": Recipe(
        {"": unit("henan_hotline")}, stranger=unit("zhejiang_hotline"), body=edited(name="热线")
    ),
    "addPerson": Recipe(body=edited(login="new_clerk", name="新人", unit="henan_hotline"), good=201),
    "changePerson": Recipe({"": person("clerk")}, stranger=person("stranger"), body=edited(name="李娜")),
    "addSeat": Recipe(
        {"": person("clerk")},
        stranger=person("stranger"),
        body=edited(unit="henan", title="副经理"),
        good=201,
    ),
    "changeSeat": Recipe({"": seat("clerk")}, stranger=seat("stranger"), body=edited(title="受理员")),
    "endSeat": Recipe({"": seat("chief")}, stranger=seat("stranger"), body=edited(last="2026-03-01")),
    "importOrganisation": Recipe(data=_table),
}

PAGES = {
    "organisation": Recipe(),
    "provider_groups": Recipe(),
    "unit": Recipe({"": unit("henan_hotline")}),
    "export": Recipe({"": lambda _world, _login: {"wanted": "xlsx"}}),
    "import_page": Recipe(),
    "import_files": Recipe(data=_table),
    "add_unit": Recipe(
        data=edited(code="henan_shop", name="营业厅", kind="channel", parent="henan"), good=302
    ),
    "change_unit": Recipe(
        {"": unit("henan_hotline")}, stranger=unit("zhejiang_hotline"), data=edited(name="热线"), good=302
    ),
    "add_person": Recipe(
        {"": unit("henan_hotline")},
        stranger=unit("zhejiang_hotline"),
        data=edited(login="new_clerk", name="新人"),
        good=302,
    ),
    "add_seat": Recipe(
        {"": unit("henan")}, stranger=unit("zhejiang"), data=edited(login="clerk", title="副经理"), good=302
    ),
    "change_person": Recipe(
        {"": person("clerk")},
        stranger=person("stranger"),
        data=edited(name="李娜", active="yes", unit="henan_hotline"),
        good=302,
    ),
    "change_seat": Recipe(
        {"": seat("clerk")},
        stranger=seat("stranger"),
        data=edited(title="受理员", unit="henan_hotline"),
        good=302,
    ),
    "end_seat": Recipe(
        {"": seat("chief")}, stranger=seat("stranger"), data=edited(unit="henan_hotline"), good=302
    ),
}
