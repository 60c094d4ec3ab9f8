"""An author is told of gaps, overlaps, dead rules and misspelt values, each with an input that shows it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.dmn import read_decisions
from engine.expressions.dmn.verification import Effort, TableFinding, verify
from tests.engine.expressions.checked_tables import NAMESPACE, In, Made, Out


def rules(*cells: str, answer: str = "1") -> list[tuple[list[str], list[str]]]:
    """One rule for each text; its cells are parted by |."""
    return [([cell.strip() for cell in one.split("|")], [answer]) for one in cells]


def told(made: Made, code: str) -> list[TableFinding]:
    return [one for one in made.findings() if one.code == code]


X = [In("x", "number")]
LEVEL = [In("level", "string", '"gold", "silver"')]


@pytest.mark.parametrize(
    ("inputs", "cells", "example"),
    [
        (X, ["< 0", "> 0"], {"x": "0"}),
        (X, ["<= 1000"], {"x": "1001"}),
        (X, [">= 1000"], {"x": "999"}),
        (X, ["<= 0", ">= 0.5"], {"x": "0.25"}),
        (X, ["not(3)"], {"x": "3"}),
        (X, ["!= 3"], {"x": "3"}),
        ([In("x", "integer")], ["<= 1", ">= 3"], {"x": "2"}),
        (LEVEL, ['"gold"'], {"level": '"silver"'}),
        ([In("level", "string")], ['"gold"', '"silver"'], {"level": '"other"'}),
        ([In("vip", "boolean")], ["true"], {"vip": "false"}),
        ([In("vip")], ["true", "null"], {"vip": "false"}),
        ([In("vip", "boolean")], ["true", "false", "not(null)"], {"vip": "null"}),
        ([In("d", "date")], ['< date("2026-03-01")', '> @"2026-03-01"'], {"d": '@"2026-03-01"'}),
        ([In("d", "date")], ['<= @"2026-03-01"', '>= @"2026-03-02"'], {}),
        ([In("t", "time")], ['< @"12:00:00"', '> @"12:00:00"'], {"t": '@"12:00:00"'}),
        ([In("p", "dayTimeDuration")], ['<= @"P1D"', '> @"P2D"'], {"p": '@"P2D"'}),
        ([In("m", "yearMonthDuration")], ['<= @"P1Y"', '>= @"P14M"'], {"m": '@"P1Y1M"'}),
        ([In("x"), In("y")], ["<= 0 | -", "> 0 | < 5"], {"x": "1", "y": "5"}),
        ([In("x"), In("x")], ["< 5 | -", "- | > 5"], {"x": "5"}),
        ([In('x = "a"')], ["true"], {'x = "a"': "false"}),
        ([In("x", "number", "[0..10]")], ["[0..9]"], {"x": "10"}),
    ],
)
def test_an_input_no_rule_covers_is_shown(
    inputs: list[In], cells: list[str], example: dict[str, str]
) -> None:
    found = [one for one in told(Made(inputs, rules(*cells)), "table-gap") if one.severity == "warning"]
    assert [dict(one.example) for one in found[:1]] == ([example] if example else [])


@pytest.mark.parametrize(
    ("policy", "aggregation", "severity"),
    [
        ("UNIQUE", "", "warning"), ("ANY", "", "warning"), ("FIRST", "", "warning"), ("PRIORITY", "", "warning"),
        ("COLLECT", "", None), ("COLLECT", "COUNT", None), ("COLLECT", "SUM", "note"), ("RULE ORDER", "", "note"),
    ],
)  # fmt: skip
def test_a_gap_weighs_as_much_as_the_policy_makes_of_it(
    policy: str, aggregation: str, severity: str | None
) -> None:
    made = Made(X, rules("< 5"), policy, [Out(values="1")], aggregation)
    assert [one.severity for one in told(made, "table-gap")] == ([severity] if severity else [])


def test_a_default_output_fills_every_gap() -> None:
    assert Made(X, rules("< 5"), outputs=[Out(default="0")]).findings() == []


def test_gaps_are_joined_told_largest_first_and_counted() -> None:
    cells = [f"{n}" for n in range(0, 40, 2)]
    (gap,) = told(Made([In("x", "integer", "[0..38]")], rules(*cells)), "table-gap")
    assert "[1..1]" not in gap.message and gap.example == {"x": "1"}
    spread = [f"{n} | not({n})" for n in range(20)]
    found = told(
        Made([In("x", "integer", "[0..19]"), In("y", "integer", "[0..19]")], rules(*spread)), "table-gap"
    )
    assert len(found) == 6
    assert "15 more gaps" in found[-1].message and "15" in found[-1].message_zh


def test_gaps_between_whole_numbers_are_a_note_with_a_way_out() -> None:
    (gap,) = Made([In("age", "number", ">= 0")], rules("[0..17]", "[18..64]", ">= 65")).findings()
    assert (gap.code, gap.severity, gap.example) == ("table-gap", "note", {"age": "17.5"})
    assert "integer" in gap.message and "integer" in gap.message_zh
    assert Made([In("age", "integer", ">= 0")], rules("[0..17]", "[18..64]", ">= 65")).findings() == []


def test_rules_of_a_unique_table_that_match_together_are_shown_by_the_rule_that_does_most_of_it() -> None:
    found = told(Made(X, rules("< 0", "0", "> 0", "-")), "table-overlap")
    assert [(one.rows, dict(one.example), one.line) for one in found] == [((4, 1, 2, 3), {"x": "-1"}, 5)]
    assert found[0].element_id == "rule-4"
    assert (found[0].element_name, found[0].decision_id) == ("The verdict", "verdict")


def test_rules_of_an_any_table_may_overlap_where_they_agree() -> None:
    agreeing = [*rules("< 10"), *rules("< 5"), *rules(">= 5", answer="1.0")]
    found = Made(X, agreeing, "ANY").findings()
    assert [(one.code, one.rows) for one in found] == [("rule-redundant", (2, 1))]
    (conflict,) = told(Made(X, [*agreeing, *rules("7", answer="2")], "ANY"), "table-conflict")
    assert (conflict.rows, conflict.example) == ((4, 1, 3), {"x": "7"})


@pytest.mark.parametrize("policy", ["FIRST", "PRIORITY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"])
def test_other_policies_want_overlaps(policy: str) -> None:
    made = Made(X, [*rules("-"), *rules("> 5", answer="2")], policy, [Out(values="2, 1")])
    assert {one.code for one in made.findings()} <= {"rule-masked"}
    assert not [one for one in made.findings() if policy != "FIRST"]


@pytest.mark.parametrize(
    ("inputs", "cell", "because"),
    [
        (X, "[5..3]", "no value lies in [5..3]"),
        (X, "(5..5)", "no value passes"),
        ([In("x", "number", "[1..10]")], "< 0", "none of the possible values ([1..10])"),
        (LEVEL, '"bronze"', 'none of the possible values ("gold", "silver")'),
        ([In("x"), In("x")], "> 5 | < 3", "exclude each other"),
        ([In("d", "date")], '(@"2026-01-01"..@"2026-01-02")', "no value passes"),
    ],
)
def test_a_cell_that_lets_nothing_through_is_named(inputs: list[In], cell: str, because: str) -> None:
    everything = " | ".join("-" for _ in inputs)
    (found,) = told(Made(inputs, rules(everything, cell), "FIRST"), "rule-never-fires")
    assert found.rows == (2,)
    assert found.column == inputs[0].text
    assert because in found.message
    assert found.example


@pytest.mark.parametrize(
    ("cells", "masked"),
    [
        (["< 10", "< 5"], [(2, 1)]),
        (["< 10", "> 5", "[7..8]", "-"], [(3, 1)]),
        (["< 5", ">= 5", "0"], [(3, 1)]),
        (["< 5", ">= 5", "[0..9]"], [(3, 1, 2)]),
        # A missing value is an input too: the last rule is what an author writes for it.
        (["< 5", ">= 5", "-"], []),
        (["< 5", ">= 5", "null", "-"], [(4, 1, 2, 3)]),
    ],
)
def test_a_rule_that_earlier_ones_leave_nothing_is_named(cells: list[str], masked: list[Any]) -> None:
    found = told(Made(X, rules(*cells), "FIRST"), "rule-masked")
    assert [one.rows for one in found] == masked
    assert all(one.example for one in found)


def test_a_rule_that_a_higher_priority_leaves_nothing_is_named() -> None:
    cells = [*rules("[0..5]", answer='"low"'), *rules("< 10", answer='"high"'), *rules("-", answer='"low"')]
    found = told(Made(X, cells, "PRIORITY", [Out(values='"high", "low"')]), "rule-masked")
    assert [one.rows for one in found] == [(1, 2)]
    assert "higher priority" in found[0].message


def test_a_rule_collected_twice_is_a_note() -> None:
    made = Made(X, [*rules("> 5"), *rules("> 5"), *rules("> 5", answer="2")], "COLLECT")
    assert [(one.code, one.severity, one.rows) for one in made.findings()] == [
        ("rule-redundant", "note", (2, 1))
    ]


@pytest.mark.parametrize(
    ("inputs", "cell", "code", "hint"),
    [
        (LEVEL, '"glod"', "value-not-allowed", '"gold"'),
        (LEVEL, 'not("silvr")', "value-not-allowed", '"silver"'),
        ([In("x", "number", "[1..10]")], "3, 12", "value-not-allowed", ""),
        (X, '"5"', "value-wrong-type", "5"),
        ([In("d", "date")], '"2026-01-01"', "value-wrong-type", '@"2026-01-01"'),
        ([In("d", "date")], "> 3", "value-wrong-type", ""),
        ([In("s", "string")], "5", "value-wrong-type", '"5"'),
        ([In("b", "boolean")], '"true"', "value-wrong-type", "true"),
    ],
)
def test_a_value_that_cannot_come_in_is_named_with_what_was_meant(
    inputs: list[In], cell: str, code: str, hint: str
) -> None:
    (found,) = told(Made(inputs, rules("-", cell), "FIRST"), code)
    assert (found.rows, found.column) == ((2,), inputs[0].text)
    assert f"Did you mean {hint}?" in found.message if hint else "Did you mean" not in found.message
    assert f"你是不是想写 {hint}？" in found.message_zh if hint else "想写" not in found.message_zh


def test_outputs_are_held_to_their_values_and_types() -> None:
    outputs = [Out("level", "string", '"high", "low"', default='"lov"'), Out("hours", "number")]
    made = Made(X, [(["> 1"], ['"hihg"', "1"]), (["-"], ['"low"', '"2"'])], "FIRST", outputs)
    assert [(one.code, one.rows, one.column) for one in made.findings()] == [
        ("value-not-allowed", (1,), "level"),
        ("value-not-allowed", (), "level"),
        ("value-wrong-type", (2,), "hours"),
    ]


LEVELS = (
    '<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues><text>"gold","silver"</text></allowedValues>'
    "</itemDefinition>"
    '<itemDefinition name="tCase"><itemComponent name="level"><typeRef>tLevel</typeRef></itemComponent></itemDefinition>'
)


def test_the_types_of_the_file_tell_what_an_input_can_be() -> None:
    made = Made([In("case.level")], rules('"gold"'), types=LEVELS, requires=[("case", "tCase")])
    (gap,) = made.findings()
    assert gap.example == {"case.level": '"silver"'}
    closed = Made([In("case.level")], rules('"gold"', '"silver"'), types=LEVELS, requires=[("case", "tCase")])
    assert closed.findings() == []


def test_inputs_made_of_the_same_data_are_not_blamed_for_what_cannot_occur() -> None:
    made = Made([In("x"), In("x > 100")], rules("<= 100 | false", "> 100 | true"))
    found = told(made, "table-gap")
    assert found and all(one.severity == "note" and "read the same data" in one.message for one in found)


@pytest.mark.parametrize("cell", ['starts with(string(?), "a")', "other", "? > 5", "> other", "[1..other]"])
def test_nothing_is_claimed_of_a_cell_that_only_an_evaluation_can_decide(cell: str) -> None:
    (found,) = Made(X, rules(cell, "< 5", "> 3"), "FIRST").findings()[:1] or [None]
    assert found is None
    (open_,) = Made(X, rules("< 5", cell)).findings()
    assert (open_.code, open_.severity) == ("table-unchecked", "note")
    assert "rule 2" in open_.message


def test_tables_inside_functions_and_contexts_are_checked_too() -> None:
    table = (
        '<decisionTable id="inner"><input><inputExpression><text>n</text></inputExpression></input><output name="o"/>'
        '<rule id="r"><inputEntry><text>&lt; 5</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>'
        "</decisionTable>"
    )
    logic = f'<encapsulatedLogic><formalParameter name="n" typeRef="number"/>{table}</encapsulatedLogic>'
    entry = '<contextEntry><variable name="n"/><literalExpression><text>1</text></literalExpression></contextEntry>'
    content = (
        f'<definitions xmlns="{NAMESPACE}" name="d" namespace="n">'
        f'<businessKnowledgeModel id="rate" name="rate">{logic}</businessKnowledgeModel>'
        f'<decision id="d1" name="d1"><context>{entry}<contextEntry>{table}</contextEntry></context></decision>'
        "</definitions>"
    )
    model = read_decisions(content.encode(), "f.dmn")
    assert [(one.decision_id, one.element_id, one.code) for one in verify(model)] == [
        ("rate", "inner", "table-gap"),
        ("d1", "inner", "table-gap"),
    ]
    assert [one.decision_id for one in verify(model, "d1")] == ["d1"]


def test_a_table_without_rules_or_inputs_is_judged() -> None:
    assert [one.code for one in Made([], []).findings()] == ["table-gap"]
    assert Made([], [([], ["1"])]).findings() == []
    assert [one.code for one in Made([], [([], ["1"]), ([], ["2"])]).findings()] == ["table-overlap"]


# -- bounds ---------------------------------------------------------------------------------------------------------


def test_a_check_stops_when_its_effort_is_spent_and_says_so() -> None:
    cells = [f"[{n * 7 % 50}..{n * 7 % 50 + 20}] | [{n * 11 % 50}..{n * 11 % 50 + 20}]" for n in range(60)]
    effort = Effort(steps=500)
    found = Made([In("x"), In("y")], rules(*cells)).findings(effort)
    assert found[-1].code == "table-unchecked"
    assert "too large" in found[-1].message and "过大" in found[-1].message_zh
    assert effort.steps <= 500


def test_one_purse_serves_small_tables_before_large_ones() -> None:
    wide = [
        f"[{n * 7 % 997}..{n * 7 % 997 + 300}] | [{n * 11 % 997}..{n * 11 % 997 + 300}]" for n in range(80)
    ]
    large = Made([In("x"), In("y")], rules(*wide)).file().decode().replace("verdict", "large")
    small = Made(X, rules("< 5")).file().decode()
    both = large.replace("</definitions>", small[small.index("<decision id") :])
    model = read_decisions(both.encode(), "two.dmn")
    found = [(one.decision_id, one.code) for one in verify(model, effort=Effort(steps=3_000))]
    assert ("verdict", "table-gap") in found
    assert ("large", "table-unchecked") in found and ("verdict", "table-unchecked") not in found


@pytest.mark.parametrize(
    "made",
    [
        Made([In(f"x{n}") for n in range(300)], rules(*["|".join(["> 1"] * 300)] * 3)),
        Made(X, rules(*[",".join(str(n) for n in range(2_000))] * 10)),
        Made(X, rules(*["> 1"] * 1_500)),
        Made(
            [In(f"b{n}") for n in range(60)],
            rules(*["|".join("true" if n == m else "-" for m in range(60)) for n in range(60)]),
        ),
    ],
    ids=["300 inputs", "long lists", "1,500 times the same", "a diagonal"],
)
def test_a_table_made_to_be_expensive_ends(made: Made) -> None:
    effort = Effort()
    assert verify(made.model(), effort=effort)
    assert effort.steps >= 0


def test_kinds_of_values_are_named_in_the_readers_language() -> None:
    made = Made(
        [In("age", "number")],
        [(["true"], ["true"])],
        outputs=[Out(type="number")],
        requires=[("age", "number")],
    )
    said = [one.message_zh for one in made.findings()]
    assert any("true 是布尔值，而该列输入是数字，永远不会匹配" in one for one in said), said
    assert any("true 是布尔值，而该输出是数字，结果将为空（null）" in one for one in said), said
    assert any("“age”中任何值都不满足" in one for one in said), said
