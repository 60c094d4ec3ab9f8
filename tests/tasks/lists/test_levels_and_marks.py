"""Lists narrowed by the level of a case and by what it is marked as: both as its diagram has decided last."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tasks.audit.tables import AuditEvent
from tasks.cases.tables import Case
from tests.tasks.deadlines.clocks.timekeeping import filed, properties
from tests.tasks.drawings import drawn
from tests.tasks.lists.test_named_lists import change, listed
from tests.tasks.office import TestOffice

COMPUTED = "=if decision.level = &quot;national&quot; then &quot;difficult&quot; else null"
QUEUE: dict[str, Any] = {"login": "he_jing", "name": "queue"}


def judging(key: str, mark: str) -> Any:
    """A case is provincial, until its first task of two is done: then it is national, and marked."""
    return drawn(
        key,
        '<bpmn:startEvent id="s"/>'
        '<bpmn:scriptTask id="judge" scriptFormat="feel"><bpmn:script>decision.level = "provincial"</bpmn:script></bpmn:scriptTask>'
        '<bpmn:userTask id="before" camunda:candidateGroups="channel"/>'
        '<bpmn:userTask id="beside" camunda:candidateGroups="channel"/>'
        f'<bpmn:scriptTask id="again" scriptFormat="feel">{properties(case_mark=mark)}'
        '<bpmn:script>decision.level = "national"</bpmn:script></bpmn:scriptTask>'
        '<bpmn:userTask id="after" camunda:candidateGroups="channel"/><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f0" sourceRef="s" targetRef="judge"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="judge" targetRef="before"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="judge" targetRef="beside"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="before" targetRef="again"/>'
        '<bpmn:sequenceFlow id="f4" sourceRef="again" targetRef="after"/>'
        '<bpmn:sequenceFlow id="f5" sourceRef="after" targetRef="e"/>',
    )


def complete(office: TestOffice, activity: str, number: str) -> None:
    task = office.task(activity, number)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {})


def test_a_case_judged_anew_is_found_by_its_new_level_with_every_task_that_is_open(
    office: TestOffice,
) -> None:
    plain = office.file().number
    number = filed(office, judging("judged", "key"))
    assert listed(office, **QUEUE, level="provincial") == [number, number]
    assert listed(office, **QUEUE, key=True) == listed(office, **QUEUE, level="national") == []
    complete(office, "before", number)
    assert listed(office, **QUEUE, level="national", key=True) == [number, number]
    assert listed(office, **QUEUE, level="provincial") == []
    assert listed(office, **QUEUE, key=False) == [plain]
    done, beside, after = (office.task(each, number) for each in ("before", "beside", "after"))
    assert (done.level, done.mark) == ("provincial", None)
    assert (beside.level, beside.mark) == (after.level, after.mark) == ("national", "key")
    assert office.scalar(sa.select(Case.mark).where(Case.number == number)) == "key"


def test_what_is_marked_stays_marked_and_a_mark_that_is_no_code_marks_nothing(office: TestOffice) -> None:
    number = filed(office, judging("computed", COMPUTED))
    complete(office, "before", number)
    complete(office, "after", number)
    assert listed(office, **QUEUE, key=True) == [number]
    assert office.task("beside", number).mark == "difficult"
    wrong = filed(office, judging("wrong", "=1 + 1"))
    complete(office, "before", wrong)
    assert office.task("after", wrong).mark is None
    with office.deps.sessions() as session:
        told = session.scalars(sa.select(AuditEvent.after).where(AuditEvent.chain == wrong)).all()
    assert any("case.mark" in (text or "") for text in told)


def test_what_is_put_off_is_left_out_of_any_list_if_wanted(office: TestOffice) -> None:
    first, second = office.file().number, office.file().number
    change(office, first, follow_up_at=office.clock.now() + timedelta(days=2))
    assert listed(office, **QUEUE, awake=True) == [second]
    assert listed(office, **QUEUE, awake=False) == [first]
    office.clock.advance(timedelta(days=1))
    assert listed(office, "he_jing", "overdue", awake=True) == [second]
    office.clock.advance(timedelta(days=1))
    assert listed(office, **QUEUE, awake=False) == []
