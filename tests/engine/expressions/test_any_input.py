"""Whatever is typed: a value, or a refusal with a sentence. Never a crash."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.expressions.dmn import read_decisions
from engine.expressions.feel import (
    EvaluationLimit,
    ExpressionError,
    Limits,
    Scope,
    compile_expression,
    compile_unary_tests,
    to_plain,
)
from engine.expressions.feel.builtins import BUILTINS
from engine.expressions.feel.juel import translate

PIECES = [
    "1", "0", "-1", "2.5", "1e30", '"a"', '"2026-01-31"', '""', "true", "false", "null", "case", "case.list", "x", "item", "?",
    '@"2026-01-31"', '@"10:00:00"', '@"2026-01-31T10:00:00@Asia/Shanghai"', '@"P1D"', '@"P1Y"', "[1..5]", "(< 3)", "[]", "{}",
    "[1, null, \"a\"]", "{a: 1}", "function(a) a", "abs", "sum",
]  # fmt: skip
FORMS = [
    "{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} / {1}", "{0} ** {1}", "-{0}", "{0} = {1}", "{0} < {1}", "{0} != {1}",
    "{0} in {1}", "{0} between {1} and {2}", "{0} and {1}", "{0} or {1}", "if {0} then {1} else {2}", "{0}[{1}]", "{0}.a",
    "[{0}, {1}]", "{{a: {0}, b: {1}}}", "for i in {0} return {1}", "for i in {0}..{1} return i", "some i in {0} satisfies {1}",
    "every i in {0} satisfies {1}", "{0}({1})", "({0})({1})", "{0} instance of number", "[{0}..{1}]", "{0}[item = {1}]",
    "(function(a, b) {0})({1}, {2})", "string({0})", "{0} in ({1}, < {2})",
]  # fmt: skip
FORMS += [f"{name}({{0}})" for name in BUILTINS] + [f"{name}({{0}}, {{1}})" for name in BUILTINS]
FORMS += [f"{name}({{0}}, {{1}}, {{2}})" for name in BUILTINS]
EXPRESSIONS = st.recursive(
    st.sampled_from(PIECES),
    lambda inner: st.builds(
        lambda form, a, b, c: form.format(a, b, c), st.sampled_from(FORMS), inner, inner, inner
    ),
    max_leaves=8,
)
TEXTS = st.text(max_size=60) | st.lists(
    st.sampled_from([*"()[]{}<>=!+-*/.,:\"'@?&|%$ ", "if", "then", "for", "in", "return", "some", "satisfies", "a", "b", "1",
                     "not", "and", "or", "between", "instance of", "list<", "function", "..", "**", "date and time", "中"]),
    max_size=30,
).map(" ".join)  # fmt: skip
DATA: dict[str, Any] = {"case": {"list": [1, 2, {"a": 3}], "a": "b"}, "x": 5}
SCOPE = Scope(DATA, lambda: datetime(2026, 1, 1, tzinfo=UTC), limits=Limits(steps=2_000, list_size=2_000))


@given(EXPRESSIONS)
@settings(max_examples=600)
def test_every_expression_that_compiles_has_a_value(text: str) -> None:
    try:
        compiled = compile_expression(text)
    except ExpressionError:
        return
    with suppress(EvaluationLimit):
        found = compiled.evaluate(SCOPE)
        to_plain(found.value)
        assert compiled.evaluate(SCOPE).warnings == found.warnings
        assert all(warning.message.endswith(".") for warning in found.warnings)


@given(TEXTS)
@example(".¹")  # a digit to Python, and none to FEEL
@settings(max_examples=600)
def test_every_text_is_an_expression_or_a_sentence(text: str) -> None:
    for read in (compile_expression, compile_unary_tests, translate):
        try:
            read(text)
        except ExpressionError as refused:
            sentence, place = refused.message, refused.position
            if not sentence or not 0 <= place <= len(text):
                raise


@given(EXPRESSIONS, st.sampled_from([None, 1, "a", True, [1, 2], {"a": 1}]))
@settings(max_examples=200)
def test_every_cell_says_yes_no_or_null(text: str, value: Any) -> None:
    try:
        compiled = compile_unary_tests(text)
    except ExpressionError:
        return
    with suppress(EvaluationLimit):
        assert compiled.evaluate(SCOPE, value).value in (True, False, None)


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_any_bytes_are_a_decision_file_or_a_finding(content: bytes) -> None:
    assert read_decisions(content, "x.dmn").findings


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(max_size=10)
    | st.floats(-1e15, 1e15),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(PLAIN)
@settings(max_examples=200)
def test_plain_data_comes_back_as_it_went_in(data: Any) -> None:
    found = compile_expression("x").evaluate(Scope({"x": data}))
    assert found.warnings == ()
    assert to_plain(found.value) == data


@pytest.mark.parametrize("data", [float("nan"), float("inf"), object(), b"bytes", {"a": {1j}}])
def test_what_is_no_plain_data_is_null_with_a_warning(data: Any) -> None:
    found = compile_expression("x").evaluate(Scope({"x": data}))
    assert found.value is None
    assert found.warnings[0].code == "type-mismatch"


def test_an_astronomical_integer_is_null_with_a_warning() -> None:
    found = compile_expression("x").evaluate(Scope({"x": 10**40_000}))
    assert found.value is None
    assert found.warnings[0].code == "type-mismatch"
