"""What authors write in a diagram arrives in the compiled model."""

from __future__ import annotations

import json

import pytest

from engine.dialect.model import (
    Assignment,
    Binding,
    Call,
    DecisionCall,
    MultiInstance,
    Need,
    ProcessModel,
    Value,
)
from engine.dialect.read.nodes.machines import EVERYTHING

FORM = b'{"type": "default", "id": "review", "components": [{"type": "textfield", "key": "answer"}]}'


def extended(kind: str, inside: str, attributes: str = "") -> str:
    return f'<{kind} id="n" {attributes}><extensionElements>{inside}</extensionElements></{kind}>'


def test_a_user_task_knows_who_when_and_with_which_form(gate):
    node = gate.node(
        '<userTask id="n" name="复核工单" camunda:candidateGroups="provincial_centre,remote_unit" '
        'camunda:candidateUsers="=case.clerk" camunda:assignee="${starter}" camunda:formKey="review" '
        'camunda:priority="80" camunda:dueDate="PT4H" camunda:followUpDate="=case.follow_up"/>',
        review__form=FORM,
    )
    user = node.user
    assert user is not None
    assert user.candidate_groups == Value(literal="provincial_centre,remote_unit")
    assert user.candidate_users == Value(feel="case.clerk")
    assert user.assignee == Value(feel="starter")
    assert (user.form, user.form_binding) == ("review", Binding())
    assert (user.priority, user.due_date) == (Value(literal="80"), Value(literal="PT4H"))
    assert user.follow_up_date == Value(feel="case.follow_up")
    assert node.name == "复核工单"


@pytest.mark.parametrize(
    "attributes",
    [
        'camunda:formKey="review"',
        'camunda:formRef="review"',
        'camunda:formKey="camunda-forms:deployment:forms/review.form"',
        'camunda:formKey="camunda-forms:/forms/checking.form"',
        'camunda:formKey="checking"',
        'camunda:formRef="review" camunda:formRefBinding="latest"',
    ],
)
def test_a_form_is_found_by_its_id_or_its_file_name(gate, attributes):
    files = {"forms/checking__form": FORM}
    user = gate.node(f'<userTask id="n" {attributes}/>', **files).user
    assert user is not None
    assert user.form == "review"


def test_a_start_event_names_the_form_a_case_is_filed_with(gate):
    start = gate.model(
        gate.diagram('<startEvent id="s" camunda:formKey="review"/>'), review__form=FORM
    ).body.nodes[0]
    assert start.user is not None
    assert start.user.form == "review"


def test_people_named_the_way_bpmn_itself_does_are_read(gate):
    node = gate.node(
        '<userTask id="n"><potentialOwner><resourceAssignmentExpression><formalExpression>user(li.na), '
        "group(department), hq</formalExpression></resourceAssignmentExpression></potentialOwner></userTask>"
    )
    assert node.user is not None
    assert node.user.candidate_users == Value(literal="li.na")
    assert node.user.candidate_groups == Value(literal="department,hq")


def test_properties_are_kept_and_their_expressions_checked(gate):
    inside = (
        '<camunda:properties><camunda:property name="sla.policy" value="R01.audit"/>'
        '<camunda:property name="route.unit" value="=form.dispatch.unit"/>'
        '<camunda:property name="old" value="${case.unit}"/></camunda:properties>'
    )
    node = gate.node(extended("userTask", inside))
    assert node.properties == {
        "sla.policy": "R01.audit",
        "route.unit": "=form.dispatch.unit",
        "old": "=case.unit",
    }


def test_a_sub_process_does_not_inherit_its_childrens_properties(gate):
    child = (
        '<task id="c"><extensionElements><camunda:properties><camunda:property name="x" value="1"/>'
        "</camunda:properties></extensionElements></task>"
    )
    node = gate.node(f'<subProcess id="n"><startEvent id="s"/>{child}</subProcess>')
    assert node.properties == {}
    assert node.body is not None
    assert node.body.nodes[1].properties == {"x": "1"}


