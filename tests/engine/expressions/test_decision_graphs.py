"""Decisions, business knowledge and services call each other by name, across files too."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.dmn import DecisionModel, read_decisions
from engine.expressions.feel import to_plain
from tests.engine.expressions.tables import NS, literal


def needs(*hrefs: str) -> str:
    """Requirements: `i:` of an input, `d:` of a decision, `k:` of knowledge."""
    tags = {
        "i": ("informationRequirement", "requiredInput"),
        "d": ("informationRequirement", "requiredDecision"),
        "k": ("knowledgeRequirement", "requiredKnowledge"),
    }
    found = ((tags[one[0]], one[2:]) for one in hrefs)
    return "".join(f'<{outer}><{inner} href="{href}"/></{outer}>' for (outer, inner), href in found)


def given(name: str, kind: str = "") -> str:
    ref = f' typeRef="{kind}"' if kind else ""
    return f'<inputData id="{name}" name="{name}"><variable name="{name}"{ref}/></inputData>'


def decided(name: str, logic: str, *hrefs: str) -> str:
    return f'<decision id="{name}" name="{name}"><variable name="{name}"/>{needs(*hrefs)}{logic}</decision>'


def known(name: str, parameters: str, logic: str, *hrefs: str) -> str:
    formal = "".join(f'<formalParameter name="{one}"/>' for one in filter(None, parameters.split(", ")))
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/><encapsulatedLogic>{formal}'
        f"{logic}</encapsulatedLogic>{needs(*hrefs)}</businessKnowledgeModel>"
    )


def called(function: str, **bindings: str) -> str:
    bound = "".join(
        f'<binding><parameter name="{name}"/>{literal(text)}</binding>' for name, text in bindings.items()
    )
    return f"<invocation>{literal(function)}{bound}</invocation>"


def model(*elements: str, name: str = "m", uses: tuple[DecisionModel, ...] = ()) -> DecisionModel:
    imports = "".join(
        f'<import name="{one.name}" namespace="{one.namespace}" importType="{NS}"/>' for one in uses
    )
    text = f'<definitions xmlns="{NS}" id="{name}" name="{name}" namespace="urn:{name}">{imports}{"".join(elements)}</definitions>'
    made = read_decisions(text.encode(), f"{name}.dmn", imports=uses)
    assert [one.message for one in made.findings] == []
    return made


def value(made: DecisionModel, name: str, **variables: Any) -> Any:
    return to_plain(made.evaluate(name, variables).value)


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (called("weigh", a="1", b="2"), [1, 2]),
        (called("weigh", b="2", a="1"), [1, 2]),
        (called("weigh", a="1"), [1, None]),
        (called("weigh", a="1", c="2"), None),
        (called("sum", list="[1, 2]"), 3),
        (literal("weigh(1, 2)"), [1, 2]),
        (literal("weigh(1)"), None),
        (literal("weigh(b: 1)"), [None, 1]),
        (literal("(function(f) f(3, 4))(weigh)"), [3, 4]),
        (called("x", a="1"), None),
    ],
)
def test_knowledge_is_called_by_position_or_by_name(logic: str, expected: Any) -> None:
    made = model(
        known("weigh", "a, b", literal("[a, b]")), given("x"), decided("d", logic, "i:#x", "k:#weigh")
    )
    assert value(made, "d", x=5) == expected


def test_knowledge_may_call_itself_whether_it_says_so_or_not() -> None:
    for said in ((), ("k:#fall",)):
        made = model(
            known("fall", "n", literal("if n = 0 then 0 else n + fall(n - 1)"), *said),
            decided("d", literal("fall(4)"), "k:#fall"),
        )
        assert value(made, "d") == 10


def test_names_with_signs_are_names_where_they_are_required() -> None:
    library = model(
        decided("net-total", literal("5")), known("half-of it", "p-q", literal("p-q / 2")), name="lib"
    )
    made = model(
        '<itemDefinition name="t"><itemComponent name="a/b"><typeRef>number</typeRef></itemComponent></itemDefinition>',
        given("x-y"),
        given("r", "t"),
        decided("sum-up", literal("lib.net-total + x-y + r.a/b"), "d:urn:lib#net-total", "i:#x-y", "i:#r"),
        decided("twice", literal("sum-up * 2"), "d:#sum-up"),
        decided("called", literal("lib.half-of it(p-q: 8)"), "k:urn:lib#half-of it"),
        uses=(library,),
    )
    variables = {"x-y": 1, "r": {"a/b": 2}}
    assert value(made, "sum-up", **variables) == 8
    assert value(made, "twice", **variables) == 16
    assert value(made, "called") == 4


def test_a_service_is_a_function_of_its_inputs() -> None:
    graph = (
        given("x", "number"),
        decided("base", literal("x + 1"), "i:#x"),
        decided("low", literal("base * 10"), "d:#base"),
        decided("high", literal("base * 100"), "d:#base"),
        '<decisionService id="both" name="both"><variable name="both"/><outputDecision href="#low"/>'
        '<outputDecision href="#high"/><encapsulatedDecision href="#base"/><inputData href="#x"/></decisionService>',
        '<decisionService id="from" name="from base"><variable name="from base"/><outputDecision href="#low"/>'
        '<inputDecision href="#base"/></decisionService>',
    )  # fmt: skip
    for text, expected in (
        ("both(1)", {"low": 20, "high": 200}),
        ("both(x: 1).high", 200),
        ('both("1")', None),
        ("both()", None),
        ("from base(7)", 70),
        ("from base(base: 7)", 70),
        ("for i in 1..2 return both(i).low", [20, 30]),
    ):
        made = model(*graph, decided("d", literal(text), "k:#both", "k:#from"))
        assert value(made, "d", x=99) == expected, text


def test_a_service_sees_its_own_inputs_alone() -> None:
    made = model(
        given("x", "number"),
        given("z", "number"),
        decided("adds", literal("[x, z]"), "i:#x", "i:#z"),
        '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#adds"/>'
        '<inputData href="#x"/></decisionService>',
        decided("d", literal("s(1)"), "k:#s"),
    )
    assert value(made, "adds", x=2, z=3) == [2, 3]
    assert value(made, "d", x=2, z=3) == [1, None]


def test_an_imported_decision_is_made_once_from_what_stands_under_the_name_of_its_import() -> None:
    library = model(given("x", "number"), decided("base", literal("x + 1"), "i:#x"), name="lib")
    made = model(
        decided("one", literal("lib.base"), "d:urn:lib#base"),
        decided("two", literal("lib.base * 10"), "d:urn:lib#base"),
        decided("both", literal("one + two"), "d:#one", "d:#two"),
        uses=(library,),
    )
    outcome = made.evaluate("both", {"x": 99, "lib": {"x": 1}})
    assert outcome.outputs == 22
    assert [step.element.name for step in outcome.steps] == ["base", "one", "two", "both"]


def test_an_entry_of_a_boxed_context_whose_name_has_a_sign_is_a_name_below_it() -> None:
    entry = '<contextEntry><variable name="net-total"/>' + literal("5") + "</contextEntry>"
    made = model(
        decided(
            "d",
            f"<context>{entry}<contextEntry>{literal('[net-total, net - total]')}</contextEntry></context>",
        )
    )
    assert value(made, "d") == [5, 5]
