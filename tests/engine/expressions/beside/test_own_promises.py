"""What our engine promises of every expression, tried on the same generated cases: it never breaks, and it is pure."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.expressions.feel import (
    EvaluationLimit,
    ExpressionError,
    Scope,
    compile_expression,
    compile_unary_tests,
    to_plain,
)
from tests.engine.expressions.beside.generate import Case, cases
from tests.engine.expressions.beside.values import Outcome, of_ours

ONCE = settings(max_examples=250, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
Prepared = tuple[Any, dict[str, Any], Any]


def prepared(case: Case) -> Prepared | None:
    """What is compiled, the variables as FEEL values, and the input; None when the text is refused."""
    data = {name: compile_expression(code).evaluate(Scope()).value for name, code in case.variables.items()}
    text = case.node.text()
    try:
        if case.given is None:
            return compile_expression(text, names=data), data, None
        given_value = compile_expression(case.given).evaluate(Scope()).value
        return compile_unary_tests(text, names=data), data, (given_value,)
    except ExpressionError as refused:
        if isinstance(refused, EvaluationLimit) or not refused.message:
            raise
        return None


def outcome(compiled: Any, data: Mapping[str, Any], given_value: Any) -> tuple[Outcome, Any]:
    """The value and the warnings; a limit is an outcome too."""
    try:
        found = compiled.evaluate(Scope(data), *(given_value or ()))
    except EvaluationLimit as limit:
        return Outcome(failed="thrown", why=limit.message), ()
    to_plain(found.value)
    return Outcome(of_ours(found.value)), found.warnings


@ONCE
@given(cases(depth=5))
def test_an_expression_has_a_value_or_a_sentence_and_changes_nothing(case: Case) -> None:
    ready = prepared(case)
    if ready is None:
        return
    compiled, data, given_value = ready
    before = deepcopy(of_ours(data)), deepcopy(of_ours(list(given_value or ())))
    first = outcome(compiled, data, given_value)
    assert outcome(compiled, data, given_value) == first
    assert (of_ours(data), of_ours(list(given_value or ()))) == before


@settings(ONCE, max_examples=25)
@given(st.lists(cases(), min_size=4, max_size=8))
def test_threads_that_share_what_is_compiled_get_what_one_thread_gets(batch: list[Case]) -> None:
    ready = [one for one in map(prepared, batch) if one is not None]
    alone = [outcome(*one) for one in ready]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda one: outcome(*one), ready * 8))
    assert together == alone * 8
