"""Instances are moved: one, several with an answer each, all of a version by the worker; tasks, clocks and the trail follow."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine.dialect import SourceFile
from engine.errors import NotFound, NotPermitted
from engine.instance import ProcessInstance
from engine.migrating.verdict import MigrationRefused
from tasks.audit.tables import AuditEvent
from tasks.core import table
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.court.tables import Holding
from tasks.processes.moving import batches, reach, verbs, whole
from tasks.processes.moving.tables import Migration
from tasks.user_task import UserTask
from tests.tasks.drawings import request_files
from tests.tasks.office import TestOffice

TASK = table(UserTask)


def redraw(office: TestOffice, *changes: tuple[str, str]) -> None:
    """Deploy another version of the regime, changed."""
    files = []
    for file in request_files():
        text = file.content.decode()
        for before, after in changes if file.name.endswith(".bpmn") else ():
            assert before in text, before
            text = text.replace(before, after)
        files.append(SourceFile(file.name, text.encode()))
    office.deploy(*files)


MORE = ('<bpmn:endEvent id="given_up"/>', '<bpmn:endEvent id="given_up" name="撤诉"/>')
GONE = ('"check_request" name', '"check_again" name'), ('"check_request"/>', '"check_again"/>'), ('sourceRef="check_request"', 'sourceRef="check_again"')  # fmt: skip


def task_of(office: TestOffice, number: str) -> Any:
    with office.deps.sessions() as session:
        return session.execute(
            sa.select(TASK).where(TASK.c.business_key == number, TASK.c.state.in_(("created", "assigned")))
        ).one()


def instance_of(office: TestOffice, number: str) -> UUID:
    found: UUID = office.scalar(sa.select(ProcessInstance.id).where(ProcessInstance.business_key == number))
    return found


def move(office: TestOffice, login: str, number: str, version: int = 2) -> Any:
    with office.acting(login) as (session, caller):
        return verbs.move_one(session, office.deps, caller, instance_of(office, number), version)


def test_a_task_in_hand_takes_name_and_priority_and_stays_with_whoever_has_it(office: TestOffice) -> None:
    number = office.file().number
    office.claim("li_na", task_of(office, number).id)
    before = task_of(office, number)
    redraw(office, ('name="核实诉求"', 'name="核实客户诉求" camunda:priority="80"'))
    move(office, "tang_wei", number)
    after = task_of(office, number)
    assert (after.name, after.priority, after.assignee_id) == ("核实客户诉求", 80, before.assignee_id)
    assert (after.due_at, after.candidate_group) == (before.due_at, before.candidate_group)
    assert after.deployment_id != before.deployment_id
    clocks = office.scalar(sa.select(sa.func.count()).select_from(Clock).where(Clock.token_id == after.id, Clock.stopped_at.is_(None), Clock.code == "T.check"))  # fmt: skip
    assert clocks == 1
    office.complete("li_na", after.id, {"outcome": "close"})


def test_another_group_is_offered_the_task_and_whoever_may_not_do_it_has_it_no_more(
    office: TestOffice,
) -> None:
    number = office.file().number
    office.claim("li_na", task_of(office, number).id)
    redraw(office, ('camunda:candidateGroups="channel"', 'camunda:candidateGroups="provincial_centre"'))
    move(office, "tang_wei", number)
    after = task_of(office, number)
    assert (after.state, after.assignee_id) == ("created", None)
    assert after.candidate_group.startswith("provincial_centre@")
    held = office.scalar(
        sa.select(Holding.holder).where(Holding.task_id == after.id, Holding.to_at.is_(None))
    )
    assert held == after.candidate_group


def test_a_task_without_a_clock_gets_the_one_that_is_drawn_now(office: TestOffice) -> None:
    redraw(
        office,
        ('<camunda:property name="sla.policy" value="T.check"/>', '<camunda:property name="x" value="y"/>'),
    )
    number = office.file().number
    assert task_of(office, number).due_at is None
    redraw(office)
    move(office, "tang_wei", number, 3)
    assert task_of(office, number).due_at is not None


def test_four_eyes_that_are_drawn_later_bind_whoever_has_the_task(office: TestOffice) -> None:
    number = office.file().number
    office.claim("li_na", task_of(office, number).id)
    office.complete(
        "li_na", task_of(office, number).id, {"outcome": "forward", "unit": "henan_hotline", "amount": 1}
    )
    redraw(
        office,
        ('<camunda:property name="route.unit"', '<camunda:property name="separateFrom" value="check_request"/><camunda:property name="route.unit"'),
    )  # fmt: skip
    move(office, "tang_wei", number)
    assert task_of(office, number).barred is not None


def test_every_move_is_in_the_trail_of_its_case_and_a_refusal_leaves_nothing(office: TestOffice) -> None:
    number = office.file().number
    redraw(office, *GONE)
    trail = sa.select(sa.func.count()).select_from(AuditEvent).where(AuditEvent.verb == "instance.migrate")
    with pytest.raises(MigrationRefused):
        move(office, "tang_wei", number)
    assert office.scalar(trail) == 0
    redraw(office, MORE)
    move(office, "tang_wei", number, 3)
    assert office.scalar(trail) == 1


def test_only_whoever_the_matrix_names_moves_what_they_reach(office: TestOffice) -> None:
    number = office.file().number
    redraw(office, MORE)
    for login in ("li_na", "sun_qiang", "gu_heng"):
        with pytest.raises(NotPermitted):
            move(office, login, number)
    with pytest.raises(NotFound), office.acting("tang_wei") as (session, caller):
        verbs.move_one(session, office.deps, caller, uuid4(), 2)
    with pytest.raises(NotFound):
        move(office, "tang_wei", number, 9)


def test_of_several_each_has_an_answer_of_its_own(office: TestOffice) -> None:
    stays, goes = office.file().number, office.file().number
    task = task_of(office, goes)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {"outcome": "forward", "unit": "henan_network", "amount": 1})
    redraw(office, *GONE)
    nobody = uuid4()
    with office.acting("tang_wei") as (session, caller):
        page = verbs.check(session, office.deps, caller, "request", 1, 2)
        answers = verbs.move(
            session,
            office.deps,
            caller,
            "request",
            2,
            [instance_of(office, stays), instance_of(office, goes), nobody],
        )
    said = {one.business_key: one.ok for one in page.verdicts}
    assert said == {stays: False, goes: True}
    got = {one.instance_id: (one.moved, one.problem is not None) for one in answers}
    assert got == {
        instance_of(office, stays): (False, False), instance_of(office, goes): (True, False), nobody: (False, True),
    }  # fmt: skip
    with office.acting("tang_wei") as (session, caller):
        rows = reach.instances_by_version(session, caller, "request")
    assert [(row.version, row.active) for row in rows] == [(2, 1), (1, 1)]


def test_all_of_a_version_go_in_batches_and_a_crash_between_them_loses_and_doubles_nothing(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    numbers = [office.file().number for _ in range(5)]
    task = task_of(office, numbers[0])
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {"outcome": "forward", "unit": "henan_network", "amount": 1})
    redraw(office, ('"handle_request"', '"handle_anew"'))  # fmt: skip
    with office.acting("tang_wei") as (session, caller):
        row = whole.move_all(session, office.deps, caller, "request", 1, 2, note="新版")
    arguments = {"migration_id": str(row.id)}
    row = office.deps.sessions().execute(sa.select(table(Migration))).one()
    batches._next(office.deps, row, min(instance_of(office, number) for number in numbers))
    # The worker is killed here: the job was not done, its first instance was.
    office.settle()
    with office.deps.sessions.begin() as session:  # the job comes again
        batches.move_batch(session, arguments, office.deps)
    with office.acting("tang_wei") as (session, caller):
        done, left = whole.read_migration(session, caller, row.id)
    assert (done.total, done.moved, done.refused) == (5, 4, 1)
    assert done.finished_at is not None
    assert [(one.business_key, one.reasons[0]["element"]) for one in left] == [(numbers[0], "handle_request")]
    lines = office.scalar(sa.text("SELECT count(*) FROM history_event WHERE kind = 'instance_migrated'"))
    assert lines == 4
