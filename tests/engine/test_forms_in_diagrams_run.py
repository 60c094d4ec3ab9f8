"""A case runs on what was answered to fields the diagram holds in itself."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.catalog import latest_resource
from engine.clock import FrozenClock
from engine.testing import Harness
from tests.engine.diagrams import process

FIELDS = (
    '<bpmn:extensionElements><camunda:formData><camunda:formField id="approved" type="boolean"/>'
    '<camunda:formField id="note" type="string"/></camunda:formData></bpmn:extensionElements>'
)


DIAGRAM = process(
    "p",
    "start s",
    f"user a camunda:assignee=x | {FIELDS}",
    "xor g",
    "user yes camunda:assignee=x",
    "user no camunda:assignee=x",
    "s -> a -> g",
    "g -> yes : ${approved && note == null}",
    "default g -> no",
)


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    harness = Harness(sessions, clock)
    assert not harness.deploy(DIAGRAM).unchanged
    return harness


def test_answers_to_fields_in_the_diagram_are_variables_of_their_names(run: Harness) -> None:
    run.start("p")
    run.complete("a", {"approved": True, "note": None})
    assert run.waiting() == ["yes"]


def test_what_is_left_empty_takes_nothing_away(run: Harness) -> None:
    run.start("p", note="kept")
    run.complete("a", {"approved": True, "note": None})
    assert run.waiting() == ["no"]


def test_the_form_is_deployed_with_the_diagram_and_the_same_files_change_nothing(run: Harness) -> None:
    with run.sessions() as session:
        assert latest_resource(session, "form", "p.a") is not None
    assert run.deploy(DIAGRAM).unchanged
