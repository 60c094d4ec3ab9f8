"""Regular expressions that never end, or are too large to be made: refused soon, and nobody else waits."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from engine.expressions.feel import EvaluationLimit, Limits, Scope, compile_expression
from tests.engine.expressions.attacks import MANY_PATTERNS, PATTERNS
from tests.engine.expressions.test_hostile_expressions import SOON, took

CATASTROPHE = f'matches("{"a" * 60}!", "^(a|aa)+$")'


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("call", ['matches("{}", "{}")', 'replace("{}", "{}", "-")', 'split("{}", "{}")'])
def test_a_catastrophic_pattern_ends_soon(call: str, pattern: str) -> None:
    text = call.format(PATTERNS[pattern], pattern)
    if len(text) <= 10_000:
        assert took(lambda: compile_expression(text).evaluate(Scope())) < SOON


@pytest.mark.parametrize("name", MANY_PATTERNS)
def test_many_patterns_end_soon(name: str) -> None:
    assert took(lambda: compile_expression(MANY_PATTERNS[name]).evaluate(Scope())) < SOON


@pytest.mark.parametrize(
    "pattern",
    [
        "(" * 45 + "a" + "{1,9})" * 45,
        "(" * 12 + "a" + "+)" * 12,
        "((ab){40}){40}",
        "[a-z]" * 400,
        "(?:x{2}){5000}",
    ],
)
def test_a_pattern_whose_counts_multiply_is_no_pattern(pattern: str) -> None:
    found = compile_expression(f'matches("a", "{pattern}")').evaluate(Scope())
    assert found.value is None
    assert found.warnings[0].code == "function-error"


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "wanted"),
    [
        ("2026-11-22", r"\\d{4}-\\d{2}-\\d{2}", "", True),
        ("ABCDEF0123456789ab", "[0-9a-f]{18}", "i", True),
        ("AB", r"\\p{Lu}+", "i", True),
        ("ab", r"^\\p{Lu}+$", "i", False),
        ("a b\nc d", "^c", "m", True),
        ("192.168.100.200", r"^((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.|$)){4}$", "", True),
        ("someone@example.org", r"^[^@\\s]+@([a-z0-9-]+\\.)+[a-z]{2,}$", "", True),
    ],
)
def test_usual_patterns_are_made_and_match(text: str, pattern: str, flags: str, wanted: bool) -> None:
    found = compile_expression(f'matches("{text}", "{pattern}", "{flags}")').evaluate(Scope())
    assert found.value is wanted, found.warnings


def test_a_pattern_costs_the_same_whether_it_was_made_before_or_not() -> None:
    compiled = compile_expression('for i in 1..400 return matches("x", "(never|before)" + string(i))')
    for _ in range(2):
        with pytest.raises(EvaluationLimit, match="steps of work"):
            compiled.evaluate(Scope(limits=Limits(seconds=9)))


def test_one_pattern_may_be_asked_thousands_of_times() -> None:
    text = 'count((for i in 1..5000 return "order-" + string(i))[matches(item, "^order-[0-9]+7$")])'
    assert compile_expression(text).evaluate(Scope(limits=Limits(seconds=9))).value == 499


def test_a_catastrophic_pattern_stops_nobody_else() -> None:
    """The interpreter is free while one thread searches: were it held, almost nothing would be done meanwhile."""
    catastrophe, usual = compile_expression(CATASTROPHE), compile_expression("case.amount > 100")
    others = 0

    def hostile() -> None:
        with suppress(EvaluationLimit):
            catastrophe.evaluate(Scope())

    hostile()
    thread = threading.Thread(target=hostile)
    thread.start()
    while thread.is_alive():
        usual.evaluate(Scope({"case": {"amount": 1}}))
        others += 1
    thread.join()
    assert others > 100
