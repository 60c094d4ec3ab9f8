"""Element templates for the free Camunda Modeler: what the vocabulary offers, in the format its schema has."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import NotPermitted
from tasks.processes.vocabulary.properties import PROPERTIES
from tasks.processes.vocabulary.templates import templates
from tests.tasks.office import TestOffice

TYPES = {
    "property": {"String", "Text", "Hidden", "Dropdown", "Boolean"},
    "camunda:property": {"String", "Hidden", "Dropdown"},
    "camunda:inputParameter": {"String", "Text", "Hidden", "Dropdown"},
}
"""Binding → what the schema for Camunda 7 allows."""


@pytest.fixture
def made(office: TestOffice) -> list[dict[str, Any]]:
    with office.acting("lu_jian") as (session, caller):
        return templates(session, office.deps, caller)


def test_they_have_the_form_the_modeler_reads(made: list[dict[str, Any]]) -> None:
    assert len({one["id"] for one in made}) == len(made)
    for one in made:
        assert one["name"] and all(kind.startswith("bpmn:") for kind in one["appliesTo"])
        bound = [(each["binding"]["type"], each["binding"]["name"]) for each in one["properties"]]
        assert len(set(bound)) == len(bound)
        for each in one["properties"]:
            assert each["type"] in TYPES[each["binding"]["type"]], each
            assert (each["type"] == "Dropdown") == ("choices" in each)
            values = [choice["value"] for choice in each.get("choices", ())]
            assert len(set(values)) == len(values)


def test_they_offer_what_there_is_here(made: list[dict[str, Any]], office: TestOffice) -> None:
    by_id = {one["id"]: {each["binding"]["name"]: each for each in one["properties"]} for one in made}
    task = by_id["redress.userTask"]
    assert "channel" in {one["value"] for one in task["camunda:candidateGroups"]["choices"]}
    assert "check_request" in {one["value"] for one in task["camunda:formRef"]["choices"]}
    assert "T.check" in {one["value"] for one in task["sla.policy"]["choices"]}
    people = {name for name, one in PROPERTIES.items() if "userTask" in one.kinds and name != "operation"}
    assert people <= task.keys()
    assert {one["id"] for one in made} >= {
        f"redress.operation.{name}" for name in office.deps.engine.operations
    }


def test_only_process_owners_get_them(office: TestOffice) -> None:
    with office.acting("li_na") as (session, caller), pytest.raises(NotPermitted):
        templates(session, office.deps, caller)
