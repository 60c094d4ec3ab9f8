"""Names that are misspelt and branches that get in each other's way are found before anybody runs into them."""

from __future__ import annotations

import json

import pytest

from tests.engine.diagrams import process

FORM = json.dumps(
    {
        "type": "default",
        "id": "review",
        "components": [
            {"type": "textfield", "key": "answer"},
            {"type": "group", "path": "customer", "components": [{"type": "textfield", "key": "name"}]},
        ],
    }
).encode()


def remarks(gate, *lines, **files):
    outcome = gate(process("p", "start s", *lines).content, review__form=FORM, **files)
    assert not outcome.errors
    return [(f.code, f.severity, f.element_id) for f in outcome.findings if f.code != "implicit-end"]


REVIEW = "user review camunda:formKey=review camunda:candidateGroups=centre"


@pytest.mark.parametrize(
    "condition",
    [
        "form.review.answer = null",
        'form.review.customer.name = "x"',
        "form.review.customer = null",
        "case.anything.at.all = 1",
        "loop.round > 2",
        'decision.level = "national"',
        "clock.due = null",
        'due("R01.audit") = null',
    ],
)
def test_what_is_written_somewhere_may_be_read_anywhere(gate, condition):
    found = remarks(
        gate, REVIEW, "script sc scriptFormat=feel | <bpmn:script>decision.level = 1</bpmn:script>", "xor g",
        "task a", "task b", "s -> review -> sc -> g", f"g -> a : {condition}", "default g -> b",
    )  # fmt: skip
    assert found == []


@pytest.mark.parametrize(
    ("condition", "severity", "meant"),
    [
        ('form.reveiw.answer = "x"', "warning", "form.review"),
        ('form.review.anwser = "x"', "warning", "form.review.answer"),
        ('form.review.zzz = "x"', "warning", "ask for it in the form"),
        ('decision.levl = "x"', "warning", "decision.level"),
        ('anwser = "x"', "warning", "answer"),
        ("amount > 100", "note", "whoever starts"),
        ("form.somewhere_else.x = 1", "note", "whoever starts"),
    ],
)
def test_a_name_nothing_writes_is_reported_where_it_is_read(gate, condition, severity, meant):
    lines = (
        REVIEW, "script sc scriptFormat=feel | <bpmn:script>decision.level = 1</bpmn:script>", "xor g",
        "task a", "task b", "s -> review -> sc -> g", f"g -> a : {condition}", "default g -> b",
    )  # fmt: skip
    outcome = gate(process("p", "start s", *lines).content, review__form=FORM)
    [finding] = [f for f in outcome.findings if f.code == "unknown-variable"]
    assert finding.severity == severity
    assert meant in finding.message


def test_what_an_operation_returns_may_be_mapped(gate):
    mapping = (
        "<bpmn:extensionElements><camunda:inputOutput><camunda:outputParameter name='receipt'>=number"
        "</camunda:outputParameter></camunda:inputOutput></bpmn:extensionElements>"
    )
    assert remarks(gate, f"service t camunda:topic=send_notice | {mapping}", "s -> t") == []


def script(name: str, path: str) -> str:
    return f"script {name} scriptFormat=feel | <bpmn:script>{path} = 1</bpmn:script>"


def test_two_branches_that_write_the_same_are_a_warning(gate):
    found = remarks(
        gate, "and fork", "and join", script("a", "loop.x"), script("b", "loop.x"), script("c", "loop.x"),
        "s -> fork -> a -> join -> c", "fork -> b -> join",
    )  # fmt: skip
    assert found == [("written-side-by-side", "warning", "a")]


@pytest.mark.parametrize(
    ("one", "other", "flagged"),
    [
        ("-> a : case.x > 5", "-> b : case.x <= 5", False),
        ("-> a : case.x in [1..5]", "-> b : case.x > 5", False),
        ("-> a : case.x > 5", "-> b", False),
        ("-> a : case.x > 5", "-> b : case.x > 3", True),
        ("-> a : case.x in [1..5]", "-> b : case.x >= 5", True),
    ],
)
def test_ways_of_an_inclusive_gateway_that_exclude_each_other_do_not_run_side_by_side(
    gate, one, other, flagged
):
    default = "default " if ":" not in other else ""
    found = remarks(
        gate, "or fork", "xor join", script("a", "loop.x"), script("b", "loop.x"),
        "s -> fork", f"fork {one}", f"{default}fork {other}", "a -> join", "b -> join",
    )  # fmt: skip
    assert (("written-side-by-side", "warning", "a") in found) == flagged


def test_what_happens_on_a_boundary_may_run_beside_its_activity(gate):
    found = remarks(
        gate, "user u camunda:candidateGroups=g", script("a", "loop.x"), script("b", "loop.x"),
        "boundary late attachedToRef=u cancelActivity=false timeDuration=PT1H", "s -> u -> a", "late -> b",
    )  # fmt: skip
    assert ("written-side-by-side", "warning", "a") in found


@pytest.mark.parametrize(("split", "flagged"), [("and", False), ("or", True), ("xor", True)])
def test_a_join_that_would_wait_for_ever_is_a_warning(gate, split, flagged):
    conditions = (" : case.x = 1", " : case.x = 2") if split != "and" else ("", "")
    found = remarks(
        gate, f"{split} fork", "and join", "task a", "task b",
        "s -> fork", f"fork -> a{conditions[0]}", f"fork -> b{conditions[1]}", "a -> join", "b -> join",
    )  # fmt: skip
    assert found == ([("join-waits-for-ever", "warning", "join")] if flagged else [])


def test_an_exclusive_choice_inside_one_branch_is_no_trap(gate):
    found = remarks(
        gate, "and fork", "and join", "xor g", "xor h", "task a", "task b", "task c",
        "s -> fork -> g", "g -> a : case.x = 1", "default g -> b", "a -> h -> join", "b -> h", "fork -> "
        "c -> join",
    )  # fmt: skip
    assert found == []


def test_a_choice_that_skips_an_activity_before_a_join_is_the_same_trap(gate):
    found = remarks(
        gate, "xor g", "and join", "task a", "default g -> a", "s -> g", "a -> join", "g -> join : case.x = 1"
    )
    assert found == [("join-waits-for-ever", "warning", "join")]


@pytest.mark.parametrize(("line", "named"), [("call c calledElement=other", True), ("task c", False)])
def test_what_a_called_process_of_another_deployment_may_write_is_said(gate, line, named):
    lines = ("start s", line, "xor g", "task a", "task b", "s -> c -> g")
    outcome = gate(process("p", *lines, "g -> a : form.elsewhere.outcome = null", "default g -> b").content)
    [found] = [one for one in outcome.findings if one.code == "unknown-variable"]
    assert found.severity == "note"
    assert ("被调用的流程" in found.message_zh) is named
    assert ("a process that is called" in found.message) is named
