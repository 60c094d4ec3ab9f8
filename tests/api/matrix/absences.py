"""How absences are entered, changed and called off in the walk: the clerk's, whom the chief of the same unit leads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tasks.people.absence import entering
from tasks.people.absence.tables import Absence
from tasks.people.duty.reading import local
from tests.api.matrix.recipe import Make, Recipe
from tests.api.matrix.world import World


def absence(state: str, person: str = "clerk") -> Make:
    """An absence of somebody in this state, entered by themself; it lies behind all they have entered already."""

    def make(world: World, _login: str) -> Mapping[str, Any]:
        with world.acting(person) as (session, caller):
            entered = sa.select(sa.func.count()).where(Absence.person_id == caller.id)
            days = 3 * session.scalars(entered).one() + (state == "planned")
            begin = world.clock.now() + timedelta(days=days)
            values = {"from": begin, "until": begin + timedelta(days=2)}
            row = entering.enter(session, world.deps, caller, values)
            if state == "called_off":
                entering.cancel(session, world.deps, caller, row.id)
        for each in world.tokens:
            with world.acting(each):
                pass  # who is away has changed: it is read here and not by the calls that are compared
        return {"absence_id": row.id}

    return make


def _until(world: World, _login: str, _thing: Mapping[str, Any]) -> dict[str, Any]:
    return {"until": (world.clock.now() + timedelta(days=3)).isoformat()}


THINGS = {state: absence(state) for state in ("planned", "running", "called_off")}
STRANGE = absence("planned", "stranger")

RECIPES = {
    "listAbsences": Recipe(),
    "enterAbsence": Recipe(body=_until, good=201),
    "changeAbsence": Recipe(THINGS, stranger=STRANGE, body=_until),
    "cancelAbsence": Recipe(THINGS, stranger=STRANGE),
    "handOver": Recipe(THINGS, stranger=STRANGE, body={"to": "queue"}),
}


def _form(world: World, _login: str, _thing: Mapping[str, Any]) -> dict[str, Any]:
    return {"until": local(world.clock.now() + timedelta(days=3)).replace(" ", "T")}


PAGES = {
    "my_absences": Recipe(),
    "absences": Recipe(),
    "enter_absence": Recipe(data=_form, good=302),
    "change_absence": Recipe(THINGS, stranger=STRANGE, data=_form, good=302),
    "cancel_absence": Recipe(THINGS, stranger=STRANGE, good=302),
    "hand_over": Recipe(THINGS, stranger=STRANGE, data={"to": "queue"}),
}
