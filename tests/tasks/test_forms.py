"""What a person sends is checked on the server, all mistakes at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidInput
from tasks.forms import AnswersRefused, compile_form

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OPTIONS = [{"label": "甲", "value": "a"}, {"label": "乙", "value": "b"}]


def form(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": "default", "id": "f", "components": list(components)}


def check(schema: dict[str, Any], answers: Any, **context: Any) -> dict[str, Any]:
    return compile_form(schema).check(answers, now=NOW, context=context)


def problems(schema: dict[str, Any], answers: Any) -> dict[str, str]:
    with pytest.raises(AnswersRefused) as refused:
        check(schema, answers)
    return {problem.path: problem.message for problem in refused.value.problems}


def test_every_declared_field_is_present_and_null_when_left_empty() -> None:
    schema = form(
        {"type": "textfield", "key": "a"},
        {"type": "textfield", "key": "who.name"},
        {"type": "text", "text": "only shown"},
        {"type": "checkbox", "key": "c"},
        {"type": "dynamiclist", "path": "rows", "components": [{"type": "number", "key": "n"}]},
    )
    assert check(schema, {}) == {"a": None, "who": {"name": None}, "c": None, "rows": None}
    assert check(schema, {"a": "  ", "rows": [{}]})["rows"] == [{"n": None}]


def test_wrong_types_missing_answers_and_unknown_fields_are_all_named_at_once() -> None:
    schema = form(
        {"type": "textfield", "key": "name", "validate": {"required": True}},
        {"type": "number", "key": "n"},
        {"type": "checkbox", "key": "agreed", "validate": {"required": True}},
        {"type": "select", "key": "s", "values": OPTIONS},
        {"type": "checklist", "key": "many", "values": OPTIONS},
        {"type": "datetime", "key": "on", "subtype": "date"},
        {"type": "textfield", "key": "x.y"},
    )
    found = problems(
        schema,
        {"n": True, "agreed": False, "s": "c", "many": ["a", "a", "z"], "on": "2026-02-30", "x": 3, "zz": 1},
    )
    assert found == {
        "name": "is required",
        "n": "must be a number, not true or false",
        "agreed": "must be ticked",
        "s": "has no option 'c'",
        "many[1]": "is chosen twice",
        "many[2]": "has no option 'z'",
        "on": "must be a date such as 2026-03-02",
        "x": "must be an object",
        "zz": "is not a field of this form",
    }


@pytest.mark.parametrize(
    ("component", "good", "bad"),
    [
        (
            {"type": "textfield", "validate": {"minLength": 2, "maxLength": 3}},
            ["ab", "abc"],
            ["a", "abcd", 7],
        ),
        ({"type": "textfield", "validate": {"pattern": r"^1\d{10}$"}}, ["13800000000"], ["1380000000a"]),
        ({"type": "textfield", "validate": {"validationType": "email"}}, ["a@b.cn"], ["a@b", "a b@c.d"]),
        (
            {"type": "textfield", "validate": {"validationType": "phone"}},
            ["+8613800000000", "0371-65000000"],
            ["abc"],
        ),
        ({"type": "number", "validate": {"min": 0, "max": 10}}, [0, 10, 2.5], [-1, 11, "3", 1e300]),
        ({"type": "number", "decimalDigits": 1}, [0.1, 3], [0.15]),
        (
            {"type": "number", "serializeToString": True, "validate": {"min": 1}},
            ["1", "2.5"],
            ["0", "x", "nan"],
        ),
        ({"type": "select", "values": [{"value": 1}, {"value": True}]}, [1, True], [False, "1", None]),
        ({"type": "radio", "values": OPTIONS}, ["a"], ["甲", ["a"], {"value": "a"}]),
        ({"type": "taglist", "values": OPTIONS}, [["a", "b"]], ["a", [["a"]]]),
        ({"type": "datetime", "subtype": "datetime"}, ["2026-03-02T09:00:00+08:00"], ["2026-03-02T25:00", 7]),
        ({"type": "datetime", "subtype": "time"}, ["09:00", "09:00+08:00"], ["9"]),
        (
            {"type": "datetime", "subtype": "date", "disallowPassedDates": True},
            ["2026-03-02"],
            ["2026-03-01"],
        ),
        (
            {"type": "datetime", "subtype": "date", "properties": {"date.latest": "today"}},
            ["2026-03-02", "2025-01-01"],
            ["2026-03-03", "9999-12-31"],
        ),
        ({"type": "textarea"}, ["长" * 20_000], ["长" * 20_001, "a\x00"]),
    ],
)
def test_each_kind_of_field_takes_what_it_should_and_nothing_else(
    component: dict[str, Any], good: list[Any], bad: list[Any]
) -> None:
    schema = form({"key": "f", **component})
    for value in good:
        assert check(schema, {"f": value}) == {"f": value}
    for value in bad:
        if value is not None:
            assert set(problems(schema, {"f": value})) <= {"f", "f[0]"}


def test_a_bound_is_told_as_people_write_it() -> None:
    schema = form({"type": "number", "key": "f", "validate": {"min": 0.01, "max": 1_000_000}})
    assert problems(schema, {"f": 1_000_001}) == {"f": "must be at most 1000000"}
    assert problems(schema, {"f": 0}) == {"f": "must be at least 0.01"}


def test_what_is_hidden_is_neither_required_nor_taken() -> None:
    schema = form(
        {"type": "radio", "key": "kind", "values": OPTIONS},
        {
            "type": "group",
            "conditional": {"hide": '=kind != "b"'},
            "path": "details",
            "components": [{"type": "textfield", "key": "why", "validate": {"required": True}}],
        },
    )
    assert check(schema, {"kind": "a"}) == {"kind": "a", "details": {"why": None}}
    assert check(schema, {"kind": "a", "details": {"why": ""}})["details"] == {"why": None}
    assert problems(schema, {"kind": "a", "details": {"why": "x"}}) == {
        "details.why": "is not asked in this situation"
    }
    assert problems(schema, {"kind": "b"}) == {"details.why": "is required"}


def test_rows_of_a_repeated_block_are_checked_one_by_one() -> None:
    schema = form(
        {
            "type": "dynamiclist",
            "path": "visits",
            "components": [
                {"type": "textfield", "key": "place", "validate": {"required": True}},
                {"type": "textfield", "key": "why", "conditional": {"hide": '=this.place = "home"'}},
            ],
        }
    )
    good = {"visits": [{"place": "home"}, {"place": "shop", "why": "bill"}]}
    assert check(schema, good)["visits"][0] == {"place": "home", "why": None}
    assert problems(schema, {"visits": [{"place": ""}, 3, {"place": "x", "z": 1}]}) == {
        "visits[0].place": "is required",
        "visits[1]": "must be an object, not a number",
        "visits[2].z": "is not a field of this form",
    }
    assert "visits" in problems(schema, {"visits": [{"place": "x"}] * 201})


def test_options_may_come_from_the_case_or_an_expression() -> None:
    assert check(form({"type": "select", "key": "s", "valuesKey": "units"}), {"s": "x"}, units=["x"]) == {
        "s": "x"
    }
    schema = form({"type": "select", "key": "s", "valuesExpression": "=case.units"})
    assert check(schema, {"s": "y"}, case={"units": ["y"]}) == {"s": "y"}


def test_what_the_form_computes_is_computed_here() -> None:
    schema = form(
        {"type": "number", "key": "a"}, {"type": "expression", "key": "twice", "expression": "=a * 2"}
    )
    assert check(schema, {"a": 4, "twice": 99}) == {"a": 4, "twice": 8}


def test_read_only_fields_are_shown_and_never_taken() -> None:
    schema = form({"type": "textfield", "key": "a", "readonly": True}, {"type": "textfield", "key": "b"})
    assert check(schema, {"a": "forged", "b": "x"}) == {"a": None, "b": "x"}


@pytest.mark.parametrize("name", ["__proto__", "__class__", "constructor", "a.__b__", "case.x", "clock"])
def test_no_form_may_declare_a_reserved_name(name: str) -> None:
    with pytest.raises(InvalidInput, match="reserved"):
        compile_form(form({"type": "textfield", "key": name}))


def test_nobody_may_send_a_reserved_name() -> None:
    assert problems(form(), {"__proto__": {}}) == {"__proto__": "has a reserved name"}


@pytest.mark.parametrize(
    "component",
    [
        {"type": "hologram", "key": "a"},
        {"type": "textfield"},
        {"type": "select", "key": "a"},
        {"type": "textfield", "key": "a", "validate": {"pattern": "("}},
        {"type": "textfield", "key": "a", "conditional": {"hide": "=a =="}},
    ],
)
def test_a_form_that_cannot_be_checked_is_refused(component: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        compile_form(form(component))


def test_a_pattern_that_never_ends_is_stopped() -> None:
    schema = form({"type": "textfield", "key": "a", "validate": {"pattern": r"^(\w+\s?)*$"}})
    assert set(problems(schema, {"a": "a" * 60 + "!"})) == {"a"}


def test_a_very_large_answer_is_refused() -> None:
    assert set(problems(form({"type": "textfield", "key": "a"}), {"a": "x" * 300_000})) == {""}


def test_answers_that_are_no_object_are_refused() -> None:
    wrong: list[Any] = [[], "x", 3, None]
    for answers in wrong:
        assert set(problems(form(), answers)) == {""}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
EVERYTHING = form(
    {"type": "textfield", "key": "t", "validate": {"required": True}},
    {"type": "number", "key": "n.m"},
    {"type": "checkbox", "key": "c"},
    {"type": "select", "key": "s", "values": OPTIONS, "conditional": {"hide": "=n.m > 3"}},
    {"type": "checklist", "key": "l", "values": OPTIONS},
    {"type": "datetime", "key": "d", "subtype": "datetime"},
    {"type": "dynamiclist", "path": "rows", "components": [{"type": "textfield", "key": "x"}]},
)


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(["t", "n", "c", "s", "l", "d", "rows", "zz"]), JSON, max_size=8))
def test_any_json_at_all_is_either_taken_whole_or_refused_with_reasons(answers: dict[str, Any]) -> None:
    try:
        clean = check(EVERYTHING, answers)
    except AnswersRefused:
        return
    assert set(clean) == {"t", "n", "c", "s", "l", "d", "rows"}
    assert isinstance(clean["t"], str)