def test_a_service_task_names_its_operation_by_topic_or_property(gate):
    by_topic = gate.node('<serviceTask id="n" camunda:type="external" camunda:topic="archive_case"/>')
    by_property = gate.node(
        extended(
            "serviceTask",
            '<camunda:properties><camunda:property name="operation" value="send_notice"/></camunda:'
            "properties>",
        )
    )
    assert (by_topic.operation, by_property.operation) == ("archive_case", "send_notice")


def test_a_script_task_may_name_an_operation_instead_of_a_script(gate):
    node = gate.node(
        extended(
            "scriptTask",
            '<camunda:properties><camunda:property name="operation" value="send_notice"/></camunda:'
            "properties>",
            'scriptFormat="python"',
        )
    )
    assert node.operation == "send_notice"


def test_inputs_and_outputs_are_literal_feel_lists_or_maps(gate):
    inside = """<camunda:inputOutput>
      <camunda:inputParameter name="text">你好</camunda:inputParameter>
      <camunda:inputParameter name="level">=case.level</camunda:inputParameter>
      <camunda:inputParameter name="who"><camunda:list><camunda:value>li "n"</camunda:value>
        <camunda:value>${boss}</camunda:value></camunda:list></camunda:inputParameter>
      <camunda:inputParameter name="map"><camunda:map>
        <camunda:entry key="a">=1 + 1</camunda:entry></camunda:map></camunda:inputParameter>
      <camunda:inputParameter name="nothing"/>
      <camunda:outputParameter name="receipt.number">${number}</camunda:outputParameter>
    </camunda:inputOutput>"""
    node = gate.node(extended("serviceTask", inside, 'camunda:topic="send_notice"'))
    assert node.inputs == (
        Assignment("text", Value(literal="你好")),
        Assignment("level", Value(feel="case.level")),
        Assignment("who", Value(feel='["li \\"n\\"", boss]')),
        Assignment("map", Value(feel='{"a": 1 + 1}')),
        Assignment("nothing", Value(feel="null")),
    )
    assert node.outputs == (Assignment("receipt.number", Value(feel="number")),)


def test_what_a_thrown_message_carries_is_its_payload(gate):
    element = (
        '<intermediateThrowEvent id="n"><extensionElements><camunda:inputOutput><camunda:inputParameter '
        'name="unit">'
        "=case.unit</camunda:inputParameter></camunda:inputOutput></extensionElements>"
        '<messageEventDefinition messageRef="m"/></intermediateThrowEvent>'
    )
    node = gate.model(gate.chain(element, roots='<message id="m" name="upper_result"/>')).body.nodes[1]
    assert node.event is not None
    assert node.event.payload == (Assignment("unit", Value(feel="case.unit")),)
    assert node.inputs == ()


@pytest.mark.parametrize(
    ("attributes", "inside", "expected"),
    [
        (
            'camunda:collection="departments" camunda:elementVariable="department"',
            "",
            MultiInstance(False, "departments", "department"),
        ),
        (
            'isSequential="true" camunda:collection="${form.assist.units}" camunda:elementVariable="unit"',
            "<completionCondition>${done}</completionCondition>",
            MultiInstance(True, "form.assist.units", "unit", None, "done"),
        ),
        ("", "<loopCardinality>3</loopCardinality>", MultiInstance(cardinality="3")),
        (
            "",
            '<loopDataInputRef>units</loopDataInputRef><inputDataItem id="unit"/>',
            MultiInstance(False, "units", "unit"),
        ),
    ],
)
def test_a_repeated_task_knows_what_it_repeats_for(gate, attributes, inside, expected):
    loop = f"<multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics>"
    assert gate.node(f'<task id="n">{loop}</task>').loop == expected


