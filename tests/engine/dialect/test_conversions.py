"""Legal but trapping XML runs as BPMN means it, and each conversion is reported."""

from __future__ import annotations

import pytest

from engine.dialect.model import is_generated

FLOW = '<sequenceFlow id="{}" sourceRef="{}" targetRef="{}"/>'.format
IF = (
    '<sequenceFlow id="{}" sourceRef="{}" targetRef="{}"><conditionExpression xsi:type="tFormalExpression">{}'
    "</conditionExpression></sequenceFlow>"
).format


def test_sequence_flows_without_ids_are_kept(gate, codes_of):
    body = '<startEvent id="s"/><task id="t"/><sequenceFlow sourceRef="s" targetRef="t"/>'
    outcome = gate(gate.diagram(body))
    [flow] = outcome.models[0].body.flows
    assert (flow.id, flow.source, flow.target) == ("s->t", "s", "t")
    assert is_generated(flow.id)
    assert "id-generated" in codes_of(outcome, "note")


def test_generated_ids_are_stable_and_distinct(gate):
    flow = '<sequenceFlow sourceRef="s" targetRef="t"/>'
    content = gate.diagram(f'<startEvent id="s"/><task id="t"/>{flow}{flow}')
    first, second = gate.model(content), gate.model(content)
    assert first == second
    assert len({f.id for f in first.body.flows}) == len(first.body.flows)


def test_a_boundary_event_without_id_is_kept(gate):
    boundary = '<boundaryEvent attachedToRef="t"><errorEventDefinition/></boundaryEvent>'
    model = gate.model(gate.diagram(f'<startEvent id="s"/><task id="t"/>{FLOW("f", "s", "t")}{boundary * 2}'))
    assert [n.id for n in model.body.nodes if n.attached_to == "t"] == ["boundary:t", "boundary:t-2"]


def test_internal_looking_ids_stay_as_the_author_wrote_them(gate):
    model = gate.model(
        gate.diagram(f'<startEvent id="Start"/><userTask id="End"/>{FLOW("f", "Start", "End")}')
    )
    assert [node.id for node in model.body.nodes] == ["Start", "End"]


def test_several_flows_out_of_a_task_run_in_parallel(gate, codes_of):
    body = (
        '<startEvent id="s"/><task id="t" name="查证"/><task id="a"/><task id="b"/>'
        f"{FLOW('f', 's', 't')}{FLOW('fa', 't', 'a')}{FLOW('fb', 't', 'b')}"
    )
    outcome = gate(gate.diagram(body))
    model = outcome.models[0]
    split = next(node for node in model.body.nodes if is_generated(node.id))
    assert (split.id, split.kind) == ("split:t", "parallelGateway")
    ends = {(flow.id, flow.source, flow.target) for flow in model.body.flows}
    assert {("fa", "split:t", "a"), ("fb", "split:t", "b"), ("t->split:t", "t", "split:t")} <= ends
    assert "implicit-split" in codes_of(outcome, "note")


def test_conditional_flows_out_of_a_task_are_taken_when_they_hold(gate):
    body = (
        '<startEvent id="s"/><task id="t" default="fc"/><task id="a"/><task id="b"/><task id="c"/>'
        f"{FLOW('f', 's', 't')}{IF('fa', 't', 'a', '=case.vip = true')}"
        f"{FLOW('fb', 't', 'b')}{FLOW('fc', 't', 'c')}"
    )
    model = gate.model(gate.diagram(body))
    nodes = {node.id: node for node in model.body.nodes}
    assert (nodes["split:t"].kind, nodes["split:t"].default_flow) == ("inclusiveGateway", "fc")
    assert nodes["t"].default_flow is None
    conditions = {flow.id: flow.condition for flow in model.body.flows}
    assert (conditions["fa"], conditions["fb"], conditions["fc"]) == ("case.vip = true", "true", None)


def test_a_condition_on_the_only_flow_out_of_a_task_is_not_ignored(gate):
    body = f'<startEvent id="s"/><task id="a"/>{IF("f", "s", "a", "case.vip = true")}'
    assert "split:s" in {node.id for node in gate.model(gate.diagram(body)).body.nodes}


