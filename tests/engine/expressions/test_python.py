"""A diagram written for SpiffWorkflow brings Python; what has a twin in FEEL becomes it, and nothing is ever run."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.feel import ExpressionError, Scope, compile_expression
from engine.expressions.feel.python import translate


@pytest.mark.parametrize(
    ("written", "feel"),
    [
        ("approved == True", "approved = true"),
        ("not approved and count >= 3", "not(approved) and (count >= 3)"),
        ("a or b and c", "a or (b and c)"),
        ("x != 'it\\'s'", 'x != "it\'s"'),
        ('data["status"] == "done"', 'get value(data, "status") = "done"'),
        ("data.get('status') is None", 'get value(data, "status") = null'),
        ("rows[0].name", "rows[1].name"),
        ("x in ['a', 'b']", 'list contains(["a", "b"], x)'),
        ("1.50 * (a - 2) / -b", "(1.5 * (a - 2)) / -b"),
        ("0.0000001", "0.0000001"),
        ("a if b else {'k': [1, None]}", 'if b then a else {"k": [1, null]}'),
        ("timedelta(hours=1)", 'duration("PT1H")'),
        ("timedelta(weeks=2)", 'duration("P14D")'),
        ("timedelta(seconds=.25)", 'duration("PT0.25S")'),
        ("abs(a % 2)", "abs(modulo(a, 2))"),
    ],
)
def test_an_expression_with_a_twin_becomes_it(written: str, feel: str) -> None:
    assert translate(written) == feel
    compile_expression(feel)


@pytest.mark.parametrize(
    ("written", "data"),
    [
        ("a == 1 and not (b or c)", {"a": 1, "b": False, "c": False}),
        ("a - (b - c) == 5 - (3 - 1)", {"a": 5, "b": 3, "c": 1}),
        ("a - b - c", {"a": 5, "b": 3, "c": 1}),
        ("x in name", {"x": "ell", "name": "hello"}),
        ("x not in names", {"x": "ell", "names": ["hello"]}),
        ("len(name) + len(names)", {"name": "abc", "names": [1, 2]}),
        ("names[1] if len(names) > 1 else 'none'", {"names": ["a", "b"]}),
        ("-a * 2 < 3 - 1", {"a": 4}),
        ("'{' + name + '}'", {"name": "abc"}),
    ],
)
def test_the_twin_has_the_value_python_gives(written: str, data: dict[str, Any]) -> None:
    found = compile_expression(translate(written)).evaluate(Scope(variables=data))
    assert found.value == eval(written, {}, dict(data))


@pytest.mark.parametrize(
    "written",
    [
        "", "a = 1", "a; b", "__import__('os')", "open('x')", "().__class__", "a.__class__", "f'{a}'", "lambda: 1", "[x for x in y]",
        "a < b < c", "a is b", "x[-1:]", "'%s' % a", "a ** b", "b'x'", "1j", "1e400", "timedelta(hours=x)", "a.get(b)", "a b",
        "a\0", "(" * 500 + "1" + ")" * 500, "-" * 1999 + "1", "not " * 400 + "a", "len(" * 20 + "a" + ")" * 20, "a" * 2001,
        "await a", "(a := 1)", "*a", "if_else(1)", "xs[-1]",
    ],
)  # fmt: skip
def test_anything_else_has_no_twin(written: str) -> None:
    with pytest.raises(ExpressionError):
        translate(written)
