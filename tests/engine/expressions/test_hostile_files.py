"""Decision files as an attack: reading one is bounded by its size, deciding like any evaluation, and nothing raises."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pytest

from engine.expressions.dmn import read_decisions
from engine.expressions.feel import EvaluationLimit
from tests.engine.expressions.tables import decision, file, literal, table
from tests.engine.expressions.test_hostile_expressions import SOON, took


def chain(links: int, logic: str) -> list[str]:
    """Decisions d0, d1, … each made of the one before (`{}`), ending in "last"."""
    made = [decision("d0", literal("1"))]
    made += [decision(f"d{n}", literal(logic.format(f"d{n - 1}")), f"#d{n - 1}") for n in range(1, links)]
    return [*made, decision("last", literal(f"d{links - 1}"), f"#d{links - 1}")]


def knowledge(name: str, parameter: str, logic: str, *requires: str) -> str:
    needs = "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#{one}"/></knowledgeRequirement>' for one in requires
    )
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><encapsulatedLogic><formalParameter name="{parameter}"/>'
        f"{logic}</encapsulatedLogic>{needs}</businessKnowledgeModel>"
    )


def doubling_knowledge(levels: int) -> list[str]:
    made = [knowledge("b0", "x", literal("x + 1"))]
    made += [
        knowledge(f"b{n}", "x", literal(f"b{n - 1}(x) + b{n - 1}(x)"), f"b{n - 1}") for n in range(1, levels)
    ]
    return [*made, decision("last", literal(f"b{levels - 1}(1)"), f"*b{levels - 1}")]


def types(levels: int, width: int, letter: str = "t") -> list[str]:
    """Item definitions that hold each other many times."""
    made = [f'<itemDefinition name="{letter}0"><typeRef>number</typeRef></itemDefinition>']
    for n in range(1, levels):
        parts = "".join(
            f'<itemComponent name="c{part}"><typeRef>{letter}{n - 1}</typeRef></itemComponent>'
            for part in range(width)
        )
        made.append(f'<itemDefinition name="{letter}{n}">{parts}</itemDefinition>')
    return made


ALLOWED = (
    '<itemDefinition name="t" isCollection="true"><typeRef>number</typeRef><allowedValues><text>'
    "some i in 1..1000000 satisfies i = -?</text></allowedValues></itemDefinition>"
)
EVALUATED: dict[str, Sequence[str]] = {
    "lists that double": chain(80, "[{0}, {0}]"),
    "texts that double": chain(80, "string({0}) + string({0})"),
    "functions that double": doubling_knowledge(50),
    "a long chain": chain(900, "{} + 1"),
    "rules that are bombs": [
        decision("last", table(["a"], [(["some i in 1..1000000000 satisfies i = -?"], "1")] * 300))
    ],
    "rules of formulas": [decision("last", table(["a"], [([f"? * {n} > 1e9"], "1") for n in range(2_500)]))],
    "all rules match": [decision("last", table(["a"], [(["-"], "[1, 2]")] * 2_500, policy="ANY"))],
    "long cells": [decision("last", table(["a"], [(["+".join(["?"] * 1_000) + " < 0"], "1")] * 40))],
    "long results": [decision("last", table(["a"], [(["-"], "+".join(["1"] * 1_000))] * 40, policy="COLLECT"))],
    "a table in a loop": [
        knowledge("t", "x", table(["x"], [([f"? * 2 > {n}"], "1") for n in range(500)], policy="COLLECT")),
        decision("last", literal("for i in 1..100000 return t(i)"), "*t"),
    ],
    "allowed values that are bombs": [
        ALLOWED,
        decision("last", literal("for i in 1..500 return i")).replace('<variable name="last"', '<variable name="last" typeRef="t"'),
    ],
    "types that hold each other": [*types(11, 20), decision("last", literal("{c0: 1} instance of t10"))],
    "functions of such types": [
        *types(9, 20), *types(9, 20, "u"),
        decision("last", literal("(function(a: t8) a) instance of function<u8> -> number")),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", EVALUATED)
def test_deciding_ends_soon(name: str) -> None:
    model = read_decisions(file(*EVALUATED[name]), "hostile.dmn")
    assert model.find("last") is not None
    assert took(lambda: model.evaluate("last", {"a": 1})) < SOON


def boxes(open_: str, close: str, deep: int) -> str:
    return decision("last", open_ * deep + literal("1") + close * deep)


DEEP = {
    "lists": boxes("<list>", "</list>", 240),
    "contexts": boxes("<context><contextEntry>", "</contextEntry></context>", 110),
    "conditionals": boxes("<conditional><if>", "</if></conditional>", 110),
    "invocations": boxes("<invocation>", "</invocation>", 240),
    "functions": boxes("<functionDefinition>", "</functionDefinition>", 240),
    "components": '<itemDefinition name="t">' + '<itemComponent name="c">' * 200 + "<typeRef>number</typeRef>"
    + "</itemComponent>" * 200 + "</itemDefinition>" + decision("last", literal("1")),
    "elements": "<group>" * 5_000 + "</group>" * 5_000,
}  # fmt: skip


@pytest.mark.parametrize("name", DEEP)
def test_a_deeply_nested_file_is_read_or_refused(name: str) -> None:
    model = read_decisions(file(DEEP[name]), "hostile.dmn")
    if model.find("last") is not None:
        with suppress(EvaluationLimit):
            model.evaluate("last", {})


def test_a_file_with_very_many_expressions_is_refused_while_it_is_small() -> None:
    text = "[" + ",".join(["1"] * 4_900) + "]"
    model = read_decisions(file(*(decision(f"d{n}", literal(text)) for n in range(200))), "hostile.dmn")
    assert model.findings[-1].code == "too-much"
    assert "100000 words and signs" in model.findings[-1].message
    assert "100000 个词" in model.findings[-1].message_zh


def test_a_file_of_mistakes_is_read_no_further_than_anybody_would_read_the_findings() -> None:
    wrong = (decision(f"d{n}", literal(f"functon{n}(1"), f"#nobody{n}") for n in range(3_000))
    model = read_decisions(file(*wrong), "hostile.dmn")
    assert len(model.findings) == 301
    assert model.findings[-1].code == "too-much"


def test_reading_takes_as_long_as_the_file_is_large() -> None:
    """Not the square of it: thousands of elements, names and types that all could be compared with each other."""

    def large(size: int) -> bytes:
        inputs = (f'<inputData id="x{n}" name="amount of order {n}"/>' for n in range(size))
        decisions = (decision(f"d{n}", literal("amount of order 1 + amount of order 2")) for n in range(size))
        kinds = (
            f'<itemDefinition name="kind {n}"><typeRef>number</typeRef></itemDefinition>' for n in range(size)
        )
        return file(*inputs, *kinds, *decisions)

    small, big = large(150), large(1_500)
    read = min(took(lambda: read_decisions(small, "small.dmn")) for _ in range(3))
    assert took(lambda: read_decisions(big, "big.dmn")) < 30 * read


def test_an_honest_table_of_a_thousand_rules_and_five_inputs_is_read_and_decides() -> None:
    rules = [
        ([f'"k{n % 10}"', f"[{n}..{n + 9}]", "< 50", f'"x","y{n}"', "> 3"], f'"r{n}"') for n in range(1_000)
    ]
    model = read_decisions(file(decision("level", table(list("abcde"), rules, policy="FIRST"))), "honest.dmn")
    assert model.findings == []
    given = {"a": "k7", "b": 20, "c": 49, "d": "x", "e": 4}
    assert model.evaluate("level", given).outputs == "r17"
    assert took(lambda: model.evaluate("level", given)) < 0.05
