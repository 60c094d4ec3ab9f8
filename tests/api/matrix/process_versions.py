"""How versions of processes are compared, made current, retired and restored in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from tasks.processes import deployments
from tasks.processes.versions import current
from tests.api.matrix import process_drafts
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World
from tests.engine.diagrams import process
from tests.tasks.drawings import one_task

_NUMBERS = count(1)


def spare(world: World, _login: str) -> Mapping[str, Any]:
    """A process of its own for every attempt: nothing else in the walk may be retired."""
    key = f"spare_{next(_NUMBERS)}_x"
    with world.acting("owner") as (session, caller):
        deployments.deploy(session, world.deps, caller, [one_task(key, "")], name=key)
    return {"key": key}


def resting(world: World, login: str) -> Mapping[str, Any]:
    """One that is retired."""
    found = spare(world, login)
    with world.acting("owner") as (session, caller):
        current.retire(session, world.deps, caller, found["key"], note="tried")
    return found


def overtaken(world: World, login: str) -> Mapping[str, Any]:
    """One that has a newer version than its caller calls."""
    key = f"part_{next(_NUMBERS)}_x"
    calling = process(f"of_{key}", "start s", f"call c calledElement={key}", "end e", "s -> c -> e")
    newer = one_task(key, 'camunda:priority="7"')
    with world.acting("owner") as (session, caller):
        for files in ([one_task(key, ""), calling], [newer]):
            deployments.deploy(session, world.deps, caller, files, name=key)
    return {"key": key}


RECIPES = {
    "listCallersBehind": Recipe({"": overtaken}),
    "updateCallers": Recipe({"": overtaken}, body={"note": "the part has changed"}, good=201),
    "compareVersions": Recipe({"": lambda _world, _login: {"key": "request"}}),
    "readCurrent": Recipe({"": lambda _world, _login: {"key": "request"}}),
    "chooseVersion": Recipe({"": spare}, body={"version": 1, "note": "again"}),
    "retireProcess": Recipe({"": spare}, body={"note": "not needed any more"}),
    "restoreProcess": Recipe({"": resting}, body={}),
}

PAGES = {
    "update_callers": Recipe({"": overtaken}, data={"note": "the part has changed"}, good=303),
    "compare_process_draft": Recipe({"": process_drafts.draft}),
    "compare_versions": Recipe({"": lambda _world, _login: {"key": "request"}}),
    "choose_version": Recipe({"": spare}, data={"version": "1", "note": "again"}, good=303),
    "retire_process": Recipe({"": spare}, data={"note": "not needed any more"}, good=303),
    "restore_process": Recipe({"": resting}, good=303),
}