def test_a_decision_is_called_and_its_result_put_where_the_author_says(gate):
    rule = '<businessRuleTask id="level" camunda:decisionRef="level" {}/>'
    known = gate.chain(rule.format("")), gate.chain(rule.format('camunda:resultVariable="loop.level"'))
    from engine.dialect import SourceFile, compile_files

    class Everything:
        def has_process(self, key: str, binding: Binding) -> bool:
            return True

        has_decision = has_form = has_process

        def retirement(self, key: str) -> None:
            return None

    found = [
        compile_files([SourceFile("f.bpmn", content)], operations=(), known=Everything())
        .models[0]
        .body.nodes[1]
        .decision
        for content in known
    ]
    assert found == [
        DecisionCall("level", Binding(), "decision.level"),
        DecisionCall("level", Binding(), "loop.level"),
    ]


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("", Call("q")),
        ('<camunda:in variables="all"/>', Call("q", inputs=(EVERYTHING,))),
        (
            '<camunda:in source="case_no" target="number"/><camunda:in sourceExpression="${a.b}" target="c"/>'
            '<camunda:in businessKey="#{execution.processBusinessKey}"/><camunda:out source="reply" '
            'target="form.reply"/>',
            Call(
                "q",
                inputs=(Assignment("number", Value(feel="case_no")), Assignment("c", Value(feel="a.b"))),
                outputs=(Assignment("form.reply", Value(feel="reply")),),
            ),
        ),
    ],
)
def test_a_call_passes_what_it_maps_or_everything_when_it_maps_nothing(gate, inside, expected):
    callee = gate.chain('<task id="t"/>', key="q")
    model = gate.model(gate.chain(extended("callActivity", inside, 'calledElement="q"')), callee)
    assert model.body.nodes[1].call == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('camunda:calledElementBinding="latest"', Binding("latest")),
        ('camunda:calledElementBinding="deployment"', Binding()),
        ('camunda:calledElementBinding="version" camunda:calledElementVersion="3"', Binding("version", "3")),
        (
            'camunda:calledElementBinding="versionTag" camunda:calledElementVersionTag="v1"',
            Binding("versionTag", "v1"),
        ),
    ],
)
def test_a_call_is_bound_as_the_author_says(gate, attributes, expected):
    from engine.dialect import SourceFile, compile_files

    asked = []

    class Deployed:
        def has_process(self, key: str, binding: Binding) -> bool:
            asked.append((key, binding))
            return True

        has_decision = has_form = has_process

        def retirement(self, key: str) -> None:
            return None

    content = gate.chain(f'<callActivity id="n" calledElement="reply" {attributes}/>')
    outcome = compile_files([SourceFile("f.bpmn", content)], operations=(), known=Deployed())
    assert asked == [("reply", expected)]
    call = outcome.models[0].body.nodes[1].call
    assert call is not None
    assert call.binding == expected


def test_a_callee_of_the_same_deployment_is_found_and_a_misspelt_one_suggested(gate):
    caller = gate.chain('<callActivity id="n" calledElement="revisit"/>', key="complaint")
    callee = gate.chain('<task id="t"/>', key="revisit")
    assert not gate(caller, callee).errors
    outcome = gate(caller.replace(b'"revisit"', b'"revisits"'), callee)
    [finding] = [f for f in outcome.findings if f.severity == "binding"]
    assert (finding.code, finding.element_id) == ("needs-process", "n")
    assert outcome.models[0].needs == (Need("n", "process", "revisits"),)
    assert "did you mean revisit?" in finding.message


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("timeDuration", "PT4H", Value(literal="PT4H")),
        ("timeDuration", "P7D", Value(literal="P7D")),
        ("timeDuration", '"PT1H"', Value(literal="PT1H")),
        ("timeDate", "2026-03-01T09:00:00+08:00", Value(literal="2026-03-01T09:00:00+08:00")),
        ("timeDate", '=warn("R01.stage")', Value(feel='warn("R01.stage")')),
        ("timeDate", "${case.due}", Value(feel="case.due")),
        ("timeCycle", "R3/PT1H", Value(literal="R3/PT1H")),
        ("timeCycle", "R/2026-03-01T09:00:00Z/P1D", Value(literal="R/2026-03-01T09:00:00Z/P1D")),
    ],
)
def test_a_timer_is_iso_8601_or_an_expression(gate, kind, text, expected):
    event = gate.node(
        f'<intermediateCatchEvent id="n"><timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>'
        "</intermediateCatchEvent>"
    ).event
    assert event is not None
    assert (event.timer_kind, event.timer) == (kind.removeprefix("time").lower(), expected)


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("timeDuration", "P", "bad-timer"),
        ("timeDuration", "PT", "bad-timer"),
        ("timeDuration", "4h", "bad-timer"),
        ("timeDate", "2026-02-30", "bad-timer"),
        ("timeDate", "PT4H", "bad-timer"),
        ("timeCycle", "PT4H", "bad-timer"),
        ("timeCycle", "0 0 9 * * ?", "cron-timer"),
        ("timeDuration", "", "timer-without-value"),
    ],
)
def test_a_timer_that_is_no_time_is_refused(gate, codes_of, kind, text, code):
    element = (
        f'<intermediateCatchEvent id="n"><timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>'
        "</intermediateCatchEvent>"
    )
    assert codes_of(gate(gate.chain(element))) == [code]


