"""What would elsewhere be dropped or hang without a word is said: misspelt, misplaced, endless, never reached."""

from __future__ import annotations

import pytest

from engine.dialect.tables.elements import DRAWN_ONLY, EVENT_DEFINITIONS, FLOW_NODES
from engine.dialect.tables.vocabulary import HOLD_FLOWS, VOCABULARY
from tests.engine.diagrams import process
from tests.engine.spiff.memory import InMemory

FLOW = '<sequenceFlow id="{}" sourceRef="{}" targetRef="{}"/>'.format
START = '<startEvent id="s"/>'


def told(outcome, code: str) -> list[tuple[str, str]]:
    return [(f.severity, f.element_id) for f in outcome.findings if f.code == code]


def test_every_element_a_table_names_is_in_the_vocabulary() -> None:
    known = set(FLOW_NODES) | set(EVENT_DEFINITIONS) | set(DRAWN_ONLY) | HOLD_FLOWS
    assert not known - VOCABULARY


@pytest.mark.parametrize(
    ("body", "named", "meant"),
    [
        (f'{START}<userTsk id="n"/>', "n", "userTask"),
        (f'{START}<intermediateCatchEvent id="n"><timerEventDefintion/></intermediateCatchEvent>', "n", "timerEventDefinition"),
        (f'{START}<task id="n"/><sequenceFlow id="f" sourceRef="s" targetRef="n"><conditionExpresion>x</conditionExpresion>'
         "</sequenceFlow>", "f", "conditionExpression"),
        (f'{START}<task id="n"><multiInstanceLoopCharacteristics><loopCardinalty>3</loopCardinalty>'
         "</multiInstanceLoopCharacteristics></task>", "n", "loopCardinality"),
    ],
)  # fmt: skip
def test_a_misspelt_element_is_refused_with_what_was_meant(gate, body, named, meant) -> None:
    found = [f for f in gate(gate.diagram(body)).errors if f.code == "unknown-element"]
    assert [f.element_id for f in found] == [named]
    assert f"did you mean <{meant}>?" in found[0].message


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ('<task id="n"><userTask id="lost"/></task>', "lost"),
        ('<laneSet><lane id="l"><task id="lost"/></lane></laneSet>', "lost"),
        ('<timerEventDefinition id="lost"/>', "lost"),
    ],
)
def test_a_node_where_nothing_runs_it_is_refused(gate, content, named) -> None:
    assert ("error", named) in told(gate(gate.diagram(START + content)), "misplaced-element")


def test_a_node_outside_every_process_is_refused_and_a_drawing_is_left_alone(gate) -> None:
    assert told(gate(gate.diagram(START, roots='<task id="lost"/>')), "misplaced-element") == [
        ("error", "lost")
    ]
    drawing = '<process id="q" isExecutable="false"><userTsk id="n"/></process>'
    assert not gate(gate.diagram(START, roots=drawing)).errors


def test_a_round_without_a_way_out_is_told_once(gate) -> None:
    body = (
        f'{START}<task id="a"/><task id="b"/>{FLOW("f", "s", "a")}{FLOW("g", "a", "b")}{FLOW("h", "b", "a")}'
    )
    assert told(gate(gate.diagram(body)), "no-way-out") == [("warning", "a")]
    out = '<boundaryEvent id="x" attachedToRef="a"><errorEventDefinition/></boundaryEvent>'
    assert not told(gate(gate.diagram(body + out)), "no-way-out")


def test_the_only_way_out_of_a_decision_should_have_no_condition(gate) -> None:
    lines = ("start s", "xor g", "user a", "s -> g", "g -> a : x = 1")
    file = process("p", *lines)
    assert told(gate(file.content), "only-way-conditional") == [("warning", "flow_2")]
    assert InMemory(file, x=1).waiting() == ["a"]
    run = InMemory(file, x=2)
    assert [held.activity_id for held in run.instance.run.held] == ["g"]


def test_data_associations_are_said_to_carry_nothing_by_activity(gate) -> None:
    drawn = "<dataInputAssociation><targetRef>x</targetRef></dataInputAssociation>"
    outcome = gate(gate.chain(f'<task id="t">{drawn}{drawn}</task>', '<task id="u"/>'))
    assert told(outcome, "data-not-carried") == [("warning", "t")]


def test_an_inclusive_flow_without_condition_is_always_taken_and_says_so(gate) -> None:
    lines = (
        "start s",
        "or g",
        "user a",
        "user b",
        "user c",
        "s -> g",
        "g -> a : x = 1",
        "g -> b",
        "default g -> c",
    )
    file = process("p", *lines)
    assert told(gate(file.content), "flow-always-taken") == [("warning", "flow_3")]
    assert InMemory(file, x=1).waiting() == ["a", "b"]
    assert InMemory(file, x=2).waiting() == ["b"]


@pytest.mark.parametrize(
    ("lines", "waiting"),
    [
        (("and g", "user a", "s -> g -> a"), ["a"]),
        (("xor g", "user a", "s -> g -> a"), ["a"]),
        (("or g", "user a", "s -> g -> a"), ["a"]),
        (("and f", "task x", "task y", "and g", "user a", "user b", "s -> f -> x -> g -> a", "f -> y -> g -> b"), ["a", "b"]),
        (("and f", "task x", "task y", "xor g", "user a", "s -> f -> x -> g -> a", "f -> y -> g"), ["a", "a"]),
        (("task t", "user a", "s -> t -> a", "t -> a"), ["a", "a"]),
        (("and f", "and g", "user a", "s -> f -> g -> a", "f -> g"), ["a"]),
        (("user a", "start t", "t -> a", "s -> a"), ["a"]),
    ],
)  # fmt: skip
def test_gateways_and_flows_of_every_shape_run(lines, waiting) -> None:
    assert InMemory(process("p", "start s", *lines)).waiting() == waiting


def test_a_task_that_leads_to_itself_under_a_condition_goes_round_until_it_fails() -> None:
    run = InMemory(
        process(
            "p",
            "start s",
            "user a",
            "user b",
            "s -> a",
            "a -> a : form.a.again",
            "a -> b : not(form.a.again)",
        )
    )
    run.complete("a", {"again": True})
    assert run.waiting() == ["a"]
    run.complete("a", {"again": False})
    assert run.waiting() == ["b"]
