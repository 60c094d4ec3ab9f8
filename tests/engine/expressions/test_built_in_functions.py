"""Every built-in function of the standard answers as its table says."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.feel import Scope, compile_expression, to_plain
from engine.expressions.feel.builtins import BUILTINS

ANSWERS: list[tuple[str, Any]] = [
    ('date("2012-12-25")', "2012-12-25"),
    ('date(date and time("2012-12-25T11:00:00Z"))', "2012-12-25"),
    ("date(2012, 12, 25)", "2012-12-25"),
    ('date and time("2012-12-24T23:59:00")', "2012-12-24T23:59:00"),
    ('date and time(date("2012-12-24"), time("23:59:00"))', "2012-12-24T23:59:00"),
    ('time("23:59:00z")', "23:59:00Z"),
    ('time(23, 59, 0, duration("-PT1H30M"))', "23:59:00-01:30"),
    ('time(date and time("2012-12-24T23:59:00.5+08:00"))', "23:59:00.5+08:00"),
    ('number("1 000,5", " ", ",")', 1000.5),
    ('number("1,000.0", ",", ".")', 1000),
    ('number("1.0.0", null, ".")', None),
    ("string(1.1)", "1.1"),
    ("string(null)", None),
    ('string([1, "a", null, {b: true}])', '[1, "a", null, {b: true}]'),
    ('duration("P20Y6M")', "P20Y6M"),
    ('duration("P2DT20H14M")', "P2DT20H14M"),
    ('years and months duration(date("2011-12-22"), date("2013-08-24"))', "P1Y8M"),
    ("not(true)", False),
    ("not(null)", None),
    ('substring("foobar", 3)', "obar"),
    ('substring("foobar", 3, 3)', "oba"),
    ('substring("foobar", -2, 1)', "a"),
    ('substring("\\U01F40Eab", 2)', "ab"),
    ('string length("\\U01F40Eab")', 3),
    ('upper case("aBc4")', "ABC4"),
    ('lower case("aBc4")', "abc4"),
    ('substring before("foobar", "bar")', "foo"),
    ('substring before("foobar", "xyz")', ""),
    ('substring after("foobar", "ob")', "ar"),
    ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
    ('contains("foobar", "of")', False),
    ('starts with("foobar", "fo")', True),
    ('ends with("foobar", "r")', True),
    ('matches("foobar", "^fo*b")', True),
    ('split("John Doe", "\\s")', ["John", "Doe"]),
    ('string join(["a", null, "c"], "_and_")', "a_and_c"),
    ('string join(["a", "b"])', "ab"),
    ("list contains([1, 2, null], null)", True),
    ("count([1, 2, 3])", 3),
    ("min(1, 2, 3)", 1),
    ('max(["a", "b"])', "b"),
    ("min([])", None),
    ('max(1, "a")', None),
    ("sum([1, 2, 3])", 6),
    ("sum([@\"PT1H\", @\"PT2H\"])", None),
    ("mean(1, 2, 3)", 2),
    ("all([false, null, true])", False),
    ("all([null, true])", None),
    ("any([false, null, true])", True),
    ("any([])", False),
    ("sublist([4, 5, 6], 1, 2)", [4, 5]),
    ("append([1], 2, 3)", [1, 2, 3]),
    ("concatenate([1, 2], [3])", [1, 2, 3]),
    ("insert before([1, 3], 2, 2)", [1, 2, 3]),
    ("remove([1, 2, 3], -1)", [1, 2]),
    ("list replace([2, 4, 7, 8], 3, 6)", [2, 4, 6, 8]),
    ("list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)", [5, 5, 7, 8]),
    ("reverse([1, 2, 3])", [3, 2, 1]),
    ("index of([1, 2, 3, 2], 2)", [2, 4]),
    ("union([1, 2], [2, 3])", [1, 2, 3]),
    ('distinct values([1, 1.0, "1", true, null, null, [1], [1.00]])', [1, "1", True, None, [1]]),
    ("flatten([[1, 2], [[3]], 4])", [1, 2, 3, 4]),
    ("product(2, 3, 4)", 24),
    ("median(6, 1, 2, 3)", 2.5),
    ("stddev(2, 4, 7, 5)", 2.0816659994661326),
    ("mode([6, 1, 9, 6, 1])", [1, 6]),
    ("decimal(1/3, 2)", 0.33),
    ("decimal(1.5, 0)", 2),
    ("decimal(2.5, 0)", 2),
    ("decimal(1256, -2)", 1300),
    ("floor(-1.56, 1)", -1.6),
    ("ceiling(1.5)", 2),
    ("round up(-5.5, 0)", -6),
    ("round down(-5.5, 0)", -5),
    ("round half up(5.5, 0)", 6),
    ("round half down(5.5, 0)", 5),
    ("abs(-10)", 10),
    ('abs(@"-PT5H")', "PT5H"),
    ("modulo(-12, 5)", 3),
    ("modulo(12, -5)", -3),
    ("modulo(1, 0)", None),
    ("sqrt(16)", 4),
    ("sqrt(-1)", None),
    ("log(10)", 2.302585092994046),
    ("exp(5)", 148.4131591025766),
    ("odd(5)", True),
    ("even(-2)", True),
    ('is(@"2012-12-25", @"2012-12-25")', True),
    ('is(@"10:00:00Z", @"10:00:00")', False),
    ("get value({a: {b: 1}}, [\"a\", \"b\"])", 1),
    ("get entries({a: 1})", [{"key": "a", "value": 1}]),
    ('context([{key: "a", value: 1}])', {"a": 1}),
    ('context put({x: 1}, "y", 2)', {"x": 1, "y": 2}),
    ('context put({x: {y: 1}}, ["x", "y"], 2)', {"x": {"y": 2}}),
    ("context merge([{x: 1, y: 0}, {y: 2}])", {"x": 1, "y": 2}),
    ("day of year(@\"2019-09-17\")", 260),
    ("day of week(@\"2019-09-17\")", "Tuesday"),
    ("month of year(@\"2019-09-17\")", "September"),
    ("week of year(@\"2003-12-29\")", 1),
    ("sort([3, 1, 4], function(x, y) x < y)", [1, 3, 4]),
    ("sort([])", []),
    ('range("[1..10)").end included', False),
    ("before(1, 10)", True),
    ("after([5..10], [1..5))", True),
    ("meets([1..5], [5..10])", True),
    ("met by([5..10], [1..5])", True),
    ("overlaps([1..5], [5..8])", True),
    ("overlaps([1..5), [5..8])", False),
    ("overlaps before([1..5], [3..8])", True),
    ("overlaps after([3..8], [1..5])", True),
    ("finishes(10, [1..10])", True),
    ("finished by([1..10], [5..10])", True),
    ("includes([1..10], 5)", True),
    ("during((1..10), [1..10])", True),
    ("starts([1..5], [1..10])", True),
    ("started by([1..10], 1)", True),
    ("coincides([1..5], [1..5])", True),
    ("now()", None),
    ("today()", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ANSWERS)
def test_the_function_answers(text: str, expected: Any) -> None:
    assert to_plain(compile_expression(text).evaluate(Scope()).value) == expected


def test_no_function_of_the_standard_is_left_out() -> None:
    asked = {text.partition("(")[0] for text, _ in ANSWERS}
    assert set(BUILTINS) <= asked


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("[a-z-[aeiou]]+", "b", True),
        ("^*b$+", "ab", True),
        ("(a)?b\\\\1c", "bc", True),
        ("^(a)?b\\\\1c", "abc", False),
        ("^\\\\i\\\\c$", "\\U01F9A9\\U01F9A9", True),
        ("^\\\\i", "·", False),
        ("^[a-z-[aeiou]]+$", "bad", False),
        ("^[^a-z-[0-9]]+$", "A", True),
        ("^\\\\p{Lu}\\\\d$", "A5", True),
        ("^\\\\P{Lu}$", "A", False),
        ("^\\\\p{IsBasicLatin}+$", "abc", True),
        ("^\\\\i\\\\c*$", "_a-1", True),
        ("^(a)(b)\\\\2\\\\1$", "abba", True),
        ("^(a)\\\\1²$", "aa²", True),
        ("^1[3-9]\\\\d{9}$", "13812345678", True),
        ("^[\\\\-a]$", "-", True),
        ("a.c", "a\\nc", False),
        ("投诉", "我要投诉", True),
        ("(?=a)", "a", None),
        ("(?i)a", "A", None),
        ("a++", "a", None),
        ("a{2,1}", "a", None),
        ("[", "a", None),
        ("(a", "a", None),
        ("*", "a", None),
        ("\\\\1", "a", None),
        ("\\\\q", "a", None),
        ("[b-a]", "a", None),
        ("\\\\p{Nope}", "a", None),
    ],
)
def test_patterns_are_those_of_xpath_and_no_others(pattern: str, text: str, expected: Any) -> None:
    assert compile_expression(f'matches("{text}", "{pattern}")').evaluate(Scope()).value is expected


@pytest.mark.parametrize(
    ("flags", "expected"), [("i", True), ("", False), ("x", False), ("ix", True), ("z", None), ("q", False)]
)
def test_flags_change_how_a_pattern_matches(flags: str, expected: Any) -> None:
    assert (
        compile_expression(f'matches("HELLO", "h e? llo|hello", "{flags}")').evaluate(Scope()).value
        is expected
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('matches("ß", "SS", "i")', False),
        ('replace("abcdefghijkl", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)(l)", "$12$1²")', "la²"),
        ('matches("É", "é", "i")', True),
        ('matches("a", "\\\\p{Lu}", "i")', False),
        ('matches("x\\ny", "^y$", "m")', True),
        ('matches("x\\n", "^$", "m")', False),
        ('matches("x\\ny", "x.y", "s")', True),
        ('matches("a.c", "A.C", "qi")', True),
        ('replace("a.b.", ".", "$1", "q")', "a$1b$1"),
        ('replace("kitten", "(t)(t)", "$2$1$0")', "kitttten"),
        ('replace("kitten", "(t+)", "<$12>")', "ki<tt2>en"),
        ('replace("kitten", "(t+)", "<$9>")', "ki<>en"),
        ('replace("kitten", "t", "\\\\$")', "ki$$en"),
        ('replace("kitten", "t", "$")', None),
        ('replace("kitten", "t", "\\\\n")', None),
        ('replace("kitten", "x*", "-")', None),
        ('replace("kitten", "(?:it)(t)", "$1", null)', "kten"),
        ('split("", ",")', [""]),
        ('split(",a,,", ",")', ["", "a", "", ""]),
        ('split("kitten", "")', None),
        ('split("甲、乙", "、")', ["甲", "乙"]),
        ('matches("kitten", null)', None),
        ('matches("kitten", "t", "g")', None),
    ],
)  # fmt: skip
def test_flags_and_replacements(text: str, expected: Any) -> None:
    assert to_plain(compile_expression(text).evaluate(Scope()).value) == expected