def test_errors_and_escalations_match_by_code_and_a_boundary_may_catch_all(gate):
    roots = '<error id="e" name="号码不存在" errorCode="NO_NUMBER"/><escalation id="x" name="need_upper"/>'
    body = """<startEvent id="s"/><task id="t"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>
      <boundaryEvent id="b1" attachedToRef="t"><errorEventDefinition errorRef="e"/></boundaryEvent>
      <boundaryEvent id="b2" attachedToRef="t"><errorEventDefinition/></boundaryEvent>
      <boundaryEvent id="b3" attachedToRef="t" cancelActivity="false">
        <escalationEventDefinition escalationRef="x"/></boundaryEvent>"""
    nodes = gate.model(gate.diagram(body, roots=roots)).body.nodes
    events = {node.id: node.event for node in nodes}
    assert events["b1"] is not None
    assert (events["b1"].code, events["b1"].name) == ("NO_NUMBER", "号码不存在")
    assert events["b2"] is not None
    assert events["b2"].code == ""
    assert events["b3"] is not None
    assert events["b3"].code == "need_upper"
    assert [node.interrupting for node in nodes if node.attached_to] == [True, True, False]


def test_lanes_and_pools_give_names(gate):
    content = gate.diagram(
        '<laneSet id="ls"><lane id="l1" '
        'name="省中心"><flowNodeRef>t</flowNodeRef><flowNodeRef>sub</flowNodeRef>'
        '<childLaneSet id="cs"><lane id="l2" '
        'name="审核岗"><flowNodeRef>t</flowNodeRef></lane></childLaneSet></lane>'
        '</laneSet><startEvent id="s"/><task id="t"/><subProcess id="sub"><startEvent id="i"/></subProcess>',
        roots='<collaboration id="c"><participant id="ours" name="投诉处理" processRef="p"/>'
        '<participant id="customer" name="客户"/></collaboration>',
    )
    model = gate.model(content)
    lanes = {node.id: node.lane for node in model.body.nodes}
    assert lanes == {"s": "", "t": "审核岗", "sub": "省中心"}
    inner = model.body.nodes[2].body
    assert inner is not None
    assert inner.nodes[0].lane == "省中心"
    assert model.name == "投诉处理"


def test_a_process_carries_its_tag_documentation_and_properties(gate):
    content = gate.diagram(
        "<documentation>003§2.4 投诉处理</documentation><extensionElements><camunda:properties>"
        '<camunda:property name="regime" value="R01"/></camunda:properties></extensionElements>'
        '<startEvent id="s"><documentation>受理</documentation></startEvent>',
        name="投诉",
        flags='camunda:versionTag="2026.1" camunda:historyTimeToLive="P30D"',
    )
    model = gate.model(content)
    assert (model.key, model.name, model.version_tag) == ("p", "投诉", "2026.1")
    assert model.documentation == "003§2.4 投诉处理"
    assert model.properties == {"regime": "R01"}
    assert model.body.nodes[0].documentation == "受理"


def test_a_model_survives_being_stored(gate):
    content = gate.chain(
        '<userTask id="u" camunda:formKey="review" camunda:candidateGroups="g">'
        '<multiInstanceLoopCharacteristics camunda:collection="xs"/></userTask>',
        '<subProcess id="sub"><startEvent id="i"/><scriptTask id="sc" scriptFormat="feel">'
        "<script>a = 1</script></scriptTask></subProcess>",
        '<userTask id="wait"/><callActivity id="c" calledElement="p"/>',
        '<intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>",
    )
    model = gate.model(content, review__form=FORM)
    assert ProcessModel.from_plain(json.loads(json.dumps(model.to_plain()))) == model
