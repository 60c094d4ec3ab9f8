"""A lead says how urgent a task is; whoever has it in hand says until when it rests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import InvalidInput, NotFound, NotPermitted, WrongState
from tests.tasks.audit.test_every_verb_leaves_a_line import lines
from tests.tasks.office import TestOffice


def test_a_lead_sets_the_priority_and_the_task_says_who_did(office: TestOffice) -> None:
    case = office.file()
    task = case.tasks[0]["id"]
    assert (office.task("check_request").priority, office.task("check_request").priority_by) == (50, None)
    row = office.prioritise("sun_qiang", task, 90)
    assert row.priority == 90
    assert office.prioritise("sun_qiang", task, 90, "再说一次").priority == 90
    with office.acting("sun_qiang") as (_, caller):
        assert office.task("check_request").priority_by == caller.id
    told = [row for row in lines(office, case.number) if row.verb == "task.prioritise"]
    assert len(told) == 1
    assert ('"priority":50' in told[0].before.replace(" ", ""), "媒体关注" in told[0].after) == (True, True)


def test_only_who_leads_the_unit_sets_a_priority_of_0_to_100(office: TestOffice) -> None:
    task = office.file().tasks[0]["id"]
    with pytest.raises(NotPermitted):
        office.prioritise("li_na", task, 90)
    with pytest.raises(NotFound):
        office.prioritise("lin_hai", task, 90)
    for priority in (-1, 101):
        with pytest.raises(InvalidInput):
            office.prioritise("sun_qiang", task, priority)
    with pytest.raises(InvalidInput):
        office.prioritise("sun_qiang", task, 90, " ")
    assert office.task("check_request").priority == 50


def test_whoever_has_a_task_lets_it_rest_and_its_clock_runs_on(office: TestOffice) -> None:
    task = office.file().tasks[0]["id"]
    later = office.clock.now() + timedelta(days=2)
    with pytest.raises(WrongState, match="unclaimed"):
        office.follow_up("li_na", task, later)
    office.claim("li_na", task)
    due = office.task("check_request").due_at
    row = office.follow_up("li_na", task, later)
    assert (row.follow_up_at, row.due_at, row.state) == (later, due, "assigned")
    for login, problem in (("he_jing", WrongState), ("chen_yu", NotFound)):
        with pytest.raises(problem):
            office.follow_up(login, task, None)
    with pytest.raises(InvalidInput):
        office.follow_up("li_na", task, office.clock.now())
    assert office.follow_up("li_na", task, None).follow_up_at is None


def test_whoever_has_it_next_begins_without_somebody_elses_rest(office: TestOffice) -> None:
    later = office.clock.now() + timedelta(days=2)
    for hand_on in (
        lambda task: office.release("li_na", task),
        lambda task: office.delegate("li_na", task, "he_jing"),
        lambda task: office.reassign("sun_qiang", task, "he_jing"),
    ):
        task = office.file().tasks[0]["id"]
        office.claim("li_na", task)
        office.follow_up("li_na", task, later)
        assert hand_on(task).follow_up_at is None
