"""What a decision gives arrives in the shape the author's engine gives it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.dialect import SourceFile
from engine.errors import DeploymentRefused
from engine.incidents import Incident
from engine.testing import Harness
from tests.engine.diagrams import process

SPIFF = 'xmlns:spiff="http://spiffworkflow.org/bpmn/schema/1.0/core"'


def table(policy: str, *outputs: str) -> SourceFile:
    """A table over n with two rules that match from 1 and from 2 on; each output gives the rule's number."""
    clauses = "".join(f'<output id="o_{name}" name="{name}" typeRef="number"/>' for name in outputs)
    rules = "".join(
        f'<rule id="r{row}"><inputEntry id="i{row}"><text>&gt;= {row}</text></inputEntry>'
        + "".join(f'<outputEntry id="e{row}_{name}"><text>{row}</text></outputEntry>' for name in outputs)
        + "</rule>"
        for row in (1, 2)
    )
    text = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">'
        f'<decision id="grade" name="grade"><decisionTable id="t" hitPolicy="{policy}"><input id="i">'
        f'<inputExpression id="ie" typeRef="number"><text>n</text></inputExpression></input>{clauses}{rules}'
        "</decisionTable></decision></definitions>"
    )
    return SourceFile("grade.dmn", text.encode())


def asking(condition: str, attributes: str = "", inner: str = "") -> SourceFile:
    return process(
        "p", "start s", f"rule t {attributes} | {inner}", "xor g", "user yes", "user no",
        "s -> t -> g", f"g -> yes : {condition}", "default g -> no",
    )  # fmt: skip


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock)


@pytest.mark.parametrize(
    ("shape", "drawn", "n", "expected"),
    [
        ("", ("FIRST", "level"), 2, "r = 1"),
        ("", ("FIRST", "level", "fee"), 2, "r.fee = 1"),
        ("", ("COLLECT", "level"), 2, "r = [1, 2]"),
        ("singleEntry", ("FIRST", "level"), 2, "r = 1"),
        ("singleEntry", ("FIRST", "level"), 0, "r = null"),
        ("singleResult", ("FIRST", "level"), 2, "r = {level: 1}"),
        ("singleResult", ("FIRST", "level", "fee"), 2, "r.fee = 1"),
        ("singleResult", ("FIRST", "level", "fee"), 0, "r = null"),
        ("collectEntries", ("COLLECT", "level"), 2, "r = [1, 2]"),
        ("collectEntries", ("RULE ORDER", "level"), 1, "r = [1]"),
        ("collectEntries", ("FIRST", "level"), 1, "r = [1]"),
        ("collectEntries", ("COLLECT", "level"), 0, "r = []"),
        ("resultList", ("COLLECT", "level"), 2, "r[2].level = 2"),
        ("resultList", ("FIRST", "level"), 2, "r = [{level: 1}]"),
        ("resultList", ("RULE ORDER", "level", "fee"), 2, "r[2].fee = 2"),
        ("resultList", ("FIRST", "level"), 0, "r = []"),
    ],
)
def test_a_result_has_the_shape_it_is_mapped_to(
    run: Harness, shape: str, drawn: tuple[str, ...], n: int, expected: str
) -> None:
    mapped = f" camunda:mapDecisionResult={shape}" if shape else ""
    run.deploy(asking(expected, f"camunda:decisionRef=grade camunda:resultVariable=r{mapped}"), table(*drawn))
    run.start("p", n=n)
    assert run.waiting() == ["yes"]


@pytest.mark.parametrize(
    ("drawn", "n", "condition"),
    [
        (("FIRST", "level"), 2, "level = 1"),
        (("FIRST", "level", "fee"), 2, "fee = 1 and level = 1"),
        (("COLLECT", "level"), 2, "level = [1, 2]"),
        (("FIRST", "level"), 0, "level = null"),
    ],
)
def test_spiffworkflow_makes_every_output_a_variable(
    run: Harness, drawn: tuple[str, ...], n: int, condition: str
) -> None:
    inner = (
        f"<bpmn:extensionElements {SPIFF}><spiff:calledDecisionId>grade</spiff:calledDecisionId>"
        "</bpmn:extensionElements>"
    )
    run.deploy(asking(condition, inner=inner), table(*drawn))
    run.start("p", n=n)
    assert run.waiting() == ["yes"]


@pytest.mark.parametrize(
    ("shape", "drawn", "advice"),
    [
        ("singleEntry", ("FIRST", "level", "fee"), "singleResult"),
        ("collectEntries", ("COLLECT", "level", "fee"), "resultList"),
        ("singleResult", ("COLLECT", "level"), "resultList"),
        ("singleEntry", ("COLLECT", "level"), "collectEntries"),
    ],
)
def test_a_result_that_does_not_fit_its_shape_rests_and_says_which_fits(
    run: Harness, shape: str, drawn: tuple[str, ...], advice: str
) -> None:
    attributes = f"camunda:decisionRef=grade camunda:resultVariable=r camunda:mapDecisionResult={shape}"
    run.deploy(asking("r != null", attributes), table(*drawn))
    run.start("p", n=2)
    [incident] = run.rows(Incident.__table__.select())
    assert (incident.activity_id, incident.kind) == ("t", "decision")
    assert f"map it as {advice}" in incident.message
    assert advice in incident.message_zh


def test_a_shape_nobody_knows_is_refused_with_what_was_meant(run: Harness) -> None:
    with pytest.raises(DeploymentRefused) as refused:
        run.deploy(
            asking("true", "camunda:decisionRef=grade camunda:mapDecisionResult=singelEntry"),
            table("FIRST", "level"),
        )
    found: Any = [f for f in refused.value.findings if f.code == "bad-decision-result"]
    assert [(f.element_id, "did you mean singleEntry" in f.message) for f in found] == [("t", True)]