def test_conditions_without_meaning_are_dropped_and_reported(gate, codes_of):
    body = (
        '<startEvent id="s"/><parallelGateway id="g"/><exclusiveGateway id="x" default="fd"/><task id="a"/>'
        f"<task id='b'/>{FLOW('f', 's', 'g')}{IF('fa', 'g', 'a', 'case.x = 1')}{FLOW('fx', 'g', 'x')}"
        f"{IF('fd', 'x', 'a', 'case.y = 1')}{IF('fe', 'x', 'b', 'case.z = 1')}"
    )
    outcome = gate(gate.diagram(body))
    assert codes_of(outcome, "warning") == ["condition-ignored", "condition-ignored", "runs-twice"]
    conditions = {flow.id: flow.condition for flow in outcome.models[0].body.flows}
    assert (conditions["fa"], conditions["fd"], conditions["fe"]) == (None, None, "case.z = 1")


def test_a_path_that_just_stops_is_noted(gate, codes_of):
    outcome = gate(gate.diagram(f'<startEvent id="s"/><task id="t"/>{FLOW("f", "s", "t")}'))
    assert codes_of(outcome, "note") == ["implicit-end"]


def test_prefixed_references_find_their_element(gate):
    content = gate.diagram(
        '<startEvent id="s"/><receiveTask id="r" messageRef="tns:m"/>'
        '<sequenceFlow id="f" sourceRef="tns:s" targetRef="tns:r"/>',
        roots='<message id="m" name="withdraw"/>',
    )
    event = gate.model(content).body.nodes[1].event
    assert event is not None
    assert event.name == "withdraw"


@pytest.mark.parametrize(
    ("written", "runs"),
    [
        ("${approved}", "approved"),
        ("#{case.level == 'national'}", 'case.level = "national"'),
        ("=case.amount > 100", "case.amount > 100"),
        ("case.amount > 100", "case.amount > 100"),
    ],
)
def test_a_condition_may_be_juel_or_feel(gate, written, runs):
    body = (
        '<startEvent id="s"/><exclusiveGateway id="g" default="fb"/><task id="a"/><task id="b"/>'
        + FLOW("f", "s", "g")
        + IF("fa", "g", "a", written.replace("<", "&lt;"))
        + FLOW("fb", "g", "b")
    )
    outcome = gate(gate.diagram(body))
    assert not outcome.errors
    assert next(f.condition for f in outcome.models[0].body.flows if f.id == "fa") == runs
    assert ("juel-converted" in {f.code for f in outcome.findings}) == written.startswith(("$", "#"))


@pytest.mark.parametrize("written", ["${bean.check(execution)}", "case.x == 1", "a && b", "import os", "(1"])
def test_a_condition_that_is_neither_is_refused_with_the_flow(gate, written):
    body = (
        '<startEvent id="s"/><exclusiveGateway id="g" default="fb"/><task id="a"/><task id="b"/>'
        + FLOW("f", "s", "g")
        + IF("fa", "g", "a", written.replace("&", "&amp;"))
        + FLOW("fb", "g", "b")
    )
    errors = gate(gate.diagram(body)).errors
    assert ("bad-expression", "fa") in {(f.code, f.element_id) for f in errors}


def test_a_condition_in_another_language_is_refused(gate):
    body = (
        f'<startEvent id="s"/><exclusiveGateway id="g"/><task id="a"/>{FLOW("f", "s", "g")}'
        '<sequenceFlow id="fa" sourceRef="g" targetRef="a">'
        '<conditionExpression language="groovy">x</conditionExpression></sequenceFlow>'
    )
    assert [f.code for f in gate(gate.diagram(body)).errors] == ["unsupported-expression-language"]


