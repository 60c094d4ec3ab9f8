"""Real people use their authority: whose it was, what they have used, and the log that supervisors read."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.dialect import SourceFile
from engine.errors import InvalidInput, NotPermitted
from tasks.authority import reading
from tasks.authority.using import amount_of, decider, used_this_month
from tests.tasks.drawings import drawn, request_files
from tests.tasks.office import TestOffice

WAY = """<bpmn:extensionElements><camunda:properties><camunda:property name="form.start" value="request_start"/>
</camunda:properties></bpmn:extensionElements><bpmn:startEvent id="s"/>
<bpmn:userTask id="propose" name="提出" camunda:candidateGroups="channel"/>
<bpmn:serviceTask id="read" camunda:type="external" camunda:topic="read_authority"><bpmn:extensionElements><camunda:inputOutput>
<camunda:inputParameter name="activity">propose</camunda:inputParameter><camunda:inputParameter name="amount">120.5</camunda:inputParameter>
</camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>
<bpmn:userTask id="sign" name="签批" camunda:candidateGroups="channel"/>
<bpmn:serviceTask id="log" camunda:type="external" camunda:topic="log_authority"><bpmn:extensionElements><camunda:inputOutput>
<camunda:inputParameter name="activity">propose</camunda:inputParameter><camunda:inputParameter name="second">sign</camunda:inputParameter>
<camunda:inputParameter name="scope">billing_error</camunda:inputParameter><camunda:inputParameter name="amount">120.5</camunda:inputParameter>
<camunda:inputParameter name="grade">=1</camunda:inputParameter><camunda:inputParameter name="outcome">dual_sign</camunda:inputParameter>
<camunda:inputParameter name="reason">计费差错</camunda:inputParameter>
</camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>
<bpmn:boundaryEvent id="own" attachedToRef="log"><bpmn:errorEventDefinition errorRef="same"/></bpmn:boundaryEvent>
<bpmn:userTask id="again" name="另请签批" camunda:candidateGroups="channel"/>
<bpmn:endEvent id="e"/><bpmn:endEvent id="e2"/>
<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="propose"/><bpmn:sequenceFlow id="f2" sourceRef="propose" targetRef="read"/>
<bpmn:sequenceFlow id="f3" sourceRef="read" targetRef="sign"/><bpmn:sequenceFlow id="f4" sourceRef="sign" targetRef="log"/>
<bpmn:sequenceFlow id="f5" sourceRef="log" targetRef="e"/><bpmn:sequenceFlow id="f6" sourceRef="own" targetRef="again"/>
<bpmn:sequenceFlow id="f7" sourceRef="again" targetRef="e2"/>"""
ERROR = '</bpmn:process><bpmn:error id="same" errorCode="same_person"/>'


@pytest.fixture
def number(office: TestOffice) -> str:
    file = drawn("compensation", WAY)
    office.deploy(
        SourceFile(file.name, file.content.replace(b"</bpmn:process>", ERROR.encode())), *request_files()[1:]
    )
    return str(office.file(regime="compensation").number)


def done(office: TestOffice, number: str, activity: str, login: str) -> Any:
    task = office.task(activity, number)
    office.claim(login, task.id)
    office.complete(login, task.id, {})
    office.settle()
    return task


def listed(office: TestOffice, login: str) -> list[Any]:
    with office.acting(login) as (session, caller):
        return list(reading.uses(session, office.deps, caller).items)


def test_a_use_is_logged_with_both_who_signed_and_read_by_supervisors(
    office: TestOffice, number: str
) -> None:
    task = done(office, number, "propose", "li_na")
    with office.deps.sessions() as session:
        by = decider(session, task.instance_id, "propose")
        assert (by.name, by.unit) == ("李楠", "/hq/henan/henan_hotline/")
        assert used_this_month(session, by.id, office.clock.now()) == 0
    done(office, number, "sign", "he_jing")
    (use,) = listed(office, "sun_qiang")
    assert (use.person_name, use.second_name, use.amount, use.outcome) == (
        "李楠", "何菁", Decimal("120.50"), "dual_sign",
    )  # fmt: skip
    with office.deps.sessions() as session:
        assert used_this_month(session, by.id, office.clock.now()) == Decimal("120.50")
        assert used_this_month(session, by.id, office.clock.now() + timedelta(days=31)) == 0
    with office.acting("sun_qiang") as (session, caller):
        sums, contact = reading.sums(session, office.deps, caller)
    assert [(one.grade, one.scope, one.dual_sign, one.amount) for one in sums] == [
        (1, "billing_error", 1, Decimal("120.50"))
    ]
    assert contact.filed == 0


def test_nobody_signs_what_they_proposed(office: TestOffice, number: str) -> None:
    done(office, number, "propose", "he_jing")
    done(office, number, "sign", "he_jing")
    assert office.task("again", number).state == "created"
    assert listed(office, "sun_qiang") == []


def test_the_log_is_for_supervisors_of_those_units_and_auditors(office: TestOffice, number: str) -> None:
    done(office, number, "propose", "li_na")
    done(office, number, "sign", "he_jing")
    with pytest.raises(NotPermitted):
        listed(office, "li_na")
    assert listed(office, "lin_hai") == []


@pytest.mark.parametrize("amount", [0, -1, "abc", None, True, "NaN", "Infinity", 10_000_001, "1e400", [1]])
def test_an_amount_is_money(amount: Any) -> None:
    with pytest.raises(InvalidInput):
        amount_of(amount)


def test_who_decided_is_known_only_once_somebody_has(office: TestOffice, number: str) -> None:
    task = office.task("propose", number)
    with office.deps.sessions() as session, pytest.raises(InvalidInput, match="nobody has completed it"):
        decider(session, task.instance_id, "propose")
