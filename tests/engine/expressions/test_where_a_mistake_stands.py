"""A mistake in a decision file is told with its element, and in a table with its rule, column and place in the cell."""

from __future__ import annotations

import copy
import random

import pytest
from lxml import etree

from engine.expressions.dmn import read_decisions
from engine.expressions.feel import ExpressionError, Finding
from tests.engine.expressions.tables import NS

HEAD = f'<definitions xmlns="{NS}" id="file" name="file" namespace="urn:here">'
PERSON = (
    '<itemDefinition name="person"><itemComponent name="age"><typeRef>number</typeRef></itemComponent>'
    '<itemComponent name="home"><itemComponent name="city"><typeRef>string</typeRef></itemComponent></itemComponent>'
    '</itemDefinition><inputData id="i" name="applicant"><variable name="applicant" typeRef="person"/></inputData>'
)
NEEDS = '<informationRequirement><requiredInput href="#i"/></informationRequirement>'


def cells(tag: str, *texts: str) -> str:
    return "".join(f'<{tag} id="{tag}{at}"><text>{text}</text></{tag}>' for at, text in enumerate(texts))


def rule(number: int, test: str, gives: str) -> str:
    return f'<rule id="rule{number}">{cells("inputEntry", test)}{cells("outputEntry", gives)}</rule>'


def table(
    *rules: str, attributes: str = "", asked: str = "applicant.age", output: str = 'name="level"'
) -> str:
    return (
        f'<decisionTable {attributes}><input id="in" label="Age"><inputExpression id="asked"><text>{asked}</text>'
        f"</inputExpression></input><output {output}/>{''.join(rules)}</decisionTable>"
    )


def findings(logic: str, before: str = PERSON, needs: str = NEEDS) -> list[Finding]:
    text = f'{HEAD}{before}<decision id="d" name="risk"><variable name="risk"/>{needs}{logic}</decision></definitions>'
    return read_decisions(text.encode(), "risk.dmn").findings


def literal(text: str) -> str:
    return f'<literalExpression id="text"><text>{text}</text></literalExpression>'


