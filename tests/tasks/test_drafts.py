"""Drafts: kept for whoever wrote them, in any browser, until the task is over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput, NotFound, WrongState
from tasks import desk
from tasks.desk.drafts import LARGEST
from tasks.desk.tables import TaskDraft
from tests.tasks.office import TestOffice

HALF = {"outcome": "forward"}


def save(office: TestOffice, login: str, task: UUID, answers: dict[str, Any], revision: int) -> desk.Draft:
    with office.acting(login) as (session, caller):
        return desk.save_draft(session, office.deps, caller, task, answers, revision)


def read(office: TestOffice, login: str, task: UUID) -> desk.Draft:
    with office.acting(login) as (session, caller):
        return replace(desk.read_draft(session, caller, task), at=None)


def taken(office: TestOffice) -> UUID:
    task: UUID = office.file().tasks[0]["id"]
    office.claim("li_na", task)
    return task


def left(office: TestOffice) -> int:
    return int(office.scalar(sa.select(sa.func.count()).select_from(TaskDraft)))


def test_a_draft_is_kept_for_whoever_wrote_it_and_gone_when_the_task_is_completed(office: TestOffice) -> None:
    task = taken(office)
    assert read(office, "li_na", task) == desk.Draft({}, 0)
    assert save(office, "li_na", task, {}, 0).revision == 1
    assert save(office, "li_na", task, HALF, 1).revision == 2
    assert read(office, "li_na", task) == desk.Draft(HALF, 2)
    assert read(office, "he_jing", task) == desk.Draft({}, 0)
    office.complete("li_na", task, {"outcome": "close"})
    assert left(office) == 0


@pytest.mark.parametrize("revision", [0, 1, 3])
def test_two_browsers_do_not_overwrite_each_other(office: TestOffice, revision: int) -> None:
    task = taken(office)
    save(office, "li_na", task, {}, 0)
    save(office, "li_na", task, HALF, 1)
    with pytest.raises(WrongState, match="revision 2: it was saved elsewhere"):
        save(office, "li_na", task, {"outcome": "close"}, revision)
    assert read(office, "li_na", task) == desk.Draft(HALF, 2)


def test_only_who_has_the_task_in_hand_keeps_a_draft_of_it(office: TestOffice) -> None:
    task = taken(office)
    save(office, "li_na", task, HALF, 0)
    office.delegate("li_na", task, "he_jing")
    with pytest.raises(WrongState, match="held by 何菁"):
        save(office, "li_na", task, {}, 1)
    assert save(office, "he_jing", task, {}, 0).revision == 1
    assert read(office, "li_na", task) == desk.Draft(HALF, 1)
    with pytest.raises(NotFound):
        save(office, "chen_yu", task, HALF, 0)
    with pytest.raises(NotFound):
        read(office, "chen_yu", task)
    with pytest.raises(InvalidInput):
        save(office, "he_jing", task, {"demand": "字" * LARGEST}, 1)


def test_a_draft_is_forgotten_when_its_writer_says_so(office: TestOffice) -> None:
    task = taken(office)
    save(office, "li_na", task, HALF, 0)
    for login, still in (("he_jing", 1), ("li_na", 0), ("li_na", 0)):
        with office.acting(login) as (session, caller):
            desk.drop_draft(session, office.deps, caller, task)
        assert left(office) == still
    assert save(office, "li_na", task, HALF, 0).revision == 1
