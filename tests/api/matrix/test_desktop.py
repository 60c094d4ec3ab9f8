"""The walk through the desktop's door: every call by somebody of each role, as the matrix says."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from api.desktop.door import PREFIX, ROUTES, Route
from engine.deployment import ProcessDefinition
from tasks.permissions.matrix import VERBS
from tests.api.desktop.modeler import Modeler
from tests.api.matrix.world import PEOPLE, World
from tests.tasks.drawings import one_task

NEEDS_NOBODY = {f"{PREFIX}/open/repository", f"{PREFIX}/open/process-instance/<instance_id>"}
"""They lead to pages where people sign in, and say nothing themselves."""


def test_every_address_behind_the_door_is_declared(world: World) -> None:
    declared = {(each.method, each.rule) for each in ROUTES.values()}
    for rule in world.app.url_map.iter_rules():
        if rule.rule.startswith(PREFIX) and rule.rule not in NEEDS_NOBODY:
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert (method, rule.rule) in declared
    assert {each.permission for each in ROUTES.values()} <= set(VERBS)


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
def test_the_matrix_holds_for_every_role(world: World, route: Route) -> None:
    allowed = VERBS[route.permission].roles
    for login in (None, *PEOPLE):
        with world.taken_back():
            modeler = Modeler(world.app.test_client())
            answer = call(world, modeler.bearer(world.tokens[login]) if login else modeler, route.name)
        expected = 401 if login is None else 403 if allowed.isdisjoint(world.roles(login)) else 200
        assert answer.status_code == expected, (login, answer.text)


def call(world: World, modeler: Modeler, name: str) -> Any:
    with world.session() as session:
        found = session.scalar(sa.select(ProcessDefinition.id).where(ProcessDefinition.key == "bare"))
    calls = {
        "desktop_version": modeler.get_version,
        "desktop_deployments": modeler.check_connection,
        "desktop_deploy": lambda: modeler.deploy("one.bpmn", one_task("walked", "").content),
        "desktop_start": lambda: modeler.start(str(found), "k"),
        "desktop_start_by_key": lambda: modeler.start("key/bare", "k"),
    }
    return calls[name]()
