"""No diagram of the content without a file of tests that takes all its sequence flows."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.bpmn.conftest import LAST
from tests.bpmn.drawing import drawings


def test_every_diagram_has_tests_that_take_all_its_sequence_flows() -> None:
    walked: set[str] = set()
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        keys = {
            argument.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Flows"
            for argument in node.args
            if isinstance(argument, ast.Constant)
        }
        named = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert not keys or named[-1] == LAST, f"{file.name} answers for {keys} and does not hold itself to it"
        walked |= {str(key) for key in keys}
    assert walked == {drawing.key for drawing in drawings()}
