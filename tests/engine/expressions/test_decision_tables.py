"""A process owner draws a decision table and gets the answer, and the rules that gave it."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest

from engine.expressions.dmn import DecisionModel, DecisionOutcome, read_decisions
from engine.expressions.feel import EvaluationLimit, ExpressionError

NS = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def table(
    inputs: list[str],
    outputs: list[str],
    rules: list[tuple[list[str], list[str]]],
    *,
    policy: str = "UNIQUE",
    more: str = "",
) -> str:
    """The XML of a table; an output is written `name` or `name:"a","b"` with its output values."""
    body = "".join(
        f'<input id="i{n}"><inputExpression id="ie{n}"><text>{escape(text)}</text></inputExpression></input>'
        for n, text in enumerate(inputs)
    )
    for n, text in enumerate(outputs):
        name, _, values = text.partition(":")
        listed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
        body += f'<output id="o{n}" name={quoteattr(name)}>{listed}</output>'
    for n, (tests, results) in enumerate(rules, 1):
        cells = "".join(
            f'<inputEntry id="c{n}-{c}"><text>{escape(text)}</text></inputEntry>'
            for c, text in enumerate(tests)
        )
        cells += "".join(
            f'<outputEntry id="r{n}-{c}"><text>{escape(text)}</text></outputEntry>'
            for c, text in enumerate(results)
        )
        body += f'<rule id="rule-{n}">{cells}</rule>'
    return f'<decisionTable id="t" hitPolicy="{policy}" {more}>{body}</decisionTable>'


def file(*decisions: str, namespace: str = NS, more: str = "") -> bytes:
    inner = "".join(decisions)
    return f'<definitions xmlns="{namespace}" id="d" name="d" namespace="urn:test">{more}{inner}</definitions>'.encode()


def decision(logic: str, *, id: str = "level", requires: str = "") -> str:
    return f'<decision id="{id}" name="{id}"><variable name="{id}"/>{requires}{logic}</decision>'


def read(content: bytes) -> DecisionModel:
    model = read_decisions(content, "level.dmn")
    assert [one for one in model.findings if one.severity == "error"] == []
    return model


def decide(logic: str, **variables: Any) -> DecisionOutcome:
    return read(file(decision(logic))).evaluate("level", variables)


LEVELS = [(['"media"', "-"], ['"urgent"']), (["-", ">= 1000"], ['"high"']), (["-", "< 1000"], ['"normal"'])]


def test_the_one_matching_rule_answers_and_is_named() -> None:
    found = decide(table(["source", "amount"], ["level"], LEVELS), source="phone", amount=1500)
    assert found.outputs == "high"
    assert [(hit.rule_id, hit.row) for hit in found.matched] == [("rule-2", 2)]
    assert found.warnings == ()


def test_two_matching_rules_of_a_unique_table_are_null_with_both_named() -> None:
    found = decide(table(["source", "amount"], ["level"], LEVELS), source="media", amount=1500)
    assert found.outputs is None
    assert [hit.row for hit in found.matched] == [1, 2]
    assert found.warnings[0].code == "hit-policy"


def test_no_matching_rule_is_null() -> None:
    found = decide(table(["source"], ["level"], [(['"media"'], ["1"])]), source="phone")
    assert found.outputs is None
    assert found.matched == ()


def test_several_output_columns_give_a_context() -> None:
    found = decide(table(["x"], ["level", "hours"], [(["-"], ['"a"', "4 * 2"])]), x=1)
    assert found.outputs == {"level": "a", "hours": 8}


THREE = [(["> 1"], ['"c"']), (["> 2"], ['"a"']), (["> 3"], ['"b"'])]


@pytest.mark.parametrize(
    ("policy", "expected", "rows"),
    [
        ("FIRST", "c", [1]),
        ("PRIORITY", "a", [2]),
        ("RULE ORDER", ["c", "a", "b"], [1, 2, 3]),
        ("OUTPUT ORDER", ["a", "b", "c"], [2, 3, 1]),
        ("COLLECT", ["c", "a", "b"], [1, 2, 3]),
        ("ANY", None, [1, 2, 3]),
    ],
)
def test_each_hit_policy_does_what_it_says(policy: str, expected: Any, rows: list[int]) -> None:
    found = decide(table(["x"], ['level:"a","b","c"'], THREE, policy=policy), x=5)
    assert found.outputs == expected
    assert [hit.row for hit in found.matched] == rows


@pytest.mark.parametrize(
    ("aggregation", "expected", "empty"),
    [("SUM", 6, None), ("MIN", 1, None), ("MAX", 3, None), ("COUNT", 3, 0)],
)
def test_each_aggregation_does_what_it_says(aggregation: str, expected: int, empty: Any) -> None:
    rules = [(["> 1"], ["1"]), (["> 2"], ["2"]), (["> 3"], ["3"])]
    logic = table(["x"], ["n"], rules, policy="COLLECT", more=f'aggregation="{aggregation}"')
    assert decide(logic, x=5).outputs == expected
    assert decide(logic, x=0).outputs == empty


def test_any_agrees_when_all_rules_say_the_same() -> None:
    rules = [(["> 1"], ['"a"']), (["> 2"], ['"a"'])]
    assert decide(table(["x"], ["level"], rules, policy="ANY"), x=5).outputs == "a"


@pytest.mark.parametrize(
    ("cell", "value", "matches"),
    [
        ("-", None, True),
        ("", "x", True),
        ('"a","b"', "b", True),
        ('not("a","b")', "c", True),
        ('not("a","b")', "a", False),
        ("[1..5]", 5, True),
        ("]1..5[", 5, False),
        ("< 3, > 7", 8, True),
        ("null", None, True),
        ("not(null)", 1, True),
        ("true", True, True),
        ("not(?) ", False, True),
        ('starts with(?, "投")', "投诉", True),
        ("? > limit", 6, True),
        ("limit", 5, True),
        ("list", 3, True),
        ("> 3", None, False),
        ("> 3", "x", False),
        ('date("2026-01-01")', "2026-01-01", False),
        ('< date("2026-01-01")', None, False),
    ],
)
def test_a_cell_tests_its_input(cell: str, value: Any, matches: bool) -> None:
    found = decide(table(["x"], ["y"], [([cell], ["1"])]), x=value, limit=5, list=[1, 2, 3])
    assert (found.outputs == 1) is matches


def test_a_default_output_answers_when_no_rule_does() -> None:
    logic = table(["x"], ["y"], [(["1"], ["1"])]).replace(
        "</output>", "<defaultOutputEntry><text>9</text></defaultOutputEntry></output>"
    )
    assert decide(logic, x=2).outputs == 9


def test_a_value_outside_the_allowed_ones_is_told() -> None:
    logic = table(["x"], ["y"], [(['"a"'], ["1"])]).replace(
        "</input>", '<inputValues><text>"a","b"</text></inputValues></input>'
    )
    found = decide(logic, x="z")
    assert found.outputs is None
    assert found.warnings[0].code == "type-mismatch"


def test_decisions_require_each_other_and_each_is_made_once() -> None:
    first = decision(
        table(["amount"], ["size"], [(["> 10"], ['"big"']), (["<= 10"], ['"small"'])]), id="size"
    )
    needs = '<informationRequirement id="r"><requiredDecision href="#size"/></informationRequirement>'
    second = decision(
        '<literalExpression id="l"><text>size + " one"</text></literalExpression>', requires=needs
    )
    found = read(file(first, second)).evaluate("level", {"amount": 50})
    assert found.outputs == "big one"
    assert [(hit.decision_id, hit.row) for hit in found.hits] == [("size", 1)]
    assert found.matched == ()


def test_business_knowledge_is_called_like_a_function() -> None:
    knowledge = (
        '<businessKnowledgeModel id="k" name="net price"><variable name="net price"/><encapsulatedLogic>'
        '<formalParameter name="gross" typeRef="number"/><literalExpression><text>gross / 1.13</text></literalExpression>'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )
    needs = '<knowledgeRequirement id="r"><requiredKnowledge href="#k"/></knowledgeRequirement>'
    logic = "<literalExpression><text>net price(amount) + net price(gross: 0)</text></literalExpression>"
    assert (
        read(file(knowledge, decision(logic, requires=needs))).evaluate("level", {"amount": 113}).outputs
        == 100
    )


def test_boxed_contexts_and_loops_are_evaluated() -> None:
    logic = (
        '<context><contextEntry><variable name="net total"/><literalExpression><text>sum(prices)</text></literalExpression>'
        '</contextEntry><contextEntry><for iteratorVariable="p"><in><literalExpression><text>prices</text></literalExpression>'
        "</in><return><literalExpression><text>p / net total</text></literalExpression></return></for></contextEntry></context>"
    )
    assert decide(logic, prices=[1, 3]).outputs == [0.25, 0.75]


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        NS,
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_version_of_the_standard_is_read(namespace: str) -> None:
    content = file(decision(table(["x"], ["y"], [(["1"], ["2"])])), namespace=namespace)
    assert read(content).evaluate("level", {"x": 1}).outputs == 2


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    bad = table(["x =="], ["y"], [(["> > 1"], ["cuont(1)"]), (["1", "2"], ["1"])], policy="SOMETIMES")
    needs = '<informationRequirement id="r"><requiredDecision href="#nowhere"/></informationRequirement>'
    model = read_decisions(file(decision(bad, requires=needs)), "level.dmn")
    codes = sorted(one.code for one in model.findings if one.severity == "error")
    assert codes == ["expression", "expression", "expression", "hit-policy", "missing-requirement", "table"]
    assert {one.element_id for one in model.findings} >= {"ie0", "c1-0", "t", "rule-2", "level"}
    assert all(one.file == "level.dmn" and one.line and one.message_zh for one in model.findings)


def test_a_decision_with_a_mistake_is_null_and_the_others_still_answer() -> None:
    bad = decision("<literalExpression><text>1 +</text></literalExpression>", id="bad")
    good = decision("<literalExpression><text>1 + 1</text></literalExpression>", id="good")
    model = read_decisions(file(bad, good), "x.dmn")
    assert model.evaluate("bad", {}).outputs is None
    assert model.evaluate("good", {}).outputs == 2


def test_decisions_in_a_circle_are_refused() -> None:
    needs = '<informationRequirement><requiredDecision href="#{}"/></informationRequirement>'
    logic = "<literalExpression><text>1</text></literalExpression>"
    model = read_decisions(
        file(
            decision(logic, id="a", requires=needs.format("b")),
            decision(logic, id="b", requires=needs.format("a")),
        ),
        "x",
    )
    assert [one.code for one in model.findings] == ["circle"]
    assert "a → b → a" in model.findings[0].message


def test_a_name_that_nothing_supplies_is_found_before_it_runs() -> None:
    logic = table(["case.level", "caze.amount"], ["y"], [(["1", "2"], ["3"])])
    model = read_decisions(file(decision(logic)), "x.dmn", variables=["case", "form"])
    assert [(one.code, one.severity) for one in model.findings] == [("unknown-name", "error")]
    assert 'Did you mean "case"?' in model.findings[0].message
    assert model.decisions["level"].paths == {"case.level", "caze.amount"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "unreadable"),
        (b"not xml", "unreadable"),
        (b"<a/>", "unreadable"),
        (b'<!DOCTYPE x [<!ENTITY y "z">]>' + file(), "unreadable"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + file(), "unreadable"),
        (b"<?xml version='1.0' encoding='UTF-7'?>" + file(), "unreadable"),
        (file(), "empty"),
        (b"<" * 100_000, "unreadable"),
        (b"<a>" * 100_000, "unreadable"),
    ],
)
def test_a_file_that_is_no_decision_file_is_refused_with_a_sentence(content: bytes, code: str) -> None:
    model = read_decisions(content, "x.dmn")
    assert [one.code for one in model.findings] == [code]


def test_a_decision_that_is_not_there_is_named() -> None:
    model = read(file(decision("<literalExpression><text>1</text></literalExpression>")))
    with pytest.raises(ExpressionError, match='There is no decision "levle"') as refused:
        model.evaluate("levle", {})
    assert "level" in refused.value.hint


def test_a_hostile_table_is_stopped() -> None:
    logic = table(["for i in 1..1000000000 return i"], ["y"], [(["-"], ["1"])])
    with pytest.raises(EvaluationLimit):
        decide(logic)


def test_an_item_definition_checks_its_allowed_values() -> None:
    types = (
        '<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues><text>"A","B"</text></allowedValues>'
        "</itemDefinition>"
    )
    data = '<inputData id="x" name="x"><variable name="x" typeRef="tLevel"/></inputData>'
    needs = '<informationRequirement><requiredInput href="#x"/></informationRequirement>'
    logic = decision(
        '<literalExpression><text>if x = null then "none" else x</text></literalExpression>', requires=needs
    )
    model = read(file(data, logic, more=types))
    assert model.evaluate("level", {"x": "A"}).outputs == "A"
    assert model.evaluate("level", {"x": "C"}).outputs == "none"


def test_a_model_uses_what_another_file_defines() -> None:
    shared = (
        f'<definitions xmlns="{NS}" id="s" name="shared" namespace="urn:shared">'
        '<businessKnowledgeModel id="k" name="double"><variable name="double"/><encapsulatedLogic>'
        '<formalParameter name="n"/><literalExpression><text>n * 2</text></literalExpression>'
        "</encapsulatedLogic></businessKnowledgeModel></definitions>"
    ).encode()
    needs = '<knowledgeRequirement><requiredKnowledge href="urn:shared#k"/></knowledgeRequirement>'
    logic = decision("<literalExpression><text>lib.double(x)</text></literalExpression>", requires=needs)
    imports = f'<import name="lib" namespace="urn:shared" importType="{NS}"/>'
    model = read_decisions(file(logic, more=imports), "x.dmn", imports=[read_decisions(shared, "shared.dmn")])
    assert model.findings == []
    assert model.evaluate("level", {"x": 4}).outputs == 8
    nameless = file(logic.replace("lib.", ""), more=imports.replace('name="lib" ', ""))
    again = read_decisions(nameless, "x.dmn", imports=[read_decisions(shared, "shared.dmn")])
    assert again.evaluate("level", {"x": 4}).outputs == 8
    alone = read_decisions(file(logic, more=imports), "x.dmn")
    assert "missing-import" in [one.code for one in alone.findings]


NEEDS_INPUT = '<informationRequirement><requiredInput href="#n"/></informationRequirement>'
NEEDS_DECISION = '<informationRequirement><requiredDecision href="#{}"/></informationRequirement>'


def test_a_decision_service_is_called_with_its_inputs() -> None:
    model = read(
        file(
            '<inputData id="n" name="n"><variable name="n" typeRef="number"/></inputData>',
            decision(
                "<literalExpression><text>n * 2</text></literalExpression>", id="twice", requires=NEEDS_INPUT
            ),
            decision(
                "<literalExpression><text>twice + 1</text></literalExpression>",
                id="odd one",
                requires=NEEDS_DECISION.format("twice"),
            ),
            '<decisionService id="s" name="service"><variable name="service"/><outputDecision href="#odd one"/>'
            '<encapsulatedDecision href="#twice"/><inputData href="#n"/></decisionService>',
            decision(
                "<literalExpression><text>[service(4), service(n: 1)]</text></literalExpression>",
                requires='<knowledgeRequirement><requiredKnowledge href="#s"/></knowledgeRequirement>',
            ),
        )
    )
    assert model.evaluate("level", {}).outputs == [9, 3]
    assert model.evaluate("service", {"n": 10}).outputs == 21


def test_the_inputs_of_an_imported_decision_may_stand_under_the_imports_name() -> None:
    shared = file(
        '<inputData id="n" name="n"><variable name="n"/></inputData>',
        decision(
            "<literalExpression><text>n * 2</text></literalExpression>", id="twice", requires=NEEDS_INPUT
        ),
    ).replace(b"urn:test", b"urn:shared")
    needs = '<informationRequirement><requiredDecision href="urn:shared#twice"/></informationRequirement>'
    imports = f'<import name="lib" namespace="urn:shared" importType="{NS}"/>'
    content = file(
        decision("<literalExpression><text>lib.twice + 1</text></literalExpression>", requires=needs),
        more=imports,
    )
    model = read_decisions(content, "x.dmn", imports=[read(shared)])
    assert model.evaluate("level", {"lib": {"n": 3}, "n": 100}).outputs == 7
    assert model.evaluate("level", {"n": 100}).outputs == 201


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        ("<conditional><if>{x > 1}</if><then>{1}</then><else>{2}</else></conditional>", 1),
        ("<filter><in>{[1, 5, 9]}</in><match>{item > x}</match></filter>", [5, 9]),
        ('<some iteratorVariable="i"><in>{[1, 5]}</in><satisfies>{i > x}</satisfies></some>', True),
        ('<every iteratorVariable="i"><in>{[1, 5]}</in><satisfies>{i > x}</satisfies></every>', False),
        ("<list>{x}{x + 1}</list>", [3, 4]),
        ('<relation><column name="a b"/><column name="c"/><row>{1}{2}</row><row>{3}{4}</row></relation>',
         [{"a b": 1, "c": 2}, {"a b": 3, "c": 4}]),
        ('<invocation>{max}<binding><parameter name="list"/>{[x, 9]}</binding></invocation>', 9),
        ('<context><contextEntry><variable name="f"/><functionDefinition><formalParameter name="q"/>{q * x}'
         "</functionDefinition></contextEntry><contextEntry>{f(5)}</contextEntry></context>", 15),
    ],
)  # fmt: skip
def test_every_boxed_expression_is_evaluated(logic: str, expected: Any) -> None:
    boxed = ""
    for part in logic.replace("}", "{").split("{"):
        text = not part.startswith("<") and part
        boxed += f"<literalExpression><text>{escape(part)}</text></literalExpression>" if text else part
    assert decide(boxed, x=3).outputs == expected
