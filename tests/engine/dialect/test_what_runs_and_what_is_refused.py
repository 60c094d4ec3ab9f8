"""The tables of elements and events: every supported row compiles, every other row is refused by name."""

from __future__ import annotations

import pytest

from engine.dialect.tables.elements import EVENT_DEFINITIONS, FLOW_NODES, SUPPORTED_EVENTS

ROOTS = (
    '<message id="m" name="withdraw"/><error id="e" name="lost" errorCode="E1"/>'
    '<escalation id="x" name="upper" escalationCode="X1"/><signal id="g" name="all"/>'
)
DEFINITIONS = {
    "none": "",
    "timer": "<timerEventDefinition><timeDuration>PT4H</timeDuration></timerEventDefinition>",
    "message": '<messageEventDefinition messageRef="m"/>',
    "error": '<errorEventDefinition errorRef="e"/>',
    "escalation": '<escalationEventDefinition escalationRef="x"/>',
    "terminate": "<terminateEventDefinition/>",
    "signal": '<signalEventDefinition signalRef="g"/>',
    "link": '<linkEventDefinition name="a"/>',
    "conditional": "<conditionalEventDefinition><condition>x</condition></conditionalEventDefinition>",
    "compensation": "<compensateEventDefinition/>",
    "cancel": "<cancelEventDefinition/>",
}
MINIMAL = {
    "task": '<task id="n"/>',
    "userTask": '<userTask id="n" camunda:candidateGroups="department"/>',
    "manualTask": '<manualTask id="n"/>',
    "serviceTask": '<serviceTask id="n" camunda:type="external" camunda:topic="send_notice"/>',
    "scriptTask": '<scriptTask id="n" scriptFormat="feel"><script>loop.round = 1</script></scriptTask>',
    "businessRuleTask": '<businessRuleTask id="n" camunda:topic="send_notice"/>',
    "sendTask": '<sendTask id="n" camunda:topic="send_notice"/>',
    "receiveTask": '<receiveTask id="n" messageRef="m"/>',
    "callActivity": '<callActivity id="n" calledElement="q"/>',
    "transaction": '<transaction id="n"><startEvent id="inside"/></transaction>',
    "subProcess": '<subProcess id="n"><startEvent id="inside"/></subProcess>',
    "exclusiveGateway": '<exclusiveGateway id="n"/>',
    "parallelGateway": '<parallelGateway id="n"/>',
    "inclusiveGateway": '<inclusiveGateway id="n"/>',
    "eventBasedGateway": '<eventBasedGateway id="n"/><receiveTask id="r" messageRef="m"/>',
    "intermediateThrowEvent": '<intermediateThrowEvent id="n"/>',
}


@pytest.mark.parametrize("kind", sorted(MINIMAL))
def test_a_supported_element_compiles(gate, kind):
    elements = (
        MINIMAL[kind].replace("/><", "/>\n<").split("\n") if kind == "eventBasedGateway" else [MINIMAL[kind]]
    )
    callee = gate.chain('<task id="t"/>', key="q")
    node = gate.model(gate.chain(*elements, roots=ROOTS), callee).body.nodes[1]
    assert (node.id, node.kind) == ("n", kind)


@pytest.mark.parametrize("kind", sorted(kind for kind, rule in FLOW_NODES.items() if not rule.runs))
def test_an_unsupported_element_is_refused_with_its_id_and_what_to_do(gate, kind):
    outcome = gate(gate.chain(f'<{kind} id="n" name="试试"/>'))
    finding = next(f for f in outcome.errors if f.code == "unsupported-element")
    assert (finding.element_id, finding.element_name) == ("n", "试试")
    assert FLOW_NODES[kind].refused_en in finding.message
    assert FLOW_NODES[kind].refused_zh in finding.message_zh


def test_every_supported_kind_of_node_has_a_row_in_these_tests():
    events = {"startEvent", "endEvent", "intermediateCatchEvent", "boundaryEvent"}
    assert {kind for kind, rule in FLOW_NODES.items() if rule.runs} == set(MINIMAL) | events


def _drawn(gate, position: str, kind: str) -> bytes:
    definition = DEFINITIONS[kind]
    flow = '<sequenceFlow id="f1" sourceRef="{}" targetRef="{}"/>'.format
    if position == "startEvent":
        return gate.diagram(f'<startEvent id="n">{definition}</startEvent>', roots=ROOTS)
    if position == "innerStartEvent":
        return gate.chain(
            f'<subProcess id="sub"><startEvent id="n">{definition}</startEvent></subProcess>', roots=ROOTS
        )
    if position == "eventSubProcessStart":
        body = (
            '<startEvent id="s"/><subProcess id="sub" triggeredByEvent="true">'
            f'<startEvent id="n">{definition}</startEvent></subProcess>'
        )
        return gate.diagram(body, roots=ROOTS)
    if kind == "cancel" and position in ("endEvent", "boundaryEvent"):
        return gate.diagram(TRANSACTION, roots=ROOTS)
    if kind == "link" and position in ("intermediateThrowEvent", "intermediateCatchEvent"):
        throw, catch = ("n", "o") if position == "intermediateThrowEvent" else ("o", "n")
        body = (
            f'<startEvent id="s"/>{flow("s", throw)}'
            f'<intermediateThrowEvent id="{throw}">{definition}</intermediateThrowEvent>'
            f'<intermediateCatchEvent id="{catch}">{definition}</intermediateCatchEvent>'
        )
        return gate.diagram(body, roots=ROOTS)
    if position == "endEvent":
        body = f'<startEvent id="s"/>{flow("s", "n")}<endEvent id="n">{definition}</endEvent>'
        return gate.diagram(body, roots=ROOTS)
    if position == "boundaryEvent":
        body = (
            f'<startEvent id="s"/>{flow("s", "t")}<task id="t"/>'
            f'<boundaryEvent id="n" attachedToRef="t">{definition}</boundaryEvent>'
        )
        return gate.diagram(body, roots=ROOTS)
    return gate.chain(f'<{position} id="n">{definition}</{position}>', roots=ROOTS)


