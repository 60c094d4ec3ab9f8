"""Every sentence FEEL and DMN say while they run, and every hint, has a Chinese one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.expressions import feel
from engine.expressions.feel import Scope, Warning, compile_expression
from engine.expressions.feel.chinese import CODES, SENTENCES, chinese, of_warning

ROOT = Path(feel.__file__).parent.parent
SAYING = {
    "warn": 1,
    "mismatch": 0,
    "Fails": 0,
    "InvalidTemporal": 0,
    "Unrepresentable": 0,
    "Invalid": 0,
}
"""Callee → which of its arguments is (the beginning of) a sentence."""


def said() -> Iterator[tuple[str, str]]:
    """Every sentence written out in the code, with `x` in its holes."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                at = SAYING.get(name)
                if at is not None and len(node.args) > at:
                    texts = (node.args[at],)
                else:
                    texts = tuple(one.value for one in node.keywords if one.arg == "hint")
            elif isinstance(node, ast.Assign) and any(
                isinstance(one, ast.Name) and one.id in ("hint",) for one in node.targets
            ):
                texts = (node.value,)
            else:
                continue
            for text in texts:
                written = sentence(text)
                if written:
                    yield (
                        f"{path.relative_to(ROOT)}:{node.lineno}",
                        written + (" met null." if name_of(node) == "mismatch" else ""),
                    )


def name_of(node: ast.AST) -> str:
    func = getattr(node, "func", None)
    return getattr(func, "attr", getattr(func, "id", ""))


