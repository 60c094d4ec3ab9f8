"""Properties for whose sake time is kept: what is wrong with them is said at the gate."""

from __future__ import annotations

import pytest

from engine.dialect import compile_files
from tests.engine.diagrams import process
from tests.engine.passages import with_properties

LINES = ("start s", "user a", "xor g", "end e", "s -> a -> g -> e")


def test_a_property_over_answers_may_read_any_answer_and_begin_with_an_equals_sign() -> None:
    for written in ('decision = "refuse"', '= decision = "refuse"'):
        compiled = compile_files(
            [with_properties(process("p", *LINES), a={"ball.refused": written})], operations=()
        )
        assert [f.code for f in compiled.findings if f.severity == "error" or "decision" in f.message] == []
        (model,) = compiled.models
        (task,) = [node for node in model.body.nodes if node.id == "a"]
        assert task.properties["ball.refused"] == 'decision = "refuse"'


@pytest.mark.parametrize("written", ["decision = ", "${decision == 'x'}", 'due("R01.all") > 1'])
def test_a_property_over_answers_that_does_not_compile_is_refused(written: str) -> None:
    compiled = compile_files(
        [with_properties(process("p", *LINES), a={"ball.refused": written})],
        operations=(), functions=("due",),
    )  # fmt: skip
    (finding,) = compiled.errors
    assert (finding.code, finding.element_id, finding.file) == ("bad-expression", "a", "p.bpmn")
    assert "ball.refused" in finding.message and finding.position > 0


def test_a_gateway_keeps_no_time_and_is_told_so() -> None:
    compiled = compile_files(
        [with_properties(process("p", *LINES), g={"sla.stop": "R01.all", "note": "x"})], operations=()
    )
    (warning,) = [f for f in compiled.findings if f.code == "property-without-effect"]
    assert (warning.severity, warning.element_id) == ("warning", "g") and "sla.stop" in warning.message
