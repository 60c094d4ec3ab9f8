"""A script is a list of FEEL assignments, in one of two ways of writing."""

from __future__ import annotations

import pytest

from engine.dialect.read.nodes.scripts import ScriptError, split_script


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loop.round = loop.round + 1", [("loop.round", "loop.round + 1")]),
        ("a = 1\n\nb.c = a + 1;\n", [("a", "1"), ("b.c", "a + 1")]),
        ("a = if x = 1\n  then 2\n  else 3\nb = 4", [("a", "if x = 1\n  then 2\n  else 3"), ("b", "4")]),
        ("a = {\n  b = 1: 2,\n}\nc = [1,\n d = 2]", [("a", "{\n  b = 1: 2,\n}"), ("c", "[1,\n d = 2]")]),
        ('a = "x = 1 // no comment" // a comment\nb = 2', [("a", '"x = 1 // no comment"'), ("b", "2")]),
        ("/* two\nlines */ a = 1", [("a", "1")]),
        ("结论 = case.级别", [("结论", "case.级别")]),
        ('{"decision.level": "general", loop: {round: 1, b: [1, 2]}}',
         [("decision.level", '"general"'), ("loop", "{round: 1, b: [1, 2]}")]),
        ("= {a: 1,\n b.c: a + 1}", [("a", "1"), ("b.c", "a + 1")]),
        ('{a: "x, y: }"}', [("a", '"x, y: }"')]),
        ("", []),
    ],
)  # fmt: skip
def test_assignments_are_read_in_order(text, expected):
    assert [(s.target, s.expression) for s in split_script(text)] == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("just words", 0),
        ("a = 1\nb =", 1),
        ("a == 1", 0),
        ("{a: 1,, b: 2}", 0),
        ("{\na: 1,\nwords}", 1),
        ("{a: }", 0),
    ],
)
def test_what_is_no_assignment_is_refused_with_its_line(text, line):
    with pytest.raises(ScriptError) as caught:
        split_script(text)
    assert caught.value.line == line
    assert caught.value.zh


def test_a_line_knows_where_it_stands():
    assert [s.line for s in split_script("a = 1\n// note\nb = [\n1]\nc = 2")] == [0, 2, 4]