def sentence(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        made = "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
        return "" if set(made) <= set("x: .") else made
    return ""


def test_every_sentence_has_a_chinese_one() -> None:
    found = dict.fromkeys(said())
    assert len(found) > 60
    missing = [f"{where}: {text}" for where, text in found if chinese(text) is None]
    assert not missing, "add to engine/expressions/feel/chinese.py:\n" + "\n".join(missing)


def test_the_holes_of_both_languages_agree() -> None:
    for english, its_chinese in SENTENCES.items():
        assert english.count("{}") == its_chinese.count("{}"), english
        assert any("\u4e00" <= character <= "\u9fff" for character in its_chinese) or english == "{}(): {}."


@pytest.mark.parametrize(
    ("text", "code", "message", "message_zh"),
    [
        ("a + 1", "unknown-name", 'There is no variable "a".', "没有名为“a”的变量。"),
        ('"a" < 1', "type-mismatch", '"<" cannot take a string and a number.', "“<”不能用于字符串和数字。"),
        ("null < 1", "null-operand", '"<" met null.', "“<”遇到空值（null）。"),
        ("1 / 0", "function-error", "Division by zero.", "除数为零。"),
        ("[1,2][5]", "no-item", "The list of 2 has no item 5.", "列表共 2 项，没有第 5 项。"),
        ("{a: 1}.b", "missing-entry", 'The context has no entry "b".', "上下文中没有“b”这一项。"),
        ('number("天")', "function-error", 'number(): "天" is not a number.', "number()：“天”不是数字。"),
        (
            'date("2026-02-30")',
            "function-error",
            None,
            "date()：",
        ),
        ("sum(null)", None, None, "sum()："),
        ('-"a"', "type-mismatch", "Negation cannot take a string.", "取负不能用于字符串。"),
    ],
)
def test_a_warning_speaks_both_languages(
    text: str, code: str | None, message: str | None, message_zh: str | None
) -> None:
    warning = compile_expression(text).evaluate(Scope()).warnings[0]
    assert code in (None, warning.code)
    assert message in (None, warning.message)
    assert (message_zh or "") in warning.message_zh
    assert warning.code not in warning.message_zh
    assert any("\u4e00" <= character <= "\u9fff" for character in warning.message_zh)


def test_words_of_types_are_translated_and_words_of_the_author_are_not() -> None:
    assert chinese("Addition cannot take a date and a string.") == "加法不能用于日期和字符串。"
    assert chinese('There is no variable "date".') == "没有名为“date”的变量。"


def test_a_sentence_nobody_knows_is_quoted_under_its_code() -> None:
    assert of_warning("function-error", "due() hit a wall") == "函数没有结果：due() hit a wall"
    assert Warning("hit-policy", "What?", 3).message_zh == f"{CODES['hit-policy']}：What?"


def test_a_hint_speaks_both_languages() -> None:
    with pytest.raises(feel.ExpressionError) as refused:
        compile_expression("a == 1")
    assert refused.value.hint_zh == "请写 a = b。"
    with pytest.raises(feel.ExpressionError) as misspelt:
        compile_expression('substrin("abc", 2)')
    assert misspelt.value.hint_zh == "是否想写“substring”？"


def test_a_long_sentence_is_not_searched() -> None:
    assert chinese('There is no variable "' + "x" * 5_000 + '".') is None


def test_a_condition_keeps_the_warnings_of_its_parts_whether_it_decides_or_not() -> None:
    condition = feel.compile_condition('level = "a" or amount > 3')
    decided = condition.decide(Scope(variables={"level": "a", "amount": "many"}))
    assert decided.value is True
    assert [warning.code for warning in decided.warnings] in ([], ["type-mismatch"])
    decided = feel.compile_condition('amount > 3 or level = "a"').decide(
        Scope(variables={"level": "a", "amount": "many"})
    )
    assert (decided.value, [warning.code for warning in decided.warnings]) == (True, ["type-mismatch"])
    with pytest.raises(feel.ConditionError) as refused:
        feel.compile_condition("amount > 3").evaluate(Scope(variables={"amount": "many"}))
    assert [warning.code for warning in refused.value.warnings] == ["type-mismatch"]
    assert refused.value.message_zh == (
        "条件“amount > 3”的结果既不是真也不是假，而是空值。“>”不能用于字符串和数字。"
    )


@pytest.mark.parametrize(
    ("text", "said", "instead"),
    [
        ("[1..2", "表达式在应有“)”或“]”的地方结束了。", ""),
        ("if a then 1", "表达式在应有“else”的地方结束了。", ""),
        ("'vip'", "FEEL 的字符串用双引号。", '请写 "text"。'),
        ('"vip', "字符串没有结束。", '请以 " 结束。'),
        ("1 /* a", "注释没有结束。", "请以 */ 结束。"),
        ("“vip”", "FEEL 不认识全角引号 “ 。", '请写半角的 "。'),
        ("a，b", "FEEL 不认识全角符号“，”。", "请写半角的 ,。"),
        ("a ≥ 3", "FEEL 没有“≥”。", "请写 >=。"),
        ("a => 3", "FEEL 没有“=>”。", "请写 a >= b。"),
        ("a = 1 AND b = 2", "“AND”不能接在前面的表达式之后。", "请写 and。"),
        ("1..5", "“..”不能接在前面的表达式之后。", "区间要加括号，例如 [1..5]。"),
        ("date()", "函数 date() 不接受 0 个参数。", "请写 date(from) 或 date(year, month, day)。"),
        ("abs(m: 1)", "函数 abs() 不接受名为 m 的参数。", "请写 abs(n)。"),
        ("abs(n: 1, n: 2)", "函数 abs() 不接受名为 n、n 的参数。", "请写 abs(n)。"),
        ("function(a, a) a", "函数有两个参数“a”。", ""),
        ("function(a) external {}", "不能执行外部函数（Java、PMML）。", "请用 FEEL 编写函数体。"),
    ],
)
def test_a_refusal_is_whole_in_chinese(text: str, said: str, instead: str) -> None:
    with pytest.raises(feel.ExpressionError) as refused:
        compile_expression(text, names=["a", "b"])
    assert (refused.value.message_zh, refused.value.hint_zh) == (said, instead)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("> 3 and < 5", "要同时满足两个界限，请写区间，例如 (3..5)，或写 ? > 3 and ? < 5。"),
        ("< 3 or > 5", "多个可选条件用逗号隔开，例如 < 3, > 5。"),
    ],
)
def test_a_cell_of_two_tests_hears_how_they_are_written(text: str, instead: str) -> None:
    with pytest.raises(feel.ExpressionError) as refused:
        feel.compile_unary_tests(text)
    assert refused.value.hint_zh == instead


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('matches("a", "(a")', "matches()：括号没有闭合。"),
        ('replace("a", "[", "b")', "replace()：字符组的方括号没有闭合。"),
        ('matches("a", "\\\\p")', "matches()：\\p 后面要写类别，例如 \\p{Lu}。"),
        (
            'number("1", ".", ".")',
            "number()：千位分隔符只能是空格、逗号或句点，小数点只能是逗号或句点，两者不能相同。",
        ),
        ("before([], 1)", "before()：“point1”必须是可比较的值，而不是列表。"),
        ("not(1)", "not()：“negand”必须是布尔值，而不是数字。"),
        ("all([1])", "all()：每一项都必须是真或假。"),
        ('any([null, "x"])', "any()：每一项都必须是真或假。"),
    ],
)
def test_a_warning_is_whole_in_chinese(text: str, said: str) -> None:
    found = compile_expression(text).evaluate(Scope())
    assert found.value is None
    assert [warning.message_zh for warning in found.warnings] == [said]


@pytest.mark.parametrize("text", ["not(null)", "all([true, null])", "any([null, false])"])
def test_what_is_only_unknown_warns_of_nothing(text: str) -> None:
    found = compile_expression(text).evaluate(Scope())
    assert (found.value, found.warnings) == (None, ())
