"""A drawn lane decides who is offered the task, in called processes too; people may be named as groups."""

from __future__ import annotations

import pytest

from tasks.organisation.assigning.roles import load_roles
from tasks.organisation.tree import upwards
from tasks.user_task import groups_in
from tests.tasks.drawings import drawn, one_task
from tests.tasks.office import TestOffice

INSIDE = (
    '<bpmn:startEvent id="s"/><bpmn:userTask id="work" name="办理"/><bpmn:endEvent id="e"/>'
    '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/><bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="e"/>'
)
CALLING = (
    '<bpmn:startEvent id="s"/><bpmn:callActivity id="call" calledElement="callee"/><bpmn:endEvent id="e"/>'
    '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="call"/><bpmn:sequenceFlow id="f2" sourceRef="call" targetRef="e"/>'
)
BILLING_AND_NETWORK = "department@/hq/henan/"
CENTRE = "provincial_centre@/hq/henan/henan_centre/"


def lane(name: str, node: str, inner: str = "", *, identity: str = "lane_1") -> str:
    inside = f"<bpmn:childLaneSet id='inner'>{inner}</bpmn:childLaneSet>" if inner else ""
    return f"<bpmn:lane id='{identity}' name='{name}'><bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>{inside}</bpmn:lane>"


def lanes(*drawn_lanes: str) -> str:
    return f"<bpmn:laneSet id='lanes'>{''.join(drawn_lanes)}</bpmn:laneSet>"


@pytest.fixture
def named(office: TestOffice) -> TestOffice:
    """The office whose roles have names."""
    with office.deps.sessions.begin() as session:
        rows = [
            {"key": "department", "name_zh": "责任部门", "aliases": "业务责任部门;处理部门"},
            {"key": "provincial_centre", "name_zh": "省投诉处理中心", "aliases": "省中心"},
        ]
        assert load_roles(session, rows) == 2
        assert load_roles(session, rows) == 0
    return office


@pytest.mark.parametrize(
    ("drawn_lanes", "group"),
    [
        (lanes(lane("处理 部门", "work")), BILLING_AND_NETWORK),
        (lanes(lane("甲组", "work", identity="department")), BILLING_AND_NETWORK),
        (lanes(lane("省中心", "work", lane("责任部门", "work", identity="lane_2"))), BILLING_AND_NETWORK),
        (lanes(lane("甲组", "work")), "unrouted@/hq/henan/henan_hotline/"),
        ("", "unrouted@/hq/henan/henan_hotline/"),
    ],
)
def test_a_task_without_candidates_goes_to_the_role_of_its_innermost_lane(
    named: TestOffice, drawn_lanes: str, group: str
) -> None:
    named.deploy(drawn("laned", drawn_lanes + INSIDE))
    named.start("laned", named.file().number)
    assert named.task("work").candidate_group == group


@pytest.mark.parametrize(("callees_lane", "group"), [("", CENTRE), ("责任部门", BILLING_AND_NETWORK)])
def test_a_called_process_without_lanes_is_done_by_the_lane_that_calls_it(
    named: TestOffice, callees_lane: str, group: str
) -> None:
    callee = drawn("callee", (lanes(lane(callees_lane, "work")) if callees_lane else "") + INSIDE)
    named.deploy(drawn("caller", lanes(lane("省投诉处理中心", "call")) + CALLING), callee)
    named.start("caller", named.file().number)
    assert named.task("work").candidate_group == group


@pytest.mark.parametrize(
    ("attributes", "group"),
    [
        ('camunda:candidateGroups="person@deng_li"', "person@deng_li"),
        ('camunda:assignee="nobody_here"', "unrouted"),
        ('camunda:candidateUsers="nobody_here,deng_li"', "person@deng_li"),
        ('camunda:assignee="nobody_here" camunda:candidateGroups="省中心"', CENTRE),
    ],
)
def test_a_person_asked_for_by_name_counts_while_they_work_here(
    named: TestOffice, attributes: str, group: str
) -> None:
    named.deploy(one_task("personal", attributes))
    named.start("personal", named.file().number)
    task = named.task("work")
    unrouted = tuple(f"unrouted@{path}" for path in upwards("/hq/henan/henan_hotline/"))
    assert groups_in(task) == (unrouted if group == "unrouted" else (group,))
