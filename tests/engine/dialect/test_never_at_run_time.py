"""What could only fail in a running case is refused when the files are deployed."""

from __future__ import annotations

import pytest

from engine.dialect import compile_files
from tests.engine.diagrams import process


@pytest.mark.parametrize(
    ("node", "code"),
    [
        ("catch t timeCycle=R/PT0S", "bad-timer"),
        ("catch t timeCycle=R0/PT1H", "bad-timer"),
        ("catch t timeCycle=R2/PT1H/2026-12-31", "bad-timer"),
        ("catch t timeDate=9999-12-31T23:59:59Z", "bad-timer"),
        ("catch t timeDuration=P99999999Y", "bad-timer"),
        ("user t camunda:priority=-5", "bad-priority"),
    ],
)  # fmt: skip
def test_a_value_that_could_never_work_is_a_finding(node: str, code: str) -> None:
    found = compile_files([process("p", "start s", node, "end e", "s -> t -> e")], operations=("op",))
    assert [finding.code for finding in found.errors] == [code]


def test_sub_processes_nested_without_measure_are_a_finding() -> None:
    lines = [text for n in range(60) for text in (f"sub q{n} {{", f"start s{n}")]
    found = compile_files([process("p", "start s", *lines, *["}"] * 60)], operations=())
    assert [finding.code for finding in found.errors] == ["too-deep"]


def test_what_a_send_task_maps_in_is_what_its_message_carries() -> None:
    mapping = '<camunda:inputParameter name="x">${form.a.x}</camunda:inputParameter>'
    send = f"send t message=m | <bpmn:extensionElements><camunda:inputOutput>{mapping}</camunda:inputOutput></bpmn:extensionElements>"
    found = compile_files([process("p", "start s", send, "end e", "s -> t -> e")], operations=())
    (node,) = [node for node in found.models[0].body.nodes if node.id == "t"]
    assert node.event is not None and [item.target for item in node.event.payload] == ["x"]
