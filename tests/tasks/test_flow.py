"""The figures of a process by element, counted by hand for a small story; and whose cases are counted for whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from engine.actor import SYSTEM
from engine.dialect import SourceFile
from engine.errors import InvalidInput, NotFound, NotPermitted
from tasks.deadlines.calendar.arithmetic import day_of
from tasks.processes.flow import Flow, Passed, flow
from tests.tasks.drawings import drawn
from tests.tasks.office import TestOffice

HOUR = 3600.0
_XSI = 'xsi:type="bpmn:tFormalExpression"'


def story(name: str) -> SourceFile:
    """Check, again until it was done twice; a called process; then two people side by side."""
    return drawn(
        "story",
        f'<bpmn:startEvent id="s"/><bpmn:userTask id="check" name="{name}" camunda:candidateGroups="channel"/>'
        '<bpmn:boundaryEvent id="late" attachedToRef="check" cancelActivity="false"><bpmn:timerEventDefinition id="t">'
        f"<bpmn:timeDuration {_XSI}>PT500H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:endEvent id="too_late"/><bpmn:sequenceFlow id="f0" sourceRef="late" targetRef="too_late"/>'
        '<bpmn:scriptTask id="count" scriptFormat="feel"><bpmn:script>n = n + 1</bpmn:script></bpmn:scriptTask>'
        '<bpmn:exclusiveGateway id="g" default="f4"/><bpmn:callActivity id="c" calledElement="inner"/>'
        '<bpmn:userTask id="each" camunda:candidateGroups="channel"><bpmn:multiInstanceLoopCharacteristics'
        ' camunda:collection="items" camunda:elementVariable="one"/></bpmn:userTask><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="check"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="check" targetRef="count"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="count" targetRef="g"/>'
        f'<bpmn:sequenceFlow id="again" sourceRef="g" targetRef="check"><bpmn:conditionExpression {_XSI}>=n &lt; 2'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>"
        '<bpmn:sequenceFlow id="f4" sourceRef="g" targetRef="c"/>'
        '<bpmn:sequenceFlow id="f5" sourceRef="c" targetRef="each"/>'
        '<bpmn:sequenceFlow id="f6" sourceRef="each" targetRef="e"/>',
    )


INNER = drawn(
    "inner",
    '<bpmn:startEvent id="si"/><bpmn:userTask id="inside" camunda:candidateGroups="channel"/><bpmn:endEvent id="ei"/>'
    '<bpmn:sequenceFlow id="i1" sourceRef="si" targetRef="inside"/>'
    '<bpmn:sequenceFlow id="i2" sourceRef="inside" targetRef="ei"/>',
)


def told(office: TestOffice) -> None:
    """One instance of version 1 went round twice and stands at one of two items; of version 2 one was cancelled, one waits."""

    def start(number: str) -> Any:
        with office.deps.sessions.begin() as session:
            return office.deps.engine.start(
                session, "story", business_key=number, actor=SYSTEM, variables={"n": 0, "items": ["a", "b"]}
            ).instance.id

    def done(activity: str, hours: int) -> None:
        office.clock.advance(timedelta(hours=hours))
        task = office.task(activity)
        office.claim("li_na", task.id)
        office.complete("li_na", task.id, {})

    office.deploy(story("核实"), INNER)
    start("K-1")
    done("check", 1)
    done("check", 3)
    done("inside", 2)
    done("each", 4)
    office.deploy(story("核实情况"), INNER)
    second = start("K-2")
    office.clock.advance(timedelta(hours=10))
    with office.deps.sessions.begin() as session:
        office.deps.engine.cancel(session, second, reason="x", actor=SYSTEM)
    start("K-3")


def figures(office: TestOffice, login: str, key: str = "story", **wanted: Any) -> Flow:
    with office.acting(login) as (session, caller):
        return flow(session, office.deps, caller, key, **wanted)


def of(found: Flow, element: str) -> Passed:
    return next(one for one in found.elements if one.activity_id == element)


def test_a_small_story_counted_by_hand(settled: TestOffice) -> None:
    told(settled)
    found = figures(settled, "tang_wei")
    assert (found.counted, found.running, found.share, found.version.version) == (3, 2, 1, 2)
    check = of(found, "check")
    assert (check.entered, check.completed, check.cancelled, check.now) == (4, 2, 1, 1)
    assert (check.median, check.p90, check.longest) == (2 * HOUR, pytest.approx(2.8 * HOUR), 3 * HOUR)
    assert (check.by_version, check.name, check.oldest) == ({2: 1}, "核实情况", settled.clock.now())
    each = of(found, "each")
    assert (each.entered, each.completed, each.now, each.by_version) == (2, 1, 1, {1: 1})
    assert (each.median, each.longest) == (4 * HOUR, 4 * HOUR)
    call = of(found, "c")
    assert (call.entered, call.completed, call.median, call.called) == (1, 1, 2 * HOUR, "inner")
    assert (of(found, "g").entered, of(found, "count").entered) == (2, 2)
    assert (of(found, "s").completed, of(found, "s").now, of(found, "s").median) == (3, 0, None)
    late = of(found, "late")
    assert (late.entered, late.cancelled, late.now) == (0, 0, 0), "who listens has not been reached"
    assert of(found, "e").entered == 0 and of(found, "e").drawn

    of_one = figures(settled, "tang_wei", version=1)
    assert (of(of_one, "check").entered, of(of_one, "check").now, of_one.version.version) == (2, 0, 1)
    inner = figures(settled, "lu_jian", "inner")
    assert (inner.counted, of(inner, "inside").completed, of(inner, "inside").median) == (3, 1, 2 * HOUR)

    today = day_of(settled.clock.now())
    later = figures(settled, "tang_wei", first=today + timedelta(days=1), last=today + timedelta(days=2))
    assert (later.counted, of(later, "check").entered, of(later, "check").now) == (0, 0, 1)


def test_supervisors_count_the_cases_they_see_and_those_who_run_it_all(settled: TestOffice) -> None:
    settled.file("li_na")
    settled.file("chen_yu")
    counted = {
        login: figures(settled, login, "request").counted
        for login in ("sun_qiang", "lin_hai", "gu_heng", "shi_an", "tang_wei", "lu_jian")
    }
    assert counted == {"sun_qiang": 1, "lin_hai": 1, "gu_heng": 2, "shi_an": 1, "tang_wei": 2, "lu_jian": 2}
    assert figures(settled, "gu_heng", "request", unit="zhejiang").counted == 1
    assert of(figures(settled, "gu_heng", "request", unit="zhejiang"), "check_request").now == 1
    assert figures(settled, "gu_heng", "request", level="national").counted == 0
    with pytest.raises(NotFound):
        figures(settled, "lin_hai", "request", unit="henan")
    with pytest.raises(NotPermitted):
        figures(settled, "li_na", "request")


def test_what_cannot_be_asked_is_refused_with_a_sentence(settled: TestOffice) -> None:
    for wanted, refusal in (
        ({"key": "nothing"}, NotFound),
        ({"key": "a\x00b"}, NotFound),
        ({"key": "request", "version": 7}, NotFound),
        ({"key": "request", "unit": "nowhere"}, NotFound),
        ({"key": "request", "level": "\x00"}, InvalidInput),
        ({"key": "request", "first": date(2026, 3, 2), "last": date(2026, 3, 1)}, InvalidInput),
        ({"key": "request", "first": date(2025, 1, 1), "last": date(2026, 3, 1)}, InvalidInput),
    ):
        with pytest.raises(refusal):
            figures(settled, "tang_wei", **wanted)


def test_of_very_many_a_sample_is_counted_and_said(
    settled: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(12):
        settled.file("li_na")
    monkeypatch.setattr("tasks.processes.flow.MOST", 4)
    found = figures(settled, "tang_wei", "request")
    assert (found.counted, found.share, found.share_now) == (12, 3, 3)
    assert of(found, "check_request").entered % 3 == 0
