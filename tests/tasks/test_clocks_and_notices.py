"""Clocks named in diagrams, and notices written by them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from engine.dialect import SourceFile
from engine.errors import InvalidInput
from engine.timers import Timer
from tasks.deadlines.policies.loading import load_policies
from tasks.deadlines.policies.tables import ClockPolicy
from tasks.talk.notices import notice_list, notices_of_case
from tasks.talk.tables import Notice
from tests.tasks.drawings import drawn
from tests.tasks.office import CLOCKS, FACTS, TestOffice

AT = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=8)))


def waiting_until(key: str, when: str) -> SourceFile:
    return drawn(
        key,
        '<bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition id="t">'
        f'<bpmn:timeDate xsi:type="bpmn:tFormalExpression">{when}</bpmn:timeDate>'
        '</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="wait"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="wait" targetRef="e"/>',
    )


def telling(key: str, topic: str, inputs: dict[str, str]) -> SourceFile:
    given = "".join(
        f'<camunda:inputParameter name="{name}">{text}</camunda:inputParameter>'
        for name, text in inputs.items()
    )
    return drawn(
        key,
        f'<bpmn:startEvent id="s"/><bpmn:serviceTask id="tell" camunda:type="external" camunda:topic="{topic}">'
        f"<bpmn:extensionElements><camunda:inputOutput>{given}</camunda:inputOutput></bpmn:extensionElements>"
        '</bpmn:serviceTask><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="tell"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="tell" targetRef="e"/>',
    )


@pytest.mark.parametrize(
    ("when", "level", "hours"),
    [('=due("T.check")', "normal", 4), ('=warn("T.check")', "normal", 2), ('=due("T.check")', "vip", 1)],
)
def test_a_timer_that_names_a_limit_waits_as_long_as_the_register_says(
    office: TestOffice, when: str, level: str, hours: int
) -> None:
    office.deploy(waiting_until("clocked", when.replace('"', "&quot;")))
    filed = office.file(facts={**FACTS, "customer": {**FACTS["customer"], "level": level}})
    office.start("clocked", filed.number)
    assert office.scalar(sa.select(Timer.due_at)) == AT + timedelta(hours=hours)


def test_a_timer_on_working_days_counts_them_from_the_day_after(office: TestOffice) -> None:
    office.deploy(waiting_until("clocked", "=due(&quot;T.working&quot;)"))
    office.start("clocked")
    assert office.scalar(sa.select(Timer.due_at)) == datetime(2026, 3, 6, tzinfo=AT.tzinfo)


def test_a_wrong_register_names_every_wrong_row_and_changes_nothing(office: TestOffice) -> None:
    wrong = [
        {"code": "A", "limit": "x", "unit": "h"},
        {"code": "B", "limit": "1", "unit": "fortnight"},
        {"code": "C", "limit": "-1", "unit": "h"},
    ]
    with pytest.raises(InvalidInput) as refused, office.deps.sessions.begin() as session:
        load_policies(session, wrong, now=AT)
    assert all(f"row {number}" in str(refused.value) for number in (1, 2, 3))
    assert office.scalar(sa.select(sa.func.count()).select_from(ClockPolicy)) == len(CLOCKS)


def test_a_changed_register_counts_for_the_next_task(office: TestOffice) -> None:
    with office.deps.sessions.begin() as session:
        assert load_policies(session, [{**CLOCKS[0], "limit": "9"}], now=AT) == len(CLOCKS)
    office.file()
    task = office.task("check_request")
    assert task.due_at - task.created_at == timedelta(hours=9)


def test_a_unit_is_told_once_and_its_people_read_it(office: TestOffice) -> None:
    office.deploy(
        telling(
            "warning", "notify_unit", {"role": "provincial_centre", "template": "warned", "text": "快到期"}
        )
    )
    filed = office.file()
    office.start("warning", filed.number)
    office.settle()
    with office.acting("wang_lei") as (session, caller):
        told = notice_list(session, office.deps, caller).items
    assert [(notice.cause, notice.text, notice.number) for notice in told] == [
        ("told", "快到期", filed.number)
    ]
    with office.acting("xu_wen") as (session, caller):
        assert notice_list(session, office.deps, caller).items == []


def test_the_customer_is_told_in_writing(office: TestOffice) -> None:
    office.deploy(telling("letter", "notify_customer", {"template": "reply", "text": "=case.demand"}))
    filed = office.file()
    office.start("letter", filed.number)
    office.settle()
    with office.deps.sessions() as session:
        (notice,) = notices_of_case(session, filed.number)
    assert (notice.audience, notice.text, notice.to_group) == ("customer", "退费", "")
    assert office.scalar(sa.select(sa.func.count()).select_from(Notice)) == 1