CANCEL_END = ("endEvent", "cancel")
TRANSACTION = """<startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="t"/>
<transaction id="t"><startEvent id="i"/><sequenceFlow id="f2" sourceRef="i" targetRef="z"/>
<endEvent id="z"><cancelEventDefinition/></endEvent></transaction>
<boundaryEvent id="n" attachedToRef="t"><cancelEventDefinition/></boundaryEvent>"""

MATRIX = [(position, kind) for position in SUPPORTED_EVENTS for kind in DEFINITIONS]


@pytest.mark.parametrize(("position", "kind"), MATRIX)
def test_each_kind_of_event_runs_or_is_refused_at_each_position(gate, position, kind):
    outcome = gate(_drawn(gate, position, kind))
    # What a sub-process's start event waits for, it waits for inside.
    waits_inside = position == "innerStartEvent" and kind in SUPPORTED_EVENTS["intermediateCatchEvent"] - {
        "link"
    }
    if kind in SUPPORTED_EVENTS[position] or waits_inside:
        assert not outcome.errors
        nodes = list(outcome.models[0].body.nodes)
        nodes += [inner for node in nodes if node.body for inner in node.body.nodes]
        event = next(
            node for node in nodes if node.id == ("z" if (position, kind) == CANCEL_END else "n")
        ).event
        assert event is not None
        assert event.kind == kind
    else:
        [finding] = outcome.errors
        assert finding.element_id == "n"
        assert finding.code in ("unsupported-event", "event-without-definition")


def test_every_kind_of_event_has_a_row_in_these_tests():
    assert set(DEFINITIONS) == {kind for kind, _, _ in EVENT_DEFINITIONS.values()} | {"none"}


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ('<subProcess id="n" triggeredByEvent="1"><task id="i"/></subProcess>', "event-sub-process-start"),
        ('<task id="n" isForCompensation="true"/>', "unsupported-attribute"),
        ('<receiveTask id="n" messageRef="m" instantiate="true"/>', "unsupported-attribute"),
        ('<task id="n"><standardLoopCharacteristics/></task>', "loop-without-condition"),
        ('<task id="n"><standardLoopCharacteristics loopMaximum="many"/></task>', "bad-loop-maximum"),
        ('<task id="n"><multiInstanceLoopCharacteristics/></task>', "loop-without-collection"),
        ('<frobnicate id="n"/>', "unknown-element"),
        (
            '<intermediateCatchEvent '
            f'id="n">{DEFINITIONS["timer"]}{DEFINITIONS["message"]}</intermediateCatchEvent>',
            "unsupported-event",
        ),
        ('<receiveTask id="n" messageRef="nobody"/>', "unresolved-reference"),
        ('<callActivity id="n"/>', "no-callee"),
        ('<userTask id="n" camunda:priority="high"/>', "bad-priority"),
        ('<userTask id="n" camunda:dueDate="tomorrow"/>', "bad-date"),
        ('<userTask id="n" camunda:asignee="li.na"/>', "unknown-extension"),
        ('<scriptTask id="n" scriptFormat="python"><script>import os</script></scriptTask>',
         "unsupported-script-language"),
        ('<scriptTask id="n"><script>x = 1</script></scriptTask>', "unsupported-script-language"),
        ('<scriptTask id="n" scriptFormat="feel"/>', "script-without-text"),
        ('<scriptTask id="n" scriptFormat="feel"><script>case = 1</script></scriptTask>', "reserved-target"),
        ('<scriptTask id="n" scriptFormat="feel"><script>a.__b__ = 1</script></scriptTask>', "bad-target"),
        ('<scriptTask id="n" scriptFormat="feel"><script>just words</script></scriptTask>', "bad-script"),
        (f'<task id="{"n" * 201}"/>', "bad-id"),
    ],
)  # fmt: skip
def test_what_cannot_run_is_refused_at_deployment(gate, element, code):
    outcome = gate(gate.chain(element, roots=ROOTS))
    finding = next((f for f in outcome.errors if f.code == code), None)
    assert finding is not None, [f.code for f in outcome.findings]
    assert finding.line > 1
    assert "None" not in finding.message


def test_another_vendors_extension_is_kept_and_reported_once(gate, codes_of):
    extension = "<extensionElements><acme:cost value='3'/></extensionElements>"
    outcome = gate(gate.chain(f'<task id="a">{extension}</task>', f'<task id="b">{extension}</task>'))
    assert not outcome.errors
    assert codes_of(outcome, "warning") == ["foreign-extension"]


@pytest.mark.parametrize("attribute", ["startQuantity", "completionQuantity"])
def test_more_tokens_than_one_are_refused_and_one_is_not(gate, codes_of, attribute):
    (refused,) = gate(gate.chain(f'<task id="t" {attribute}="2"/>')).errors
    assert (refused.code, refused.element_id) == ("unsupported-attribute", "t")
    assert codes_of(gate(gate.chain(f'<task id="t" {attribute}="1"/>'))) == []
