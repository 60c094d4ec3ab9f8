"""What is wrong with an expression is told at deployment: where in it, why, and what to write instead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.dialect import SourceFile, compile_files
from engine.dialect.findings import Report, Spot
from tests.engine.diagrams import process

REVIEW = {
    "type": "default",
    "id": "review",
    "components": [
        {"type": "number", "key": "amount", "label": "金额"},
        {"type": "textfield", "key": "note", "label": "说明"},
        {"type": "checkbox", "key": "approved", "label": "同意"},
        {"type": "datetime", "subtype": "date", "key": "on", "label": "日期"},
        {"type": "checklist", "key": "reasons", "label": "原因", "values": [{"label": "a", "value": "a"}]},
        {
            "type": "radio", "key": "outcome", "label": "结论",
            "values": [{"label": "通过", "value": "passed"}, {"label": "退回", "value": "returned"}],
        },
        {"type": "number", "key": "typed", "serializeToString": True},
    ],
}  # fmt: skip
START = {
    "type": "default",
    "id": "p_start",
    "components": [
        {"type": "textfield", "key": "customer.level", "label": "级别"},
        {"type": "number", "key": "age"},
    ],
}
LEVEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:t">
<decision id="level" name="定级"><decisionTable id="t" hitPolicy="FIRST">
<input id="i" label="金额"><inputExpression id="x" typeRef="number"><text>form.review.amount</text></inputExpression></input>
<output id="o" name="level" typeRef="string"><outputValues id="v"><text>"high","low"</text></outputValues></output>
<output id="o2" name="days" typeRef="number"/>
<rule id="r"><inputEntry id="e"><text>-</text></inputEntry><outputEntry id="a"><text>"low"</text></outputEntry><outputEntry id="b"><text>3</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def findings(condition: str, *more: str, functions: tuple[str, ...] = ("due",), **files: str):
    lines = (
        "user review camunda:formKey=review camunda:candidateGroups=c",
        "rule judge camunda:decisionRef=level", *more, "xor g", "task a", "task b",
        "s -> review -> judge -> g", f"g -> a : {condition}", "default g -> b",
    )  # fmt: skip
    diagram = process("p", "start s", *lines)
    given = [
        replace(diagram, content=diagram.content.replace(b"NEWLINE", b"\n")),
        SourceFile("review.form", json.dumps(REVIEW, ensure_ascii=False).encode()),
        SourceFile("p_start.form", json.dumps(START).encode()),
        SourceFile("level.dmn", files.get("level", LEVEL).encode()),
    ]
    outcome = compile_files(given, operations=(), functions=functions, facts=("number", "province"))
    return [one for one in outcome.findings if one.code != "implicit-end"]


@pytest.mark.parametrize(
    "condition",
    [
        "form.review.amount > 100",
        "form.review.amount > number(form.review.note)",
        'form.review.note = "x"',
        "form.review.note = null",
        "form.review.approved",
        "form.review.approved = true",
        "date(form.review.on) > date(2026, 1, 1)",
        'list contains(form.review.reasons, "a")',
        'form.review.outcome = "passed"',
        'form.review.outcome in ("passed", "returned")',
        'form.review.outcome != "passed" and form.review.amount between 1 and 3',
        "form.review.amount in [1..3]",
        "form.review.amount + 1 > 3",
        'form.review.typed = "3"',
        'decision.judge.level = "high" and decision.judge.days > 3',
        'case.customer.level = "vip" and case.number != "x" and case.province != "y"',
        'due("R01") > "2026"',
        'some x in form.review.reasons satisfies x = "b"',
        "unknown.thing > 3",
    ],
)
def test_what_can_come_out_is_left_alone(condition: str) -> None:
    assert [one.code for one in findings(condition) if one.severity != "note"] == []


@pytest.mark.parametrize(
    ("condition", "code", "english", "chinese"),
    [
        ('"abc" > 100', "never-comparable", 'compares "abc" (a string) with 100 (a number)', "把"),
        (
            'form.review.amount > "100"',
            "never-comparable",
            "write 100 without quotes.",
            "请去掉引号，写 100。",
        ),
        ('form.review.amount = "many"', "never-comparable", 'the form\'s field "金额"', "依据表单字段“金额”"),
        ("form.review.note > 3", "never-comparable", "write number(form.review.note).", "请写 number("),
        ('form.review.approved = "true"', "never-comparable", "write true without quotes.", "请去掉引号"),
        ("form.review.approved = 1", "never-comparable", "compare values of one kind.", "同一类型"),
        ("form.review.on > today()", "never-comparable", "write date(form.review.on).", "请写 date("),
        (
            'form.review.reasons = "a"',
            "never-comparable",
            "write list contains(form.review.reasons, ",
            "list",
        ),
        ('form.review.note between 1 and "x"', "never-comparable", "with 1 (a number)", "数字"),
        ("form.review.note in [1..5]", "never-comparable", "(a string", "字符串"),
        ('form.review.amount in (1, "2")', "never-comparable", "write 2 without quotes.", "去掉引号"),
        ('form.review.amount + 1 = "2"', "never-comparable", "what is computed", "计算结果"),
        ("form.review.typed = 3", "never-comparable", "(a string", "字符串"),
        ('decision.judge.days = "3"', "never-comparable", 'the decision "定级"', "决策“定级”"),
        ("case.age = case.customer.level", "never-comparable", "case.age (a number", "case.age（数字"),
        ('form.review.outcome = "pased"', "never-this-value", 'did you mean "passed"?', "是否想写“passed”？"),
        (
            'form.review.outcome in ("passed", "x")',
            "never-this-value",
            'can be "passed", "returned".',
            "取值",
        ),
        ('decision.judge.level = "hgih"', "never-this-value", 'did you mean "high"?', "是否想写“high”？"),
        ('form.review.note.contains("a")', "read-as-method", "write contains(form.review.note", "没有方法"),
        ('case.custmer.level = "x"', "unknown-variable", "did you mean case.customer.level?", "是否想写"),
        ("case.income > 3", "unknown-variable", "ask for it in the form", "请在表单中询问"),
        ('form.review.outcom = "passed"', "unknown-variable", "form.review.outcome?", "是否想写"),
        ('decision.judge.levl = "high"', "unknown-variable", "decision.judge.level?", "是否想写"),
        ("decision.jugde.days > 3", "unknown-variable", "decision.judge?", "是否想写"),
    ],
)
def test_what_can_never_come_out_is_told_with_what_to_write(
    condition: str, code: str, english: str, chinese: str
) -> None:
    found = [one for one in findings(condition) if one.severity != "note"]
    assert [one.code for one in found] == [code]
    assert english in found[0].message and chinese in found[0].message_zh
    assert (found[0].file, found[0].element_id[:4]) == ("p.bpmn", "flow")
    assert found[0].expression == condition
    assert 1 <= found[0].position <= len(condition)


@pytest.mark.parametrize(
    ("condition", "position", "english", "chinese"),
    [
        ("form.review.approved == true", 22, "Write a = b.", "请写 a = b。"),
        ("form.review.approved && true", 22, "Write a and b.", "请写 a and b。"),
        ("${approved || x.y()}", 17, 'The call of "x.y" cannot be translated.', "无法转换对“x.y”的调用"),
        ("if a then b", 12, "else", "else"),
        ("dee(3) = 4", 1, 'Did you mean "due"?', "是否想写“due”？"),
        ('substrin("abc", 2) = "b"', 1, 'Did you mean "substring"?', "是否想写“substring”？"),
    ],
)
def test_a_refusal_tells_the_place_counted_from_one_and_the_hint_in_both_languages(
    condition: str, position: int, english: str, chinese: str
) -> None:
    (found,) = [one for one in findings(condition) if one.severity == "error"]
    assert (found.code, found.position) == ("bad-expression", position)
    assert f"character {position}" in found.message and f"第 {position} 个字符" in found.message_zh
    assert english in found.message and chinese in found.message_zh
    assert "▸" in found.message and "▸" in found.message_zh


def test_the_place_in_several_lines_is_a_line_and_a_column() -> None:
    (found,) = [one for one in findings("form.review.approvedNEWLINE  == true") if one.severity == "error"]
    assert (found.expression_line, found.expression_column, found.position) == (2, 3, 24)
    assert "line 2, column 3" in found.message and "第 2 行第 3 列" in found.message_zh


def test_the_place_in_text_mixed_with_expressions_counts_from_its_beginning() -> None:
    user = 'user t camunda:assignee="${a}-${b.c()}" camunda:candidateGroups=c'
    found = [one for one in findings("true", user, "b -> t") if one.code == "bad-expression"]
    assert [(one.element_id, one.position) for one in found] == [("t", 10)]


def test_a_decision_that_reads_a_misspelt_answer_is_told_with_its_own_file() -> None:
    found = findings("true", level=LEVEL.replace("form.review.amount", "form.review.amont"))
    (one,) = [one for one in found if one.code == "unknown-variable"]
    assert (one.file, one.element_id, one.element_name) == ("level.dmn", "level", "定级")
    assert "did you mean form.review.amount?" in one.message


@pytest.mark.parametrize(
    ("kind", "asks", "advice", "advice_zh"),
    [
        ("date", "form.review.on", "write date(form.review.on).", "请写 date(form.review.on)。"),
        ("number", "form.review.note", "write number(form.review.note).", "请写 number("),
        ("string", "form.review.amount", "declare it as number", "请声明为数字"),
    ],
)
def test_a_column_of_another_kind_than_its_answer_is_told(
    kind: str, asks: str, advice: str, advice_zh: str
) -> None:
    level = LEVEL.replace('typeRef="number"><text>form.review.amount', f'typeRef="{kind}"><text>{asks}')
    (found,) = [one for one in findings("true", level=level) if one.code == "column-of-another-kind"]
    assert (found.file, found.severity, found.element_id) == ("level.dmn", "warning", "level")
    assert 'The column "金额"' in found.message
    assert advice in found.message and advice_zh in found.message_zh


@pytest.mark.parametrize("asks", ["date(form.review.on)", "form.review.anything", "case.province"])
def test_a_column_that_may_be_of_its_kind_is_left_alone(asks: str) -> None:
    level = LEVEL.replace('typeRef="number"><text>form.review.amount', f'typeRef="date"><text>{asks}')
    assert "column-of-another-kind" not in {one.code for one in findings("true", level=level)}


def test_a_wrong_cell_is_told_with_its_rule_and_its_column() -> None:
    wrong = LEVEL.replace("<text>-</text>", "<text>&gt; (</text>")
    (one,) = [one for one in findings("true", level=wrong) if one.severity == "error"]
    assert (one.file, one.element_id != "", one.row, one.column) == ("level.dmn", True, 1, "金额")
    assert one.position >= 1


def test_an_id_with_a_hyphen_is_read_as_a_subtraction() -> None:
    found = findings(
        'form.user-task.note = "x"', "user user-task camunda:candidateGroups=c", "b -> user-task"
    )
    (one,) = [one for one in found if one.severity == "warning"]
    assert one.code == "read-as-subtraction" and 'get value(form, "user-task")' in one.message


def test_what_an_assignment_overwrites_is_of_no_known_kind() -> None:
    script = "script sc scriptFormat=feel | <bpmn:script>form.review.amount = string(3)</bpmn:script>"
    assert [one.code for one in findings('form.review.amount = "3"', script, "b -> sc")] == []


FORM = {
    "type": "default",
    "id": "f",
    "components": [
        {"type": "radio", "key": "kind", "values": [{"label": "a", "value": "a"}]},
        {"type": "textfield", "key": "why", "conditional": {"hide": '=kimd != "a"'}},
        {
            "type": "dynamiclist", "path": "rows",
            "components": [
                {"type": "number", "key": "n"},
                {"type": "number", "key": "m", "conditional": {"hide": "=n > 3 or this.n > 3 or case.x = 1"}},
            ],
        },
    ],
}  # fmt: skip


def test_a_form_rule_that_reads_what_nobody_fills_in_is_told_with_its_line() -> None:
    content = json.dumps(FORM, indent=1).encode()
    found = compile_files([SourceFile("f.form", content)], operations=()).findings
    (one,) = found
    assert (one.code, one.severity, one.element_id) == ("unknown-variable", "warning", "why")
    assert "did you mean kind?" in one.message and "是否想写 kind？" in one.message_zh
    assert content.decode().splitlines()[one.line - 1].strip() == '"key": "why",'


def test_a_form_rule_may_not_call_what_the_browser_does_not_know() -> None:
    form = {"type": "default", "id": "f", "components": [
        {"type": "textfield", "key": "why", "conditional": {"hide": '=due("R01") > why'}}]}  # fmt: skip
    found = compile_files(
        [SourceFile("f.form", json.dumps(form).encode())], operations=(), functions=("due",)
    ).errors
    assert [one.code for one in found] == ["bad-expression"]


@pytest.mark.parametrize(
    ("text", "offset", "quote"),
    [("a = 1", 2, "a ▸= 1"), ("", 0, "▸"), ("abc", 3, "abc▸"), ("x" * 90, 45, f"…{'x' * 30}▸{'x' * 30}…"),
     ("a\nbc\nd", 3, "b▸c")],
)  # fmt: skip
def test_a_quote_marks_the_place(text: str, offset: int, quote: str) -> None:
    assert Spot(text, offset).quote == quote


def test_guessing_what_was_meant_ends_when_a_hostile_file_asks_too_often() -> None:
    report = Report("f")
    known = [f"field{number}" for number in range(report.comparisons_left + 1)]
    assert report.closest("feild1", known[:5]) == "field1"
    assert report.closest("feild1", known) == ""

    def asked() -> Iterator[str]:
        raise AssertionError("looked again")
        yield ""

    assert report.closest("feild1", asked()) == ""


def test_an_answer_may_be_read_whole_in_part_and_from_inside() -> None:
    for path in ("case.customer", "case.customer.level", "case.customer.level.x", "form.review"):
        assert [one.code for one in findings(f"{path} = null") if one.severity != "note"] == []
