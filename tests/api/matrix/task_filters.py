"""How filters are saved, shared, changed and deleted in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tasks.lists import saved
from tests.api.matrix.recipe import Make, Recipe
from tests.api.matrix.world import World

HOTLINE = "channel@/hq/henan/henan_hotline/"
READERS = ("clerk", "chief", "auditor")
"""Those who keep filters of their own; for everybody else it is the clerk's."""


def kept(owner: str | None = None, **values: Any) -> Make:
    """A filter of somebody's, else of whoever calls."""

    def make(world: World, login: str) -> Mapping[str, Any]:
        with world.acting(owner or (login if login in READERS else "clerk")) as (session, caller):
            number = len(saved.filters_of(session, world.deps, caller))
            return {
                "filter_id": saved.save(session, world.deps, caller, {"name": f"筛选 {number}", **values}).id
            }

    return make


def shared(world: World, login: str) -> Mapping[str, Any]:
    """By the other of the two who share a group."""
    owner = "chief" if login == "clerk" else "clerk"
    values = {} if login == "auditor" else {"shared_group": HOTLINE}
    return kept("auditor" if login == "auditor" else owner, **values)(world, login)


THINGS = {"mine": kept(), "shared with me": shared}
STRANGE = kept("stranger", shared_group="channel@/hq/zhejiang/zhejiang_hotline/")

RECIPES = {
    "listTaskFilters": Recipe(),
    "saveTaskFilter": Recipe(body={"name": "今天到期", "criteria": {"clock": "today"}}, good=201),
    "changeTaskFilter": Recipe({"mine": kept()}, stranger=STRANGE, body={"sort": "priority"}),
    "dropTaskFilter": Recipe({"mine": kept()}, stranger=STRANGE, good=204),
    "listFilteredTasks": Recipe(THINGS, stranger=STRANGE),
}

PAGES = {
    "save_filter": Recipe(data={"name": "今天到期", "list": "queue", "query": "clock=today"}, good=303),
    "change_filter": Recipe({"mine": kept()}, stranger=STRANGE, data={"name": "明天到期"}, good=303),
    "drop_filter": Recipe({"mine": kept()}, stranger=STRANGE, good=303),
}
