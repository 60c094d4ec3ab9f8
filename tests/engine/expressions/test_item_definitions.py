"""A decision file declares types, and every value that enters or leaves a decision is one of them."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import pytest

from engine.expressions.dmn import DecisionModel
from engine.expressions.feel import to_plain
from tests.engine.expressions.tables import literal, read


def item(name: str, inner: str = "", *, of: str = "", many: bool = False, tag: str = "itemDefinition") -> str:
    ref = f"<typeRef>{escape(of)}</typeRef>" if of else ""
    return f'<{tag} name="{name}"{" isCollection=" + chr(34) + "true" + chr(34) if many else ""}>{ref}{inner}</{tag}>'


def part(name: str, inner: str = "", *, of: str = "", many: bool = False) -> str:
    return item(name, inner, of=of, many=many, tag="itemComponent")


def allowed(text: str, tag: str = "allowedValues") -> str:
    return f"<{tag}><text>{escape(text)}</text></{tag}>"


def constraint(text: str) -> str:
    return allowed(text, "typeConstraint")


def asking(type_name: str, *items: str) -> DecisionModel:
    """A decision "in" that is typed by its input, and a decision "out" that is typed itself."""
    needs = '<informationRequirement><requiredInput href="#{}"/></informationRequirement>'
    return read(
        *items,
        f'<inputData id="x" name="x"><variable name="x" typeRef="{type_name}"/></inputData>',
        '<inputData id="z" name="z"><variable name="z"/></inputData>',
        f'<decision id="in" name="in"><variable name="in"/>{needs.format("x")}{literal("x")}</decision>',
        f'<decision id="out" name="out"><variable name="out" typeRef="{type_name}"/>{needs.format("z")}'
        f"{literal('z')}</decision>",
    )


AGE = item("age", allowed("[0..150]"), of="number")
PERSON = item("person", part("name", of="string") + part("age", of="age"))
SPAN = item("span", part("from", of="number") + part("to", allowed("? >= from"), of="number"))


@pytest.mark.parametrize(
    ("type_name", "items", "value", "expected"),
    [
        ("number", (), 5, 5),
        ("number", (), "5", None),
        ("feel:number", (), 5, 5),
        # §10.3.2.9.4: to and from a list of one, and from a date to its midnight.
        ("number", (), [5], 5),
        ("number", (), [5, 6], None),
        ("number", (), ["5"], None),
        ("age", (AGE,), [151], None),
        ("ages", (AGE, item("ages", of="age", many=True)), 5, [5]),
        ("ages", (AGE, item("ages", of="age", many=True)), [5, 151], None),
        ("person", (AGE, PERSON), {"name": "Li", "age": 40}, {"name": "Li", "age": 40}),
        ("person", (AGE, PERSON), {"name": "Li", "age": 40, "more": 1}, {"name": "Li", "age": 40, "more": 1}),
        ("person", (AGE, PERSON), {"name": "Li", "age": 200}, None),
        ("person", (AGE, PERSON), {"name": "Li"}, None),
        ("person", (AGE, PERSON), {"name": "Li", "age": None}, {"name": "Li", "age": None}),
        # §7.3.3: allowed values may read the components beside theirs,
        ("span", (SPAN,), {"from": 2, "to": 3}, {"from": 2, "to": 3}),
        ("span", (SPAN,), {"from": 2, "to": 1}, None),
        ("span", (SPAN,), {"from": 2, "to": [3]}, {"from": 2, "to": 3}),
        # hold for each item of a collection, of which null is one only where they name it,
        ("few", (item("few", allowed("1, 2"), of="number", many=True),), [1, 2, 1], [1, 2, 1]),
        ("few", (item("few", allowed("1, 2"), of="number", many=True),), [1, None], None),
        ("few", (item("few", allowed("1, 2, null"), of="number", many=True),), [1, None], [1, None]),
        # while a type constraint is about the collection as a whole,
        ("pair", (item("pair", constraint("count(?) = 2"), of="number", many=True),), [1, 9], [1, 9]),
        ("pair", (item("pair", constraint("count(?) = 2"), of="number", many=True),), [1], None),
        # and both narrow what the type they are based on allows.
        ("young", (AGE, item("young", constraint("< 18"), of="age")), 17, 17),
        ("young", (AGE, item("young", constraint("< 18"), of="age")), -1, None),
        ("rising", (item("rising", part("a", of="number") + constraint("?.a > 0")),), {"a": 1}, {"a": 1}),
        ("rising", (item("rising", part("a", of="number") + constraint("?.a > 0")),), {"a": 0}, None),
        ("nested", (item("nested", part("in", part("c", allowed("< 3"), of="number"))),), {"in": {"c": 5}}, None),
    ],
)  # fmt: skip
def test_a_value_conforms_or_is_null(
    type_name: str, items: tuple[str, ...], value: Any, expected: Any
) -> None:
    model = asking(type_name, *items)
    assert to_plain(model.evaluate("in", {"x": value}).value) == expected
    assert to_plain(model.evaluate("out", {"z": value}).value) == expected


def test_a_value_that_does_not_conform_is_told() -> None:
    outcome = asking("age", AGE).evaluate("out", {"z": 151})
    assert [one.message for one in outcome.warnings] == ["A number is not of type age."]
