"""How operators look after notices on their way out in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from tasks.core import table
from tasks.notices.tables import FAILED, STATES, Delivery
from tests.api.matrix import talk
from tests.api.matrix.recipe import Make, Recipe
from tests.api.matrix.world import World


def delivery(state: str, receiver: str) -> Make:
    """One to somebody, in this state."""

    def make(world: World, _login: str) -> Mapping[str, Any]:
        notice = talk.notice(world, receiver)["notice_id"]
        now, new_id = world.clock.now(), world.deps.engine.new_id()
        values = {
            "id": new_id, "batch_id": new_id, "notice_id": notice, "person_id": world.id_of(receiver), "channel": "email",
            "state": state, "attempts": 1, "created_at": now, "since": now, "next_at": now, "error": "",
        }  # fmt: skip
        with world.session() as session:
            session.execute(sa.insert(table(Delivery)).values(values))
        return {"delivery_id": new_id}

    return make


RECIPES = {
    "listDeliveries": Recipe(),
    "retryDelivery": Recipe(
        {state: delivery(state, "clerk") for state in STATES}, stranger=delivery(FAILED, "stranger"), good=204
    ),
    "retryDeliveries": Recipe(body={"channel": "email"}),
}

RETRY = RECIPES["retryDelivery"]

PAGES = {
    "deliveries": Recipe(),
    "retry_delivery": replace(RETRY, good=302),
    "retry_deliveries": Recipe(data={"channel": "email"}, good=302),
}
