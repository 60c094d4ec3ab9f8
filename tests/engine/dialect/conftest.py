"""Small diagrams written as XML, and what the compiler says about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise

import pytest

from engine.dialect import Compilation, SourceFile, compile_files
from engine.dialect.model import Node, ProcessModel

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:acme="http://acme.example/ext" '
    'xmlns:tns="http://redress.example/tests" targetNamespace="http://redress.example/tests">\n'
)
OPERATIONS = ("send_notice", "archive_case")
FUNCTIONS = ("due", "warn")


def diagram(body: str, *, roots: str = "", key: str = "p", name: str = "", flags: str = "") -> bytes:
    """A file with one executable process around `body`; `roots` are messages, errors and the like."""
    return (
        f'{HEAD}{roots}<process id="{key}" name="{name}" isExecutable="true" {flags}>\n{body}\n'
        "</process></definitions>"
    ).encode()


def chain(*elements: str, roots: str = "", key: str = "p") -> bytes:
    """A process start → the given elements, one after the other → end. Each element has an id of its own."""
    found = [re.search(r'\bid="([^"]+)"', element) for element in elements]
    ids = ["start", *(match[1] for match in found if match), "end"]
    flows = [
        f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'
        for number, (source, target) in enumerate(pairwise(ids))
    ]
    return diagram(
        "\n".join(['<startEvent id="start"/>', *elements, '<endEvent id="end"/>', *flows]),
        roots=roots,
        key=key,
    )


class Gate:
    """Compiles files under the operations of these tests and answers questions about the outcome."""

    diagram = staticmethod(diagram)
    chain = staticmethod(chain)

    def __call__(self, *contents: bytes, **more: bytes) -> Compilation:
        files = [SourceFile(f"file{n}.bpmn" if n else "file.bpmn", c) for n, c in enumerate(contents)]
        files += [SourceFile(name.replace("__", "."), content) for name, content in more.items()]
        return compile_files(files, operations=OPERATIONS, functions=FUNCTIONS)

    def model(self, *contents: bytes, **more: bytes) -> ProcessModel:
        """The first model of files that must have no errors."""
        outcome = self(*contents, **more)
        assert not outcome.errors, [e.message for e in outcome.errors]
        return outcome.models[0]

    def node(self, element: str, **more: bytes) -> Node:
        """The compiled node of one element standing alone between start and end."""
        return self.model(chain(element), **more).body.nodes[1]


def codes(outcome: Compilation, severity: str = "error") -> list[str]:
    """The codes of the findings of one severity, in reading order."""
    return [finding.code for finding in outcome.findings if finding.severity == severity]


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def codes_of() -> Callable[..., list[str]]:
    return codes


@pytest.fixture
def by_id() -> Callable[[Iterable[Node]], dict[str, Node]]:
    return lambda nodes: {node.id: node for node in nodes}
