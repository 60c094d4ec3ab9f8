"""An author writes an expression and gets the value the standard promises."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.expressions.feel import Scope, compile_expression, to_plain

CASE = {
    "case": {
        "level": "urgent",
        "amount": 150,
        "vip": False,
        "customer": {"name": "李雷", "age": 70},
        "contacts": [
            {"kind": "phone", "days ago": 1, "answered": True},
            {"kind": "mail", "days ago": 5, "answered": False},
        ],
        "ratio": 0.1,
        "filed": "2026-01-30",
    },
    "order total": 12,
    "a-b": 7,
    "a": 5,
    "b": 3,
    "空的": None,
    "客户级别": "金",
}


def value(text: str, **options: Any) -> Any:
    scope = Scope(CASE, now=lambda: datetime(2026, 1, 31, 17, 30, tzinfo=UTC))
    return to_plain(
        compile_expression(text, names=["order total", "days ago"], **options).evaluate(scope).value
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 2 - 3", 5),
        ("2 ** 3 ** 2", 64),
        ("-1 instance of number", True),
        ("3 -1", 2),
        ("[1 -1, -2]", [0, -2]),
        ("-[1, 2][2]", -2),
        ("-2 ** 2", 4),
        ("7 / 2", 3.5),
        ("0.1 + 0.2 = 0.3", True),
        ("case.ratio * 3 = 0.3", True),
        (".5 + 1e2", 100.5),
        ('"a" + "b"', "ab"),
        ("order total * 2", 24),
        ("a-b", 2),
        ("客户级别", "金"),
        ('"\\u4e2d\\n\\"x\\""', '中\n"x"'),
        ("case.customer.age >= 60 and not(case.vip)", True),
        ("case.amount between 100 and 200", True),
        ("case.amount in [100..200)", True),
        ('case.level in ("urgent", "high")', True),
        ("5 in (< 3, > 4)", True),
        ("5 in ]5..7]", False),
        ("5 in (function(x) [x..9])(5)", True),
        ("5 in (1) + 4", True),
        ("5 in (1..5].end * 1", True),
        ("count([1] /* not: a name */)", 1),
        ('5 in range("(..9]")', True),
        ("1 = 1 and 2 between 1 and 3 and 4 in [4]", True),
        ('if case.amount > 100 then "big" else "small"', "big"),
        ("if null then 1 else 2", 2),
        ("[1, 2, 3][2]", 2),
        ("[1, 2, 3][-1]", 3),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("case.contacts[answered].kind", ["phone"]),
        ("case.contacts[days ago > 2].kind", ["mail"]),
        ("case.contacts.kind", ["phone", "mail"]),
        ("count(case.contacts[not(answered)])", 1),
        ("for i in 1..3 return i * i", [1, 4, 9]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for x in [1, 2], y in [10, 20] return x + y", [11, 21, 12, 22]),
        ("for i in 1..5 return if i < 3 then 1 else partial[-1] + partial[-2]", [1, 1, 2, 3, 5]),
        ("for i in 1..3 return partial", [[], [[]], [[], [[]]]]),
        ("for i in 1..3 return sum(append(partial, i))", [1, 3, 7]),
        ("some c in case.contacts satisfies c.answered", True),
        ("every c in case.contacts satisfies c.answered", False),
        ("{a: 1, b: a + 1, 中文 键: b * 2}.中文 键", 4),
        ('{"a b": 1}', {"a b": 1}),
        ("(function(x: number, y) x + y)(1, 2)", 3),
        ("{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(10)}.r", 3628800),
        ("sort([3, 1, 2], function(x, y) x > y)", [3, 2, 1]),
        ('substring(start position: 3, string: "foobar")', "obar"),
        ("1 instance of number", True),
        ("[1, 2] instance of list<number>", True),
        ("{a: 1} instance of context<a: string>", False),
        ("null instance of number", False),
        ("2 + /* two */ 3 // done", 5),
        ('@"2026-01-31" + @"P1M"', "2026-02-28"),
        ('date(case.filed) < date("2026-02-01")', True),
        ('string(@"P1DT2H")', "P1DT2H"),
        ("[1..10].end", 10),
        ("today()", "2026-02-01"),
        ("now()", "2026-02-01T01:30:00@Asia/Shanghai"),
    ],
)
def test_the_value_is_what_the_standard_says(text: str, expected: Any) -> None:
    found = value(text)
    if text == "now()":
        assert found == "2026-02-01T01:30:00+08:00"
    else:
        assert found == expected
        assert type(found) is type(expected)


def test_a_name_with_a_minus_sign_is_one_name_where_it_is_known() -> None:
    compiled = compile_expression("a-b + 1", names=["a-b"])
    assert compiled.evaluate(Scope(CASE)).value == 8
    assert compiled.names == {"a-b"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true and null", None),
        ("false and null", False),
        ("true or null", True),
        ("false or null", None),
        ("null = null", True),
        ("1 = null", False),
        ('1 = "1"', None),
        ('1 < "2"', None),
        ("1 + null", None),
        ('"a" + 1', None),
        ("1 / 0", None),
        ("[1][5]", None),
        ("null.name", None),
        ("5 in null", None),
        ("null[item > 1]", None),
        ('date("2026-02-30")', None),
        ('number("x")', None),
        ("abs(null)", None),
        ('-"a"', None),
    ],
)
def test_what_has_no_value_is_null_and_says_why(text: str, expected: Any) -> None:
    found = compile_expression(text).evaluate(Scope())
    assert found.value is expected
    if expected is None and "and" not in text and "or" not in text and "in null" not in text:
        assert found.warnings


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nobody", "unknown-name"),
        ("case.nothing", "missing-entry"),
        ("case.contacts[7]", "no-item"),
        ("duo(1)", "unknown-name"),
        ("1 + null", "null-operand"),
        ('1 + "a"', "type-mismatch"),
        ('date("yesterday")', "function-error"),
    ],
)
def test_a_warning_has_a_stable_code(text: str, code: str) -> None:
    found = compile_expression(text).evaluate(Scope(CASE))
    assert found.value is None
    assert code in [warning.code for warning in found.warnings]


def test_the_variables_an_expression_reads_are_known_before_it_runs() -> None:
    compiled = compile_expression(
        "case.customer.age > limit and form.review.ok and count(case.contacts[answered]) > 0"
    )
    assert compiled.names == {"case", "limit", "form"}
    assert compiled.paths == {"case.customer.age", "limit", "form.review.ok", "case.contacts"}


def test_local_names_are_not_read_from_outside() -> None:
    compiled = compile_expression("{x: 1, y: for i in [x] return i}.y[item > z]")
    assert compiled.names == frozenset()


def test_a_function_of_the_host_is_called_with_its_context() -> None:
    def due(context: Scope, policy: str) -> datetime:
        assert policy == "R01.audit"
        return context.now()

    scope = Scope({}, lambda: datetime(2026, 1, 31, tzinfo=UTC), {"due": due})
    compiled = compile_expression('due("R01.audit") + @"P1D"')
    assert compiled.calls == {"due"}
    assert compiled.names == compiled.paths == frozenset()
    assert to_plain(compiled.evaluate(scope).value) == "2026-02-01T00:00:00Z"


def test_a_function_of_the_host_that_fails_is_null_with_a_warning() -> None:
    def due(context: Scope, policy: str) -> datetime:
        raise ValueError("no such policy")

    found = compile_expression('due("x")').evaluate(Scope({}, functions={"due": due}))
    assert found.value is None
    assert found.warnings[0].code == "function-error"
    assert "no such policy" in found.warnings[0].message


def test_the_instant_does_not_change_during_one_evaluation() -> None:
    ticks = iter(range(100))
    scope = Scope({}, lambda: datetime(2026, 1, 1, 0, 0, next(ticks), tzinfo=UTC))
    assert compile_expression("now() = now()").evaluate(scope).value is True


def test_a_variable_called_like_a_function_does_not_take_it_away() -> None:
    compiled = compile_expression('date("2026-01-31") > date(date)', names=["date"])
    assert compiled.evaluate(Scope({"date": "2026-01-30"})).value is True


def test_without_a_clock_there_is_no_now() -> None:
    found = compile_expression("now()").evaluate(Scope())
    assert found.value is None
    assert found.warnings[0].code == "function-error"


def test_numbers_keep_34_digits() -> None:
    found = compile_expression("1 / 3").evaluate(Scope())
    assert found.value == Decimal("0.3333333333333333333333333333333333")
