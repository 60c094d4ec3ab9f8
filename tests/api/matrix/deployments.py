"""How processes are deployed, bound and looked at in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import sqlalchemy as sa

from engine.deployment import ProcessDefinition
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World
from tests.tasks.drawings import one_task


def _row(world: World) -> Any:
    with world.session() as session:
        return session.scalars(sa.select(ProcessDefinition).where(ProcessDefinition.key == "request")).one()


def definition(world: World, _login: str) -> Mapping[str, Any]:
    return {"definition_id": _row(world).id}


def deployment(world: World, _login: str) -> Mapping[str, Any]:
    return {"deployment_id": _row(world).deployment_id}


def file(world: World, _login: str) -> Mapping[str, Any]:
    return {"deployment_id": _row(world).deployment_id, "name": "request.bpmn"}


def _files(_world: World, _login: str, _thing: Mapping[str, Any]) -> dict[str, Any]:
    brought = one_task("brought", "")
    return {"name": "brought", "files": (BytesIO(brought.content), brought.name)}


def _checked(world: World, login: str, thing: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sent for name, sent in _files(world, login, thing).items() if name == "files"}


RECIPES = {
    "listDefinitions": Recipe(),
    "listNeeds": Recipe({"": definition}),
    "bindNeeds": Recipe({"": definition}, body={"bindings": {"nothing": "nothing"}}, good=422),
    "listDeployments": Recipe(),
    "deploy": Recipe(data=_files, good=201),
    "checkDeployment": Recipe(data=_checked),
    "listResources": Recipe({"": deployment}),
    "readResource": Recipe({"": file}),
}

PAGES = {
    "processes": Recipe(),
    "process": Recipe({"": lambda _world, _login: {"key": "request"}}),
    "bind": Recipe({"": definition}, data={"need:nothing": "nothing"}, good=422),
    "diagram": Recipe({"": definition}),
    "drawn": Recipe({"": definition}),
    "deploy": Recipe(),
    "deploy_files": Recipe(data=_files),
    "deployment": Recipe({"": deployment}),
    "deployed_file": Recipe({"": file}),
}
