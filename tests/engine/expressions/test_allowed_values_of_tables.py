"""The values a table lists for a column are all there are: what lies outside makes the result null, and says where."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.dmn import DecisionOutcome
from tests.engine.expressions.tables import decision, read, table


def decide(inputs: str, outputs: str, policy: str, *results: str, **given: Any) -> DecisionOutcome:
    """A table whose rules all match, with the values listed for its one input and its one output."""
    text = table(["level"], [(["-"], result) for result in results], policy=policy)
    if inputs:
        text = text.replace("</input>", f"<inputValues><text>{inputs}</text></inputValues></input>")
    if outputs:
        text = text.replace(
            '<output name="y"/>',
            f'<output name="y"><outputValues><text>{outputs}</text></outputValues></output>',
        )
    return read(decision("d", text)).evaluate("d", given)


@pytest.mark.parametrize(
    ("inputs", "level", "found"),
    [
        ('"gold", "iron"', "iron", 1),
        ('"gold", "iron"', "tin", None),
        ('"gold", "iron"', None, 1),
        ("> 3", 4, 1),
        ("> 3", 3, None),
        ("> 3", "4", None),
        ('"gold", null', None, 1),
    ],
)
def test_an_input_outside_its_values_matches_no_rule(inputs: str, level: Any, found: Any) -> None:
    outcome = decide(inputs.replace(">", "&gt;"), "", "FIRST", "1", level=level)
    assert outcome.outputs == found
    if found is None:
        (warning,) = [one for one in outcome.warnings if "allowed values" in one.message]
        assert warning.place is not None and (warning.place.row, warning.place.column) == (0, "level")


@pytest.mark.parametrize(
    ("policy", "results", "found", "row"),
    [
        ("FIRST", ["1", "5"], 1, 0),
        ("FIRST", ["5", "1"], None, 1),
        ("PRIORITY", ["2", "1"], 1, 0),
        ("PRIORITY", ["5", "2"], 2, 0),
        ("PRIORITY", ["5", "6"], None, 1),
        ("OUTPUT ORDER", ["2", "1", "2"], [1, 2, 2], 0),
        ("OUTPUT ORDER", ["null"], None, 1),
        ("COLLECT+SUM", ["2", "2", "1"], 5, 0),
        ("COLLECT+COUNT", ["2", "2", "1"], 3, 0),
        ("COLLECT", ["2", '"text"'], None, 2),
    ],
)
def test_an_output_outside_its_values_is_no_result(
    policy: str, results: list[str], found: Any, row: int
) -> None:
    outcome = decide("", "1, 2", policy, *results, level="x")
    assert outcome.outputs == found
    assert [one.place and (one.place.row, one.place.column) for one in outcome.warnings] == (
        [(row, "y")] if row else []
    )
    assert not row or "不在允许的取值之内" in outcome.warnings[0].message_zh


LEVELS = (
    '<itemDefinition name="tLevel"><typeRef>string</typeRef>'
    '<allowedValues><text>"high","middle","low"</text></allowedValues></itemDefinition>'
    '<itemDefinition name="tLevels" isCollection="true"><typeRef>tLevel</typeRef></itemDefinition>'
    '<itemDefinition name="tBoth"><itemComponent name="y"><typeRef>tLevel</typeRef></itemComponent></itemDefinition>'
)


@pytest.mark.parametrize(
    ("policy", "decision_type", "column", "found"),
    [
        ("PRIORITY", "", '<output name="y" typeRef="tLevel"/>', "high"),
        ("PRIORITY", "tLevel", '<output name="y"/>', "high"),
        ("OUTPUT ORDER", "tLevels", '<output name="y"/>', ["high", "middle", "low"]),
        ("PRIORITY", "tBoth", '<output name="y"/><output name="z"/>', {"y": "high", "z": None}),
        # The column's own list has the word where there is one.
        (
            "PRIORITY",
            "tLevel",
            '<output name="y"><outputValues><text>"low","middle","high"</text></outputValues></output>',
            "low",
        ),
        ("FIRST", "tLevel", '<output name="y"/>', "low"),
    ],
)
def test_the_values_of_a_type_order_outputs_whose_column_lists_none(
    policy: str, decision_type: str, column: str, found: Any
) -> None:
    made = table(["1"], [(["-"], '"low"'), (["-"], '"high"'), (["-"], '"middle"')], policy=policy)
    made = made.replace('<output name="y"/>', column)
    if "z" in column:
        made = made.replace("</outputEntry>", "</outputEntry><outputEntry><text>null</text></outputEntry>")
    typed = decision("D", made).replace(
        "<variable ", f'<variable typeRef="{decision_type}" ' if decision_type else "<variable "
    )
    model = read(LEVELS, typed)
    assert not model.findings
    assert model.evaluate("D", {}).outputs == found
