"""How cases are filed, read, written to and searched in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from tasks.cases import filing
from tasks.cases.tables import Submission
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World
from tests.tasks.office import FACTS


def filed(world: World, login: str, regime: str = "request") -> filing.Filed:
    """The one case this login has filed under a regime."""
    key = f"case of {login} under {regime}"
    if key not in world.made:
        raise LookupError(f"{key}: make it in `furnish`")
    found: filing.Filed = world.made[key]
    return found


def furnish(world: World) -> None:
    """File the cases everybody's calls are about."""
    for login in ("clerk", "stranger", "regulator", "consumers"):
        for regime in ("request", "stuck"):
            with world.acting(login) as (session, caller):
                facts = FACTS if regime == "request" else {}
                world.made[f"case of {login} under {regime}"] = filing.file_case(
                    session, world.deps, caller, regime, facts
                )


def near(login: str) -> str:
    """Who files what this login sees: the regulator sees only its own cases."""
    return "regulator" if login == "regulator" else "clerk"


def far(login: str) -> str:
    """Who files what it does not see."""
    return "consumers" if login == "regulator" else "stranger"


def case(world: World, login: str) -> Mapping[str, Any]:
    return {"number": filed(world, near(login)).number}


def strange(world: World, login: str) -> Mapping[str, Any]:
    return {"number": filed(world, far(login)).number}


def over(world: World, login: str) -> Mapping[str, Any]:
    """A case whose process has ended."""
    found = filed(world, near(login))
    with world.acting("operator") as (session, caller):
        world.deps.engine.cancel(session, found.instance_id, reason="over", actor=caller.actor)
    return {"number": found.number}


def sent(world: World, login: str) -> Mapping[str, Any]:
    """A case with the bytes it was sent with, as if a body outside had sent it."""
    found = filed(world, near(login))
    with world.acting("operator") as (session, _):
        session.execute(
            sa.insert(Submission).values(
                case_id=found.id,
                regime="request",
                values={},
                digest=b"",
                body=b"{}",
                body_sha256=sha256(b"{}").digest(),
                content_type="application/json",
                sent_at=world.deps.clock.now(),
                sent_by=found.id,
                sent_by_name="管理局",
            )
        )
    return {"number": found.number}


def _filing(regime: str) -> Recipe:
    return Recipe(body={"facts": FACTS if regime == "request" else {}}, good=201)


RECIPES = {
    "listRegimes": Recipe(),
    "listCases": Recipe(),
    "fileCase": Recipe({"": lambda _world, _login: {"regime": "request"}}, body={"facts": FACTS}, good=201),
    "file_complaint": _filing("complaint"),
    "file_upgrade_complaint": _filing("upgrade_complaint"),
    "file_appeal": _filing("appeal"),
    "readCase": Recipe({"open": case, "over": over}, stranger=strange),
    "sendMessage": Recipe(
        {"open": case, "over": over}, stranger=strange, body={"name": "withdraw"}, otherwise={"over": 409}
    ),
}

RECIPES["confideCase"] = Recipe(
    {"open": case, "over": over},
    stranger=strange,
    body={"confidential": True, "reason": "名人"},
    good=204,
)

RECIPES["readEvidence"] = Recipe({"open": case, "over": over}, stranger=strange)
RECIPES["readOriginal"] = Recipe({"sent": sent}, stranger=strange)

PAGES = {
    "evidence": Recipe({"open": case, "over": over}, stranger=strange),
    "original": Recipe({"sent": sent}, stranger=strange),
    "confide": Recipe(
        {"open": case, "over": over},
        stranger=strange,
        data={"confidential": "yes", "reason": "名人"},
        good=303,
    ),
    "cases": Recipe(),
    "case": Recipe({"open": case, "over": over}, stranger=strange),
    "send": Recipe(
        {"open": case, "over": over},
        stranger=strange,
        data={"message": "withdraw"},
        good=303,
        otherwise={"over": 409},
    ),
    "message_form": Recipe(
        {"open": case, "over": over}, stranger=strange, query="?name=withdraw", otherwise={"over": 404}
    ),
    "file_start": Recipe(),
    "file_form": Recipe({"": lambda _world, _login: {"regime": "request"}}),
    "file_case": Recipe({"": lambda _world, _login: {"regime": "request"}}, body={"answers": FACTS}),
}