def test_an_error_boundary_always_interrupts(gate, codes_of):
    body = (
        f'<startEvent id="s"/><task id="t"/>{FLOW("f", "s", "t")}<boundaryEvent id="b" attachedToRef="t" '
        'cancelActivity="false"><errorEventDefinition/></boundaryEvent>'
    )
    outcome = gate(gate.diagram(body))
    assert codes_of(outcome, "warning") == ["error-interrupts"]
    assert outcome.models[0].body.nodes[2].interrupting


@pytest.mark.parametrize(
    ("element", "kind"),
    [("timeDuration", "PT1H"), ("timeDate", "2030-01-01T08:00:00Z"), ("timeCycle", "R3/PT1H")],
)
def test_a_literal_timer_is_told_with_its_element(gate, element, kind):
    outcome = gate(
        gate.chain(
            f'<intermediateCatchEvent id="t"><timerEventDefinition><{element}>{kind}</{element}></timerEventDefinition>'
            "</intermediateCatchEvent>"
        )
    )
    (told,) = [found for found in outcome.findings if found.severity == "note"]
    assert (told.code, told.element_id) == ("timer-literal", "t")
    assert kind in told.message
    assert kind in told.message_zh


@pytest.mark.parametrize(
    ("written", "names"),
    [("${cycle}", "cycle"), ("=order.due", "order"), ("=case.due", "case")],
)
def test_the_timer_that_starts_a_process_reads_no_variable(gate, written, names):
    timer = f"<timerEventDefinition><timeCycle>{written}</timeCycle></timerEventDefinition>"
    body = f'<startEvent id="s">{timer}</startEvent><task id="t"/>{FLOW("f", "s", "t")}'
    [refused] = gate(gate.diagram(body)).errors
    assert (refused.code, refused.element_id) == ("timer-start-reads-variables", "s")
    assert f"reads {names}," in refused.message
    assert f"读取 {names}，" in refused.message_zh
    inside = (
        f'<startEvent id="s"/><subProcess id="x" triggeredByEvent="true"><startEvent id="i">{timer}</startEvent>'
        "</subProcess>"
    )
    assert gate(gate.diagram(inside)).errors == []  # here somebody has started


def test_a_computed_timer_is_told_with_its_element(gate):
    timer = '<timerEventDefinition><timeDuration>=duration("PT5M")</timeDuration></timerEventDefinition>'
    outcome = gate(gate.chain(f'<intermediateCatchEvent id="t">{timer}</intermediateCatchEvent>'))
    assert [(f.code, f.element_id) for f in outcome.findings] == [("timer-computed", "t")]


@pytest.mark.parametrize(
    ("condition", "language", "declared", "told"),
    [
        ("amount > 1", "", "", True),
        ("amount > 1", 'language="feel"', "", False),
        ("amount > 1", "", 'expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/"', False),
        ("amount > 1", "", 'expressionLanguage="http://www.w3.org/1999/XPath"', True),
        ("=amount > 1", "", "", False),
        ("form.review.amount > 1", "", "", False),
    ],
)
def test_a_condition_without_a_language_is_told_to_be_read_as_feel(gate, condition, language, declared, told):
    flow = (
        f'<sequenceFlow id="c" sourceRef="s" targetRef="a"><conditionExpression {language}>{condition}'
        "</conditionExpression></sequenceFlow>"
    )
    content = gate.diagram(f'<startEvent id="s"/><task id="a"/>{flow}').replace(
        b"<definitions ", f"<definitions {declared} ".encode()
    )
    found = [(f.code, f.element_id) for f in gate(content).findings if f.code == "read-as-feel"]
    assert found == ([("read-as-feel", "c")] if told else [])


def test_what_repeats_for_each_item_is_told_with_its_collection(gate):
    loop = '<multiInstanceLoopCharacteristics camunda:collection="reviewers" camunda:elementVariable="reviewer"/>'
    outcome = gate(gate.chain(f'<task id="t">{loop}</task>'))
    told = {f.code: f for f in outcome.findings}
    assert told["repeats-for-each"].element_id == "t"
    # What an item is called is no hint for what its collection should be called.
    assert (told["unknown-variable"].severity, "did you mean" in told["unknown-variable"].message) == (
        "note",
        False,
    )
