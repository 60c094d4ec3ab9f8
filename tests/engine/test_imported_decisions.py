"""Decision files that import others are deployed, bound and versioned together with them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.deployment import ProcessDefinition
from engine.dialect import SourceFile
from engine.errors import DeploymentRefused
from engine.testing import Harness
from tests.engine.diagrams import process


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock)


def library(hours: int) -> SourceFile:
    text = f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="limits" namespace="urn:limits">
      <businessKnowledgeModel id="twice" name="twice"><encapsulatedLogic>
        <formalParameter name="n"/><literalExpression><text>n * {hours}</text></literalExpression>
      </encapsulatedLogic></businessKnowledgeModel></definitions>"""
    return SourceFile("limits.dmn", text.encode())


ASKING = SourceFile(
    "hours.dmn",
    b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="hours" namespace="urn:hours">
      <import name="limits" namespace="urn:limits" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>
      <decision id="hours" name="hours">
        <knowledgeRequirement><requiredKnowledge href="urn:limits#twice"/></knowledgeRequirement>
        <literalExpression><text>limits.twice(24)</text></literalExpression></decision></definitions>""",
)
ASKED = process(
    "asked",
    "start s",
    "rule t camunda:decisionRef=hours camunda:resultVariable=decision.hours",
    "xor g",
    "user of_48_hours",
    "user of_72_hours",
    "end e",
    "s -> t -> g",
    "g -> of_72_hours : decision.hours = 72",
    "default g -> of_48_hours",
    "of_72_hours -> e",
    "of_48_hours -> e",
)


def test_a_decision_file_is_read_with_what_it_imports(run: Harness) -> None:
    run.deploy(ASKED, ASKING, library(2))
    run.start("asked")
    assert run.waiting() == ["of_48_hours"]


def test_a_changed_import_makes_a_new_version_of_the_process_that_asks(run: Harness) -> None:
    run.deploy(ASKED, ASKING, library(2))
    assert run.deploy(ASKED, ASKING, library(2)).unchanged
    run.deploy(ASKED, ASKING, library(3))
    assert run.scalar(sa.select(sa.func.max(ProcessDefinition.version))) == 2
    run.start("asked")
    assert run.waiting() == ["of_72_hours"]


def test_an_import_that_did_not_come_along_is_refused(run: Harness) -> None:
    with pytest.raises(DeploymentRefused) as refused:
        run.deploy(ASKED, ASKING)
    assert "missing-import" in [finding.code for finding in refused.value.findings]
