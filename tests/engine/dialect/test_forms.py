"""A form that cannot be filled in properly is refused before anybody sees it."""

from __future__ import annotations

import json
import re

import pytest

from engine.dialect.read.data.forms import field_keys


def form(*components, **more):
    return json.dumps({"type": "default", "components": list(components), **more}).encode()


TEXT = {"type": "textfield", "key": "answer", "label": "答复"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "form-not-json"),
        (b"\xff\xfe", "form-not-json"),
        (b"[" * 100_000, "form-not-json"),
        (b"[]", "not-a-form"),
        (b'{"type": "other", "components": []}', "not-a-form"),
        (b'{"type": "default"}', "not-a-form"),
        (form(id=3), "bad-form-id"),
        (form("text"), "bad-component"),
        (form({"type": "textfield"}), "component-without-key"),
        (form({"type": "textfield", "key": "__builtins__"}), "bad-component-key"),
        (form({"type": "textfield", "key": "a b"}), "bad-component-key"),
        (form({"type": "select", "key": "level"}), "component-without-options"),
        (form({"type": "select", "key": "level", "values": ["a"]}), "component-without-options"),
        (form({"type": "dynamiclist", "components": [TEXT]}), "bad-component-path"),
        (form({**TEXT, "validate": {"pattern": "("}}), "bad-pattern"),
        (form({**TEXT, "conditional": {"hide": "=(1"}}), "bad-expression"),
    ],
)
def test_a_form_that_is_wrong_is_refused_with_its_file(gate, codes_of, content, code):
    outcome = gate(x__form=content)
    assert codes_of(outcome) == [code]
    assert outcome.errors[0].file == "x.form"


def test_an_unknown_component_and_a_repeated_key_are_warnings(gate, codes_of):
    outcome = gate(x__form=form({"type": "hologram"}, TEXT, TEXT))
    assert codes_of(outcome) == []
    assert sorted(codes_of(outcome, "warning")) == ["component-key-twice", "unknown-component"]


def test_all_mistakes_of_a_form_are_reported_together(gate, codes_of):
    outcome = gate(
        x__form=form({"type": "number"}, {"type": "radio", "key": "r"}, {"type": "group", "components": [3]})
    )
    assert sorted(codes_of(outcome)) == [
        "bad-component",
        "component-without-key",
        "component-without-options",
    ]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b'{"type": "default",\n  "components": [', "第 2 行第 "),
        (b'{"a": NaN}', "第 1 行第 "),
        (b"\xff\xfe", "不是 UTF-8"),
    ],
)
def test_where_a_form_is_no_json_is_said_in_chinese_too(gate, content, where):
    [finding] = [one for one in gate(a__form=content).findings if one.code == "form-not-json"]
    assert where in finding.message_zh
    assert not re.search(r"[a-z]{4,}", finding.message_zh.replace("a.form", "").lower().replace("json", ""))


def test_a_form_is_known_by_its_id_or_else_its_file_name(gate):
    outcome = gate(**{"a__form": form(TEXT, id="review"), "forms/b__form": form(TEXT)})
    assert outcome.form_files == {"review": "a.form", "b": "forms/b.form"}
    assert outcome.forms["review"]["components"] == [TEXT]


def test_two_forms_with_one_key_are_refused(gate, codes_of):
    assert codes_of(gate(a__form=form(id="x"), b__form=form(id="x"))) == ["duplicate-form"]


def test_the_keys_of_groups_and_lists_are_dotted_paths():
    found = field_keys(
        json.loads(
            form(
                TEXT,
                {"type": "group", "path": "customer", "components": [{"type": "textfield", "key": "name"}]},
                {"type": "group", "components": [{"type": "number", "key": "score"}]},
                {"type": "dynamiclist", "path": "units", "components": [TEXT]},
                {"type": "text", "text": "hello"},
            )
        )
    )
    assert found == {"answer", "customer.name", "score", "units"}
