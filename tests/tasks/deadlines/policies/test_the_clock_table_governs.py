"""The decision table `clock` and the register: what the table says of a case counts for the department's limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.dialect import SourceFile
from redress.content import register_rows
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.policies.loading import load_policies
from tests.tasks.drawings import drawn
from tests.tasks.office import TestOffice

BPMN = Path(__file__).parents[4] / "bpmn"
TABLE = (BPMN / "decisions" / "clock.dmn").read_text(encoding="utf-8")

STAGE = (
    '<bpmn:startEvent id="s"/>'
    '<bpmn:scriptTask id="judge" scriptFormat="feel"><bpmn:script>decision.level = "provincial"</bpmn:script></bpmn:scriptTask>'
    '<bpmn:businessRuleTask id="limits" camunda:resultVariable="decision.clock" camunda:decisionRef="clock"'
    ' camunda:mapDecisionResult="singleResult"/>'
    '<bpmn:userTask id="work" camunda:candidateGroups="channel"><bpmn:extensionElements><camunda:properties>'
    '<camunda:property name="sla.policy" value="R01.stage"/>'
    '<camunda:property name="sla.limit" value="=decision.clock.stage_hours"/>'
    "</camunda:properties></bpmn:extensionElements></bpmn:userTask>"
    '<bpmn:endEvent id="e"/>'
    '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="judge"/>'
    '<bpmn:sequenceFlow id="f2" sourceRef="judge" targetRef="limits"/>'
    '<bpmn:sequenceFlow id="f3" sourceRef="limits" targetRef="work"/>'
    '<bpmn:sequenceFlow id="f4" sourceRef="work" targetRef="e"/>'
)


@pytest.fixture
def registered(office: TestOffice) -> TestOffice:
    """The office with the register of the domain."""
    with office.deps.sessions.begin() as session:
        load_policies(session, register_rows(BPMN), now=office.clock.now())
    return office


def table(*replaced: tuple[str, str]) -> SourceFile:
    text = TABLE
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    return SourceFile("clock.dmn", text.encode())


def stage_clocks(office: TestOffice) -> Sequence[Any]:
    with office.deps.sessions() as session:
        statement = sa.select(Clock).where(Clock.code == "R01.stage").order_by(Clock.started_at, Clock.id)
        return session.scalars(statement).all()


def test_an_owner_who_deploys_another_table_sees_its_hours_count_for_the_next_task(
    registered: TestOffice,
) -> None:
    registered.deploy(drawn("stage", STAGE), table())
    filed = registered.file()
    registered.start("stage", filed.number)
    registered.deploy(drawn("stage", STAGE), table(("<text>41</text>", "<text>30</text>")))
    registered.start("stage", filed.number)
    first, second = stage_clocks(registered)
    assert (first.amount, second.amount) == (Decimal(41), Decimal(30))
    assert second.due_at - second.started_at == timedelta(hours=30)
    assert (first.unit, first.pausable) == (second.unit, second.pausable) == ("h", ["customer", "mass_event"])


def test_where_the_table_says_nothing_the_row_of_the_register_counts(registered: TestOffice) -> None:
    registered.deploy(drawn("stage", STAGE), table(("<text>41</text>", "<text>null</text>")))
    registered.start("stage", registered.file().number)
    (clock,) = stage_clocks(registered)
    assert (clock.amount, clock.target) == (Decimal(41), Decimal(17))
