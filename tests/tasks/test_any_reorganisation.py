"""After any changes, in any order, groups and paths are what a fresh look gives."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.cases.facts import EARLIER
from tasks.cases.tables import Case
from tasks.core import table
from tasks.listener import case_facts
from tasks.organisation.assigning.routing import group_path, groups_for
from tasks.permissions.visibility import with_superiors
from tasks.user_task import CREATED, OPEN, UserTask, groups_in
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice
from tests.tasks.reorganising import change, forwarded


def finish_something(office: TestOffice, login: str) -> None:
    """Do the newest task of the process `helping` that is offered to somebody."""
    with office.acting(login) as (session, caller):
        offered = sa.select(UserTask.id).where(
            UserTask.activity_id == "work",
            UserTask.state == CREATED,
            UserTask.candidate_group.in_(caller.groups),
        )
        found = session.scalar(offered.order_by(UserTask.id.desc()).limit(1))
    if found is not None:
        office.claim(login, found)
        office.complete(login, found, {})


NAMED = '<camunda:property name="route.unit" value="henan_network"/>'
UNITS = (
    "hq_service",
    "henan",
    "henan_hotline",
    "henan_network",
    "henan_billing",
    "zhejiang",
    "zhejiang_centre",
)
PARENTS = {"henan": ("hq", "hq_service", "zhejiang"), "henan_network": ("henan", "zhejiang", "henan_billing")}


@pytest.mark.parametrize("seed", range(3))
def test_after_any_changes_groups_and_paths_are_what_a_fresh_look_gives(
    settled: TestOffice, seed: int
) -> None:
    """Moves, closures, roles and classifications at random, with work going on between them."""
    dice = random.Random(seed)
    settled.deploy(one_task("helping", 'camunda:candidateGroups="department,headquarters"', NAMED))
    for login in ("li_na", "chen_yu"):
        forwarded(settled)
        settled.start("helping", settled.file(login).number)
    wished: dict[str, dict[str, Any]] = {}
    for _ in range(8):
        code = dice.choice(UNITS)
        kind = dice.randrange(3)
        if kind == 0 and code in PARENTS:
            wished.setdefault(code, {})["parent"] = dice.choice(PARENTS[code])
        elif kind == 1 and code.startswith("henan_"):
            wished.setdefault(code, {})["roles"] = dice.choice(
                [[], ["department"], ["channel", "department"]]
            )
        elif code.startswith("henan_"):
            wished.setdefault(code, {})["handles"] = dice.choice([[], ["mobile/*"], ["*/billing"]])
        change(settled, wished)
        if dice.random() < 0.6:
            settled.settle()
        settled.start("helping", settled.file(dice.choice(("li_na", "chen_yu"))).number)
        finish_something(settled, "feng_bo")
    settled.settle()
    assert settled.scalar(sa.select(sa.func.count()).where(UserTask.state == "completed")) > 2
    with settled.deps.sessions() as session:
        organisation = settled.deps.office.current(session).organisation
        touched: dict[Any, set[str]] = {}
        for task in session.scalars(sa.select(UserTask)):
            case = session.execute(sa.select(table(Case), EARLIER).where(Case.id == task.case_id)).one()
            if task.state in OPEN:
                fresh = groups_for(
                    organisation, task.asked, properties=task.properties, facts=case_facts(case)
                )
                assert groups_in(task) == fresh, task.activity_id
            touched.setdefault(case.id, {organisation.places[case.org_code]}).update(
                path for name in groups_in(task) if (path := group_path(name))
            )
        for case_id, places in touched.items():
            case = session.get_one(Case, case_id)
            assert set(case.paths) == with_superiors(places)
            assert case.org_path == organisation.places[case.org_code]
            assert set(case.paths) <= organisation.names.keys()