@pytest.mark.parametrize(
    ("logic", "place", "message", "message_zh"),
    [
        (
            table(rule(1, "> 3", "1"), rule(2, "== 4", "2")),
            (2, "Age", 0, "inputEntry0"),
            'Rule 2, column "Age": In "== 4": FEEL compares with one "="',
            "第 2 条规则，“Age”列：",
        ),
        (
            table(rule(1, "> 3", '"a" + uper case("b")')),
            (1, "level", 6, "outputEntry0"),
            'Did you mean "upper case"?',
            "是否想写“upper case”？",
        ),
        (
            table(rule(1, "[1..", "1")),
            (1, "Age", 4, "inputEntry0"),
            "The expression ends where a value should follow.",
            "表达式在应有一个值的地方结束了。",
        ),
        (
            table(rule(1, "-", "1"), asked="applicant.agee"),
            (0, "Age", 10, "asked"),
            'has no entry "agee". (line 1, column 11) Did you mean "age"?',
            "没有“agee”这一项",
        ),
        (
            table(rule(1, "-", "aplicant.age")),
            (1, "level", 0, "outputEntry0"),
            'It reads "aplicant", which nothing supplies. (line 1, column 1) Did you mean "applicant"?',
            "没有任何输入提供它",
        ),
        (
            table(rule(1, '"gold", vip', "1")),
            (1, "Age", 8, "inputEntry0"),
            'For the text itself, write "vip" in quotes.',
            '若指文字本身，请加双引号："vip"。',
        ),
        (
            table(rule(1, "-", "max(2, a)")),
            (1, "level", 7, "outputEntry0"),
            'It reads "a", which nothing supplies.',
            "逻辑引用了“a”",
        ),
        (
            literal("applicant.home.town"),
            (0, "", 15, "text"),
            'which has no entry "town"',
            "没有“town”这一项",
        ),
        (
            literal("1 +\n  lenght(applicant)"),
            (0, "", 6, "text"),
            'There is no function "lenght". (line 2, column 3)',
            "第 2 行第 3 个字",
        ),
        (
            literal("{f: function(x) sqroot(x), r: f(1)}.r"),
            (0, "", 16, "text"),
            'There is no function "sqroot".',
            "没有函数“sqroot”。",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(
    logic: str, place: tuple[int, str, int, str], message: str, message_zh: str
) -> None:
    found = [one for one in findings(logic) if message in one.message]
    assert len(found) == 1, findings(logic)
    told = found[0]
    assert (told.row, told.column, told.position, told.element_id) == place
    assert told.file == "risk.dmn" and told.line > 0 and told.element_name == "risk"
    assert message_zh in told.message_zh


@pytest.mark.parametrize(
    ("logic", "code", "message"),
    [
        (table(rule(1, "-", "1"), attributes='hitPolicy="PRIORTY"'), "hit-policy", 'Did you mean "PRIORITY"?'),
        (table(rule(1, "-", "1"), attributes='hitPolicy="COLLECT" aggregation="SUMM"'), "hit-policy", 'mean "SUM"?'),
        (table(rule(1, "-", "1"), attributes='aggregation="SUM"'), "hit-policy", "only the hit policy COLLECT"),
        (
            table(rule(1, "-", "1"), attributes='hitPolicy="COLLECT" aggregation="MAX"', output='name="a"/><output name="b"'),
            "table",
            "is defined for one output column, and there are 2",
        ),
        (table(rule(1, "-", "1"), output='name="a"/><output'), "table", "needs a name of its own"),
        (table(rule(1, "-", "1"), output='name="a"/><output name="b"'), "table", "not 1 and 2"),
        (table(rule(1, "-", "1"), attributes='hitPolicy="OUTPUT ORDER"'), "table", "needs the output values"),
        (table(rule(1, "-", "1"), asked=""), "table", "An input column has no expression."),
        (table(), "table", "has no rule"),
        ("<relation><column name='a'/><column name='b'/><row>" + literal("1") + "</row></relation>", "relation",
         "A row has 1 cell(s), but there are 2 column(s)."),
        ("<conditional><if/></conditional>", "missing-expression", 'An expression is missing in "conditional".'),
        (literal("1").replace("<literalExpression", '<literalExpression expressionLanguage="javascript"'), "expression",
         'The expression language "javascript" is not FEEL.'),
    ],
)  # fmt: skip
def test_a_table_in_the_wrong_form_is_told(logic: str, code: str, message: str) -> None:
    assert any(one.code == code and message in one.message for one in findings(logic)), findings(logic)


@pytest.mark.parametrize(
    ("before", "needs", "code"),
    [
        ('<itemDefinition name="t"><typeRef>numbr</typeRef></itemDefinition>', "", "unknown-type"),
        ('<itemDefinition name="t"><typeRef>t</typeRef></itemDefinition>', "", "circle"),
        ('<itemDefinition name="t"/><itemDefinition name="t"/>', "", "duplicate-name"),
        ('<inputData id="d" name="x"/>', "", "duplicate-id"),
        ("", '<informationRequirement><requiredDecision href="#dd"/></informationRequirement>', "missing-requirement"),
        ("", '<informationRequirement><requiredDecision href="#d"/></informationRequirement>', "circle"),
        (
            '<businessKnowledgeModel id="f" name="f"><knowledgeRequirement><requiredKnowledge href="#g"/>'
            '</knowledgeRequirement></businessKnowledgeModel><businessKnowledgeModel id="g" name="g">'
            '<knowledgeRequirement><requiredKnowledge href="#f"/></knowledgeRequirement></businessKnowledgeModel>',
            "",
            "circle",
        ),
        (
            '<inputData id="i" name="i"/><decisionService id="s" name="s"><outputDecision href="#i"/></decisionService>',
            "",
            "wrong-requirement",
        ),
    ],
)  # fmt: skip
def test_a_graph_that_cannot_be_is_told(before: str, needs: str, code: str) -> None:
    assert code in [one.code for one in findings(literal("1"), before, needs)]


def test_an_input_that_is_read_without_its_requirement_is_told() -> None:
    (found,) = findings(literal("applicant.age > 3"), needs="")
    assert (found.code, found.severity, found.element_name) == ("undrawn-requirement", "warning", "risk")
    assert "Draw the requirement to it." in found.message and "请画出对它的需求" in found.message_zh
    assert findings(literal("applicant.age > 3")) == []


def test_a_language_may_be_named_once_for_the_file() -> None:
    text = f'{HEAD}<decision id="d" name="d"><variable name="d"/>{literal("1 + 1")}</decision></definitions>'
    for language, works in (
        ("https://www.omg.org/spec/DMN/20230324/FEEL/", True),
        ("http://www.omg.org/spec/FEEL/20140401", True),
        ("https://www.omg.org/spec/DMN/uninterpreted/20140801", False),
    ):
        model = read_decisions(
            text.replace("<definitions ", f'<definitions expressionLanguage="{language}" ').encode(), "f"
        )
        assert (model.findings == []) is works
        assert model.evaluate("d", {}).outputs == (2 if works else None)


JUNK = (
    "",
    "-",
    "x",
    "[1..",
    "not(",
    "{a:",
    "<",
    "1e999999",
    "#d",
    "T",
    "PRIORITY",
    "SUM",
    "Java",
    "true",
    "🙂",
)
WHOLE = (
    f'{HEAD}<itemDefinition name="T" isCollection="true"><typeRef>number</typeRef><allowedValues><text>&gt; 0</text>'
    f'</allowedValues></itemDefinition>{PERSON}<businessKnowledgeModel id="b" name="twice"><variable name="twice"/>'
    '<encapsulatedLogic><formalParameter name="n" typeRef="number"/><literalExpression><text>n * 2</text>'
    '</literalExpression></encapsulatedLogic></businessKnowledgeModel><decision id="d" name="risk"><variable name="risk" '
    f'typeRef="T"/>{NEEDS}<knowledgeRequirement><requiredKnowledge href="#b"/></knowledgeRequirement><context>'
    '<contextEntry><variable name="level"/>'
    + table(rule(1, "> 3", "1"), rule(2, "-", "2"), attributes='hitPolicy="COLLECT" aggregation="SUM"')
    + '</contextEntry><contextEntry><variable name="loop"/><for iteratorVariable="i"><in><list><literalExpression><text>1'
    "</text></literalExpression></list></in><return><invocation><literalExpression><text>twice</text></literalExpression>"
    '<binding><parameter name="n"/><literalExpression><text>i</text></literalExpression></binding></invocation></return>'
    "</for></contextEntry><contextEntry><conditional><if><literalExpression><text>level = 3</text></literalExpression></if>"
    "<then><literalExpression><text>loop</text></literalExpression></then><else><relation><column name=\"a\"/><row>"
    "<literalExpression><text>1</text></literalExpression></row></relation></else></conditional></contextEntry></context>"
    '</decision><decisionService id="s" name="s"><variable name="s"/><outputDecision href="#d"/><inputData href="#i"/>'
    "</decisionService></definitions>"
)  # fmt: skip


def test_the_whole_file_is_right_before_it_is_broken() -> None:
    model = read_decisions(WHOLE.encode(), "f")
    assert model.findings == []
    assert model.evaluate("d", {"applicant": {"age": 4, "home": {"city": "x"}}}).outputs == [2]


@pytest.mark.parametrize("seed", range(60))
def test_a_broken_file_never_raises(seed: int) -> None:
    """Elements cut, doubled, emptied, renamed and moved; attributes lost and overwritten; texts exchanged."""
    chance = random.Random(seed)
    root = etree.fromstring(WHOLE.encode())
    for _ in range(1 + seed % 4):
        everything = list(root.iter())
        one, other = chance.choice(everything), chance.choice(everything)
        parent = one.getparent()
        kind = chance.randrange(7)
        if kind == 0 and parent is not None:
            parent.remove(one)
        elif kind == 1 and parent is not None:
            parent.append(copy.deepcopy(one))
        elif kind == 2:
            del one[:]
        elif kind == 3:
            one.append(copy.deepcopy(other))
        elif kind == 4 and one is not root:
            one.tag = other.tag
        elif kind == 5:
            one.text, other.text = other.text, chance.choice(JUNK)
        elif one.attrib:
            one.set(chance.choice(sorted(str(key) for key in one.attrib)), chance.choice(JUNK))
    model = read_decisions(etree.tostring(root), "broken.dmn")
    for name in list(model.elements):
        try:
            model.evaluate(name, {"applicant": chance.choice(([{"age": 5}], {"age": 5}, None, "x"))})
        except ExpressionError:
            continue
