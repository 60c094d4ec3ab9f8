"""Whoever may deploy may try anything: an expression that wants too much is refused soon, and while it is small."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from engine.expressions.feel import (
    DEFAULT,
    EvaluationLimit,
    ExpressionError,
    Limits,
    Scope,
    compile_condition,
    compile_expression,
    compile_unary_tests,
    to_plain,
)
from tests.engine.expressions.attacks import ENDLESS, LARGE, TEXTS

SOON = 0.3
"""Seconds of processor time. The goal is 0.1 on a quiet machine (`benchmarks/hostile.py`); this one may be slow."""


def took(work: Callable[[], Any]) -> float:
    """The processor time of this thread: a test that waits for its turn is not slow.

    Without the collector, which would look through what all the tests before this one have left in memory.
    """
    gc.disable()
    try:
        started = time.thread_time()
        with suppress(ExpressionError):
            work()
        return time.thread_time() - started
    finally:
        gc.enable()


@pytest.mark.parametrize("name", [*ENDLESS, *LARGE])
def test_an_attack_ends_soon(name: str) -> None:
    text = {**ENDLESS, **LARGE}[name]

    def attack() -> None:
        to_plain(compile_expression(text).evaluate(Scope()).value)

    assert took(attack) < SOON


@pytest.mark.parametrize("name", ENDLESS)
def test_an_endless_expression_is_refused_for_its_steps_whatever_the_machine(name: str) -> None:
    compiled = compile_expression(ENDLESS[name])
    with pytest.raises(EvaluationLimit, match=r"steps of work|levels deep|list of"):
        compiled.evaluate(Scope(limits=Limits(seconds=60)))


@pytest.mark.parametrize(
    "name",
    [
        "long texts kept",
        "tails of a text",
        "functions kept",
        "contexts kept",
        "numbers of many digits",
    ],
)
def test_a_large_expression_stays_small_by_what_is_counted(name: str) -> None:
    """Without the clock: the sizes that are counted bound the memory by themselves."""
    compiled = compile_expression(LARGE[name])
    tracemalloc.start()
    try:
        with suppress(EvaluationLimit):
            to_plain(compiled.evaluate(Scope(limits=Limits(seconds=60))).value)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50_000_000


def test_a_condition_and_a_cell_are_bounded_like_an_expression() -> None:
    bomb = "some i in 1..1000000000 satisfies i = -1"
    with pytest.raises(EvaluationLimit):
        compile_condition(bomb).evaluate(Scope())
    with pytest.raises(EvaluationLimit):
        compile_unary_tests(bomb.replace("-1", "-?")).evaluate(Scope(), 5)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_read_or_refused_soon(name: str) -> None:
    for read in (compile_expression, compile_unary_tests):
        assert took(lambda read=read: read(TEXTS[name])) < SOON  # type: ignore[misc]


@pytest.mark.parametrize("name", ["brackets", "minus", "for", "path", "types", "exponent", "calls", "not"])
def test_a_text_that_is_too_deep_or_too_large_is_refused(name: str) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(TEXTS[name])


def test_a_text_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(ExpressionError, match="longer than 10000 characters"):
        compile_expression("1" + "+1" * 3_000_000)


def test_thousands_of_names_make_reading_no_slower() -> None:
    names = [f"amount of order {number}" for number in range(5_000)] + [
        "a " * 90 + str(n) for n in range(500)
    ]
    text = "+".join(["amount of order 77"] * 300)
    assert took(lambda: compile_expression(text, names=names)) < SOON
    guess = "+".join(f"amont{number}(1)" for number in range(400))
    assert took(lambda: compile_expression(guess, names=names, functions=[])) < SOON


def test_honest_work_is_far_from_the_limits() -> None:
    orders = [{"id": number, "price": number % 97, "kind": f"k{number % 9}"} for number in range(4_000)]
    scope = Scope({"orders": orders, "text": "上海市浦东新区" * 500}, limits=Limits(seconds=9))
    for text, wanted in [
        ("sum(orders[price > 50].price)", sum(n % 97 for n in range(4_000) if n % 97 > 50)),
        ('count(orders[kind = "k3" and price < 20])', sum(n % 9 == 3 and n % 97 < 20 for n in range(4_000))),
        ("sum(for order in orders return order.price * 2 + 1)", sum(n % 97 * 2 + 1 for n in range(4_000))),
        ("every order in orders satisfies order.price < 100 and order.id >= 0", True),
        ("count(distinct values(orders.kind))", 9),
        ('count(split(text, "市"))', 501),
        ("max(orders.price)", 96),
    ]:
        # What steps count, so that a slow machine does not fail it; it takes some milliseconds.
        assert to_plain(compile_expression(text).evaluate(scope).value) == wanted, text


@pytest.mark.parametrize(
    "text",
    ["10 ** 10000", "10 ** 10 ** 10 ** 10", "9 ** 9 ** 9", "exp(100000)", "1e6000 * 1e6000", "0.5 ** 99999"],
)
def test_a_giant_power_ends_at_once(text: str) -> None:
    assert took(lambda: compile_expression(text).evaluate(Scope())) < SOON


def test_the_processor_time_of_an_evaluation_is_bounded() -> None:
    limits = Limits(steps=10**9, cells=10**9, seconds=0.02)
    compiled = compile_expression("every i in 1..100000000 satisfies true")
    with pytest.raises(EvaluationLimit, match=r"0\.02 second"):
        compiled.evaluate(Scope(limits=limits))


def test_the_same_work_is_refused_at_the_same_step() -> None:
    compiled = compile_expression("count(for i in 1..n return i)")

    def fits(turns: int) -> bool:
        try:
            compiled.evaluate(Scope({"n": turns}, limits=Limits(seconds=60)))
        except EvaluationLimit:
            return False
        return True

    assert fits(DEFAULT.steps // 4)
    assert not fits(DEFAULT.steps + 1)


def test_a_result_nested_deeper_than_anybody_can_write_out_is_refused() -> None:
    deep = "(for i in 1..{} return [partial[-1]])[-1]"
    to_plain(compile_expression(deep.format(190)).evaluate(Scope()).value)
    with pytest.raises(EvaluationLimit, match="200 levels deep"):
        compile_expression(deep.format(400)).evaluate(Scope())
