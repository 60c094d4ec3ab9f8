"""How tasks are listed, read, claimed, released and completed in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tasks import desk
from tests.api.matrix.cases import far, filed
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World

MADE_UP = "00000000-0000-4000-8000-000000000000"
ANSWERS = {"outcome": "close"}
DESK = ("clerk", "chief")
"""Those to whom the tasks are offered; for everybody else the clerk does what there is to do."""


def _task(world: World, who: str = "clerk") -> Mapping[str, Any]:
    return {"task_id": filed(world, who).tasks[0]["id"]}


def _by(login: str) -> str:
    return login if login in DESK else "clerk"


def created(world: World, _login: str) -> Mapping[str, Any]:
    return _task(world)


def assigned(world: World, login: str) -> Mapping[str, Any]:
    found = _task(world)
    with world.acting(_by(login)) as (session, caller):
        desk.claim(session, world.deps, caller, found["task_id"])
    return found


def held_by_another(world: World, login: str) -> Mapping[str, Any]:
    return assigned(world, "chief" if login == "clerk" else "clerk")


def delegated(world: World, login: str) -> Mapping[str, Any]:
    """By the caller, to a colleague."""
    found = assigned(world, login)
    colleague = "chief" if _by(login) == "clerk" else "clerk"
    with world.acting(_by(login)) as (session, caller):
        desk.delegate(session, world.deps, caller, found["task_id"], colleague, "请代查话单")
    return found


def delegated_to_me(world: World, login: str) -> Mapping[str, Any]:
    return delegated(world, "chief" if login == "clerk" else "clerk")


def completed(world: World, login: str) -> Mapping[str, Any]:
    found = assigned(world, login)
    with world.acting(_by(login)) as (session, caller):
        desk.complete(session, world.deps, caller, found["task_id"], ANSWERS)
    return found


def cancelled(world: World, _login: str) -> Mapping[str, Any]:
    with world.acting("operator") as (session, caller):
        world.deps.engine.cancel(
            session, filed(world, "clerk").instance_id, reason="over", actor=caller.actor
        )
    return _task(world)


def suspended(world: World, login: str) -> Mapping[str, Any]:
    """A task somebody holds while its instance is stopped."""
    found = assigned(world, login)
    with world.acting("operator") as (session, caller):
        world.deps.engine.suspend(
            session, filed(world, "clerk").instance_id, reason="stop", actor=caller.actor
        )
    return found


def strange(world: World, login: str) -> Mapping[str, Any]:
    return _task(world, far(login))


STATES = {
    "created": created,
    "assigned": assigned,
    "assigned to another": held_by_another,
    "assigned, suspended": suspended,
    "delegated": delegated,
    "delegated to me": delegated_to_me,
    "completed": completed,
    "cancelled": cancelled,
}
NOT_MINE = {"assigned to another": 409}


def _verb(otherwise: Mapping[str, int], good: int = 200, **more: Any) -> Recipe:
    return Recipe(STATES, stranger=strange, otherwise={**NOT_MINE, **otherwise}, good=good, **more)


# Claiming what one holds already changes nothing and is no mistake.
CLAIM = {"assigned": 200, "assigned, suspended": 200}

RECIPES = {
    "listTasks": Recipe(),
    "countTasks": Recipe(),
    "nextTask": Recipe(body={}),
    "readTask": Recipe(STATES, stranger=strange),
    "followingTask": Recipe(STATES, stranger=strange),
    "claimTask": _verb(CLAIM),
    "releaseTask": _verb({}, body={"reason": "不属于本组"}),
    "delegateTask": Recipe(
        STATES,
        stranger=strange,
        otherwise=NOT_MINE,
        body=lambda _world, login, _thing: {"to": "clerk" if login == "chief" else "chief", "note": "请代办"},
    ),
    "resolveTask": Recipe(STATES, stranger=strange, otherwise={"delegated": 409}, body={"note": "已查"}),
    "recallTask": Recipe(STATES, stranger=strange, otherwise={"delegated to me": 409}),
    "prioritiseTask": Recipe(STATES, stranger=strange, body={"priority": 90, "reason": "媒体关注"}),
    "followUpTask": Recipe(
        STATES,
        stranger=strange,
        otherwise={**NOT_MINE, "delegated": 409},
        body={"at": "2026-03-04T09:00:00+08:00"},
    ),
    "readDraft": Recipe(STATES, stranger=strange, otherwise=dict.fromkeys(STATES, 200)),
    "saveDraft": Recipe(
        STATES,
        stranger=strange,
        otherwise={**NOT_MINE, "delegated": 409},
        body={"answers": ANSWERS, "revision": 0},
    ),
    "dropDraft": Recipe(STATES, stranger=strange, otherwise=dict.fromkeys(STATES, 204), good=204),
    "reassignTask": Recipe(STATES, stranger=strange, body={"to": "clerk", "reason": "请李楠办理"}),
    "reassignTasks": Recipe(body={"ids": [MADE_UP], "to": ["clerk"], "reason": "请李楠办理"}),
    "completeTask": _verb({"assigned, suspended": 409}, body={"answers": ANSWERS}),
}

LISTS = ("inbox", "queue", "warned", "overdue", "delegated", "asleep", "team", "archive")


def _many(**more: Any) -> Recipe:
    """What is done with several tasks is answered for each of them, also of one that does not exist."""
    return Recipe(body={"ids": [MADE_UP], **more})


PAGES = {
    **{name: Recipe() for name in LISTS},
    "claim_many": _many(),
    "release_many": _many(reason="不属于本组"),
    "delegate_many": _many(to="clerk", note="请代查话单"),
    "recall_many": _many(),
    "follow_up_many": _many(at="2026-03-04T09:00"),
    "prioritise_many": _many(priority="90", reason="媒体关注"),
    "reassign_many": _many(to=["clerk"], reason="请李楠办理"),
    "colleagues": _many(),
    "claim_next": Recipe(good=303),
    "task": Recipe(STATES, stranger=strange),
    "path": Recipe(STATES, stranger=strange),
    "claim": _verb(dict.fromkeys(CLAIM, 303), good=303),
    "release": _verb({}, good=303),
    "delegate": Recipe(
        STATES,
        stranger=strange,
        otherwise=NOT_MINE,
        data=lambda _world, login, _thing: {"to": "clerk" if login == "chief" else "chief", "note": "请代办"},
        good=303,
    ),
    "resolve": Recipe(
        STATES, stranger=strange, otherwise={"delegated": 409}, data={"note": "已查"}, good=303
    ),
    "recall": Recipe(STATES, stranger=strange, otherwise={"delegated to me": 409}, good=303),
    "reassign": Recipe(STATES, stranger=strange, data={"to": "clerk", "reason": "请李楠办理"}, good=303),
    "prioritise": Recipe(STATES, stranger=strange, data={"priority": "90", "reason": "媒体关注"}, good=303),
    "follow_up": Recipe(
        STATES,
        stranger=strange,
        otherwise={**NOT_MINE, "delegated": 409},
        data={"at": "2026-03-04T09:00"},
        good=303,
    ),
    "save_draft": Recipe(
        STATES,
        stranger=strange,
        otherwise={**NOT_MINE, "delegated": 409},
        body={"answers": ANSWERS, "revision": 0},
    ),
    "open_next": Recipe(data={"at_once": "yes"}, good=303),
    "drop_draft": Recipe(STATES, stranger=strange, otherwise=dict.fromkeys(STATES, 200)),
    # Sent again after its answer was lost, a completion leads on as it did the first time.
    "complete": _verb({"assigned, suspended": 409, "completed": 200}, body={"answers": ANSWERS}),
}
