"""Candidate groups that are none here, and operations that are not given what they need."""

from __future__ import annotations

import pytest

from engine.dialect import compile_files
from engine.dialect.findings import Finding
from engine.dialect.host import Host, Inputs, Vocabulary
from tests.engine.diagrams import process

HOST = Host(
    groups=Vocabulary(
        "candidate group",
        "候选组",
        frozenset({"provincial_centre", "省投诉处理中心", "revisit", "Revisit desk"}),
    ),
    inputs={"op": Inputs(frozenset({"text", "unit"}), frozenset({"text"}))},
)


def told(*lines: str, host: Host = HOST) -> list[Finding]:
    found = compile_files([process("p", "start s", *lines)], operations={"op"}, host=host)
    return [one for one in found.findings if one.code in ("unknown-group", "parameter-missing")]


@pytest.mark.parametrize(
    "groups",
    ["revisit", "Revisit Desk", "省投诉处理中心", "revisit, provincial_centre", "revisit@/hq/henan/", "person@li_na",
     "=decision.desk", "${desk}"],
)  # fmt: skip
def test_a_group_by_any_of_its_names_is_one(groups: str) -> None:
    assert told(f'user u camunda:candidateGroups="{groups}"', "s -> u") == []


def test_a_group_that_is_none_is_told_with_the_one_that_may_be_meant() -> None:
    (found,) = told('user u camunda:candidateGroups="revisit,provincal_centre"', "s -> u")
    assert (found.severity, found.code, found.element_id) == ("warning", "unknown-group", "u")
    assert 'Did you mean "provincial_centre"?' in found.message
    assert "你是不是想写" in found.message_zh or "是否想写" in found.message_zh


def test_without_an_organisation_nothing_is_known_of_groups() -> None:
    assert told("user u camunda:candidateGroups=anybody", "s -> u", host=Host()) == []


def mapped(*names: str) -> str:
    parameters = "".join(
        f"<camunda:inputParameter name='{name}'>x</camunda:inputParameter>" for name in names
    )
    mapping = f"<bpmn:extensionElements><camunda:inputOutput>{parameters}</camunda:inputOutput></bpmn:extensionElements>"
    return f"service t camunda:type=external camunda:topic=op | {mapping if names else ''}"


def test_what_an_operation_needs_is_asked_for() -> None:
    assert told(mapped("text"), "s -> t") == []
    assert told(mapped("text", "more"), "s -> t") == []  # a letter passes on what it is given
    (found,) = told(mapped("unit"), "s -> t")
    assert (found.severity, found.code, found.element_id) == ("warning", "parameter-missing", "t")
    (near,) = told(mapped("txt"), "s -> t")
    assert 'rename "txt"' in near.message and "“txt”" in near.message_zh
