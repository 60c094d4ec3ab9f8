"""Four eyes: who has done what a task is checked against does not do the task, by whatever door they come."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.errors import NotPermitted
from tasks import desk
from tasks.lists.named import task_list
from tasks.lists.next_task import next_task
from tasks.organisation.changing.loading import load_organisation
from tasks.people.absence import entering
from tasks.people.tables import Person
from tests.tasks.cases.drawings import asking, process, work
from tests.tasks.drawings import drawn
from tests.tasks.office import ORGANISATION, PASSWORD, TestOffice
from tests.tasks.test_notices import told

HOTLINE = "henan_hotline"


@pytest.fixture
def hotline(office: TestOffice) -> TestOffice:
    """The office with three at the hotline and one who leads them: li_na, he_jing, zhou_min; sun_qiang."""
    more = [
        *ORGANISATION["people"],
        {"login": "zhou_min", "name": "周敏", "unit": HOTLINE, "title": "受理员"},
    ]
    with office.deps.sessions.begin() as session:
        load_organisation(
            session, {**ORGANISATION, "people": more}, now=office.clock.now(),
            passwords=office.deps.passwords, password=PASSWORD,
        )  # fmt: skip
    office.settle()
    return office


def filed(office: TestOffice, *steps: str) -> str:
    """A case of a process of these steps."""
    office.deploy(process("checked", *steps), asking("checked"))
    return office.file(regime="checked").number


def done(office: TestOffice, login: str, activity: str) -> UUID:
    task: UUID = office.task(activity).id
    office.claim(login, task)
    office.complete(login, task, {})
    return task


def refused(verb: Callable[[], Any]) -> NotPermitted:
    with pytest.raises(NotPermitted) as error:
        verb()
    return error.value


def take_next(office: TestOffice, login: str) -> Any:
    with office.acting(login) as (session, caller):
        return next_task(session, office.deps, caller)


def in_list(office: TestOffice, login: str, name: Any) -> list[Any]:
    with office.acting(login) as (session, caller):
        return list(task_list(session, office.deps, caller, name).items)


def listed(office: TestOffice, login: str, name: Any = "queue") -> list[Any]:
    with office.acting(login) as (session, caller):
        rows = task_list(session, office.deps, caller, name).items
        return [SimpleNamespace(id=row.id, said=desk.barred(caller, row)) for row in rows]


def away(office: TestOffice, login: str, substitute: str) -> None:
    now = office.clock.now()
    values = {"person": login, "from": now, "until": now + timedelta(hours=8), "substitute": substitute}
    with office.acting("sun_qiang") as (session, caller):
        entering.enter(session, office.deps, caller, values)
    office.settle()


def test_who_wrote_it_does_not_audit_it_by_any_door(hotline: TestOffice) -> None:
    filed(hotline, work("write"), work("audit", separateFrom="write"))
    done(hotline, "li_na", "write")
    audit = hotline.task("audit").id
    error = refused(lambda: hotline.claim("li_na", audit))
    assert str(error) == (
        f"To claim the task audit ({audit}) was asked, but 李楠 may not do the task audit: 李楠 has done write (write) in "
        "this case, and somebody else must do this one."
    )
    assert error.facts["message_zh"] == "“audit”不能由李楠办理：李楠办理过本案的“write”，须由他人办理。"
    assert (error.facts["rule"], error.facts["person"], error.facts["activity"]) == (
        "separate",
        "li_na",
        "write",
    )
    assert take_next(hotline, "li_na") is None
    assert [bool(row.said) for row in listed(hotline, "li_na")] == [True]
    assert [row.said for row in listed(hotline, "he_jing")] == [None]
    refused(lambda: hotline.reassign("sun_qiang", audit, "li_na"))
    hotline.claim("he_jing", audit)
    refused(lambda: hotline.delegate("he_jing", audit, "li_na"))
    hotline.delegate("he_jing", audit, "zhou_min")
    hotline.resolve("zhou_min", audit)
    hotline.complete("he_jing", audit, {})


def test_the_one_who_is_left_over_is_given_it_and_the_barred_of_many_are_passed_over(
    hotline: TestOffice,
) -> None:
    filed(hotline, work("write"), work("audit", separateFrom="write"))
    done(hotline, "li_na", "write")
    with hotline.acting("sun_qiang") as (session, caller):
        answers = desk.reassign_many(
            session,
            hotline.deps,
            caller,
            ids=[hotline.task("audit").id],
            to=["li_na", "zhou_min"],
            reason="分派",
        )
    assert [(each.refused, each.task.assignee_name) for each in answers] == [(None, "周敏")]
    assert take_next(hotline, "he_jing") is None


def test_whoever_did_it_in_an_earlier_round_or_a_called_part_is_barred(hotline: TestOffice) -> None:
    looped = drawn(
        "checked",
        '<bpmn:startEvent id="s"/>'
        '<bpmn:callActivity id="call" calledElement="inner"/>'
        + work("audit", separateFrom="write, other_part")
        + '<bpmn:exclusiveGateway id="again" default="no"/><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="call"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="call" targetRef="audit"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="audit" targetRef="again"/>'
        '<bpmn:sequenceFlow id="no" sourceRef="again" targetRef="e"/>'
        '<bpmn:sequenceFlow id="yes" sourceRef="again" targetRef="call"><bpmn:conditionExpression '
        'xsi:type="bpmn:tFormalExpression">=true</bpmn:conditionExpression></bpmn:sequenceFlow>',
    )
    hotline.deploy(looped, process("inner", work("write")), asking("checked"))
    hotline.file(regime="checked")
    done(hotline, "li_na", "write")
    done(hotline, "he_jing", "audit")
    done(hotline, "he_jing", "write")
    audit = hotline.task("audit").id
    refused(lambda: hotline.claim("li_na", audit))
    refused(lambda: hotline.claim("he_jing", audit))
    hotline.claim("zhou_min", audit)


def beside(*tasks: str) -> list[Any]:
    """A process in which these tasks wait at the same time."""
    names = [task.split('id="', 1)[1].split('"', 1)[0] for task in tasks]
    flows = "".join(
        f'<bpmn:sequenceFlow id="a_{name}" sourceRef="fork" targetRef="{name}"/>'
        f'<bpmn:sequenceFlow id="b_{name}" sourceRef="{name}" targetRef="join"/>'
        for name in names
    )
    text = (
        '<bpmn:startEvent id="s"/><bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
        f'<bpmn:endEvent id="e"/>{"".join(tasks)}{flows}'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="fork"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="join" targetRef="e"/>'
    )
    return [drawn("beside", text), asking("beside")]


def test_who_becomes_barred_while_holding_it_only_gives_it_away(hotline: TestOffice) -> None:
    hotline.deploy(*beside(work("write"), work("audit", separateFrom='=["write"]')))
    hotline.file(regime="beside")
    audit = hotline.task("audit").id
    hotline.claim("li_na", audit)
    done(hotline, "li_na", "write")
    (mine,) = listed(hotline, "li_na", "inbox")
    assert mine.id == audit and "李楠办理过本案的“write”" in mine.said[0]
    with hotline.acting("li_na") as (session, caller):
        for verb in (
            lambda: desk.save_draft(session, hotline.deps, caller, audit, {}, 0),
            lambda: desk.follow_up(
                session, hotline.deps, caller, audit, hotline.clock.now() + timedelta(hours=1)
            ),
            lambda: desk.delegate(session, hotline.deps, caller, audit, "he_jing", "请代办"),
            lambda: desk.complete(session, hotline.deps, caller, audit, {}),
        ):
            assert refused(verb).facts["rule"] == "separate"
    hotline.release("li_na", audit)
    refused(lambda: hotline.claim("li_na", audit))
    hotline.reassign("sun_qiang", audit, "he_jing")
    hotline.complete("he_jing", audit, {})


def test_neither_a_barred_delegate_nor_a_barred_owner_ends_a_delegation(hotline: TestOffice) -> None:
    hotline.deploy(*beside(work("write"), work("sign"), work("audit", separateFrom="write sign")))
    hotline.file(regime="beside")
    audit = hotline.task("audit").id
    hotline.claim("li_na", audit)
    hotline.delegate("li_na", audit, "he_jing")
    done(hotline, "he_jing", "write")
    refused(lambda: hotline.resolve("he_jing", audit))
    hotline.recall("li_na", audit)
    hotline.delegate("li_na", audit, "zhou_min")
    done(hotline, "li_na", "sign")
    refused(lambda: hotline.recall("li_na", audit))
    refused(lambda: hotline.resolve("zhou_min", audit))
    hotline.reassign("sun_qiang", audit, "zhou_min")
    hotline.complete("zhou_min", audit, {})


def test_the_delegate_who_did_the_work_does_not_check_it(hotline: TestOffice) -> None:
    filed(hotline, work("write"), work("audit", separateFrom="write"))
    written = hotline.task("write").id
    hotline.claim("li_na", written)
    hotline.delegate("li_na", written, "he_jing")
    hotline.resolve("he_jing", written)
    hotline.complete("li_na", written, {})
    audit = hotline.task("audit").id
    refused(lambda: hotline.claim("li_na", audit))
    refused(lambda: hotline.claim("he_jing", audit))
    hotline.claim("zhou_min", audit)


def test_a_substitute_is_barred_with_whom_it_was_done_for_and_so_are_the_substitutes_of_either(
    hotline: TestOffice,
) -> None:
    away(hotline, "li_na", "feng_bo")
    filed(hotline, work("write"), work("audit", separateFrom="write"), work("last", separateFrom="audit"))
    done(hotline, "feng_bo", "write")
    assert hotline.task("write").completed_by_name == "冯博（代李楠）"
    audit = hotline.task("audit").id
    refused(lambda: hotline.claim("feng_bo", audit))
    refused(lambda: hotline.claim("li_na", audit))
    away(hotline, "feng_bo", "deng_li")  # who now does the work of both, through one of them
    error = refused(lambda: hotline.claim("deng_li", audit))
    assert "邓莉 may not do the task audit for" in str(error)
    assert take_next(hotline, "deng_li") is None
    away(hotline, "he_jing", "deng_li")  # in whose place it may be done
    assert hotline.claim("deng_li", audit).assignee_name == "邓莉"
    hotline.complete("deng_li", audit, {})
    assert hotline.task("audit").completed_for == hotline.scalar(
        sa.select(Person.id).where(Person.login == "he_jing")
    )
    refused(lambda: hotline.claim("he_jing", hotline.task("last").id))


def test_somebody_new_to_the_case_is_asked_for_and_each_item_is_done_by_another(hotline: TestOffice) -> None:
    items = work("sign", separateFrom="sign").replace(
        "</bpmn:userTask>",
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="=[1, 2]" camunda:elementVariable="item"/></bpmn:userTask>',
    )
    filed(hotline, items, work("judge", separateFrom__case="yes"))
    first = hotline.task("sign").id
    done(hotline, "li_na", "sign")
    second = hotline.scalar(
        sa.text(f"SELECT id FROM user_task WHERE activity_id = 'sign' AND id <> '{first}'")
    )
    refused(lambda: hotline.claim("li_na", second))
    hotline.claim("he_jing", second)
    hotline.complete("he_jing", second, {})
    judge = hotline.task("judge").id
    for login in ("li_na", "he_jing"):
        assert refused(lambda login=login: hotline.claim(login, judge)).facts["rule"] == "case"
    hotline.claim("zhou_min", judge)


def test_without_a_case_the_instance_is_what_counts(hotline: TestOffice) -> None:
    hotline.deploy(process("loose", work("write"), work("audit", separateFrom="write")))
    hotline.start("loose", "K-1")
    done(hotline, "li_na", "write")
    first = hotline.task("audit").id
    refused(lambda: hotline.claim("li_na", first))
    hotline.start("loose", "K-2")
    done(hotline, "he_jing", "write")
    hotline.claim("li_na", hotline.task("audit", "K-2").id)


def test_where_everybody_is_barred_the_lead_is_told_once_and_the_team_list_says_so(
    hotline: TestOffice,
) -> None:
    items = work("sign").replace(
        "</bpmn:userTask>",
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true" camunda:collection="=[1, 2, 3]" '
        'camunda:elementVariable="item"/></bpmn:userTask>',
    )
    filed(hotline, items, work("judge", separateFrom="sign"), work("after", separateFrom="nothing"))
    for login in ("li_na", "he_jing", "zhou_min"):
        done(hotline, login, "sign")
    for _ in range(2):
        hotline.settle()
        said = [each for each in told(hotline, "sun_qiang") if each.cause == "nobody_left"]
        assert len(said) == 1 and "“judge”" in said[0].text
    assert [row.nobody_left for row in in_list(hotline, "sun_qiang", "team")] == [True]
    away(hotline, "he_jing", "feng_bo")
    refused(lambda: hotline.claim("feng_bo", hotline.task("judge").id))


def test_who_claims_while_their_work_is_just_being_completed_is_refused_when_it_is(
    hotline: TestOffice,
) -> None:
    hotline.deploy(*beside(work("write"), work("audit", separateFrom="write")))
    hotline.file(regime="beside")
    audit, written = hotline.task("audit").id, hotline.task("write").id
    hotline.claim("li_na", written)
    with ThreadPoolExecutor(1) as others:
        with hotline.acting("li_na") as (session, caller):
            desk.complete(session, hotline.deps, caller, written, {})
            session.execute(sa.text("SELECT 1"))  # sends what waits for the end of the transaction
            claiming = others.submit(hotline.claim, "li_na", audit)
            waits = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            while not hotline.scalar(waits):
                assert not claiming.done()
        assert isinstance(claiming.exception(), NotPermitted)
