"""Diagrams, decisions and forms of one deployment are checked against each other."""

from __future__ import annotations

import pytest

from engine.dialect import compile_files
from tests.engine.diagrams import process

DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="{id}" name="{id}"><decisionTable hitPolicy="UNIQUE">
<input id="i"><inputExpression><text>{read}</text></inputExpression></input><output id="o" name="level"/>
<rule id="r1"><inputEntry><text>&gt; 10</text></inputEntry><outputEntry><text>"national"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def table(key: str, read: str = "case.affected_count") -> bytes:
    return DMN.format(id=key, read=read).encode()


RULE = '<businessRuleTask id="level" camunda:decisionRef="complaint_level"/>'


def test_a_decision_of_the_same_deployment_is_found(gate):
    outcome = gate(gate.chain(RULE), level__dmn=table("complaint_level"))
    assert not outcome.errors
    assert outcome.decisions == {"complaint_level": "level.dmn"}


def test_a_misspelt_decision_is_answered_with_the_right_one(gate):
    outcome = gate(gate.chain(RULE), level__dmn=table("complaint_levels"))
    [finding] = [f for f in outcome.findings if f.severity == "binding"]
    assert (finding.code, finding.element_id) == ("needs-decision", "level")
    assert "did you mean complaint_levels?" in finding.message


def test_a_table_that_does_not_compile_is_refused_with_its_file(gate):
    outcome = gate(gate.chain(RULE), level__dmn=table("complaint_level", "case.x =="))
    assert {finding.file for finding in outcome.errors} == {"level.dmn"}


def test_one_decision_in_two_files_is_refused(gate, codes_of):
    assert codes_of(gate(a__dmn=table("same"), b__dmn=table("same"))) == ["duplicate-decision"]


@pytest.mark.parametrize("others", [["q"], ["q", "r"]])
def test_processes_that_call_each_other_at_once_and_for_ever_are_refused(gate, others):
    keys = ["p", *others]
    files = [
        gate.chain(f'<callActivity id="c{n}" calledElement="{keys[(n + 1) % len(keys)]}"/>', key=key)
        for n, key in enumerate(keys)
    ]
    assert {f.code for f in gate(*files).errors} == {"endless-call"}


def test_a_process_that_calls_itself_at_once_is_refused(gate, codes_of):
    assert codes_of(gate(gate.chain('<callActivity id="c" calledElement="p"/>'))) == ["endless-call"]


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ([process("p", "start s signal=go", "throw t signal=go", "end e", "s -> t -> e")], {"t"}),
        ([process("p", "start s signal=go", "end e signal=go", "s -> e")], {"e"}),
        (
            [
                process("p", "start s signal=ping", "end e signal=pong", "s -> e"),
                process("q", "start s2 signal=pong", "call c calledElement=r", "end e2", "s2 -> c -> e2"),
                process("r", "start s3", "throw t3 signal=ping", "end e3", "s3 -> t3 -> e3"),
            ],
            {"e", "c", "t3"},
        ),
    ],
)
def test_processes_that_start_each_other_by_signals_for_ever_are_refused(files, named):
    errors = compile_files(files, operations=()).errors
    assert {(f.code, f.element_id) for f in errors} == {("endless-call", element) for element in named}


def test_a_signal_may_start_its_thrower_again_after_somebody_has_acted():
    diagram = process("p", "start s signal=go", "user u", "throw t signal=go", "end e", "s -> u -> t -> e")
    assert not compile_files([diagram], operations=()).errors


def test_a_process_may_call_itself_after_somebody_has_acted(gate):
    wait = '<userTask id="u" camunda:candidateGroups="g"/>'
    assert not gate(gate.chain(wait, '<callActivity id="c" calledElement="p"/>')).errors
