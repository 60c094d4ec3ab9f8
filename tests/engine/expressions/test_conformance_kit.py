"""Whoever has the DMN conformance kit points the runner at it and reads what passes and why something does not."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from engine.expressions.dmn.tck import CaseResult, Listed, read_listed, run_tree

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"
MODEL = f"""<definitions xmlns="{DMN}" namespace="urn:kit" name="kit">
  <import name="lib" namespace="urn:lib" importType="{DMN}"/>
  <itemDefinition name="Pair"><itemComponent name="a"><typeRef>number</typeRef></itemComponent>
    <itemComponent name="b c"><typeRef>date</typeRef></itemComponent></itemDefinition>
  <inputData name="n" id="in"><variable name="n" typeRef="number"/></inputData>
  <inputData name="any" id="ia"><variable name="any"/></inputData>
  <inputData name="pair" id="ip"><variable name="pair" typeRef="Pair"/></inputData>
  <decision name="same" id="s"><variable name="same"/>
    <informationRequirement><requiredInput href="#ia"/></informationRequirement>
    <literalExpression><text>any</text></literalExpression></decision>
  <decision name="all" id="d1"><variable name="all"/>
    <informationRequirement><requiredInput href="#in"/></informationRequirement>
    <literalExpression><text>[n * 2, {{a: @"P1D"}}, null, true, @"2026-01-31", "x"]</text></literalExpression></decision>
  <decision name="typed" id="d2"><variable name="typed" typeRef="date"/>
    <informationRequirement><requiredInput href="#ip"/></informationRequirement>
    <literalExpression><text>if pair.a = 1 then pair.b c else null</text></literalExpression></decision>
  <decision name="wrong" id="d3"><variable name="wrong"/>
    <literalExpression><text>1 / 0</text></literalExpression></decision>
  <decision name="third" id="d4"><variable name="third"/>
    <literalExpression><text>{{value: 1 / 3, f: function(x) x}}</text></literalExpression></decision>
  <decision name="twice" id="d5"><variable name="twice"/>
    <informationRequirement><requiredInput href="#in"/></informationRequirement>
    <literalExpression><text>n * 2</text></literalExpression></decision>
  <decision name="d5" id="d6"><variable name="d5"/><literalExpression><text>"by name"</text></literalExpression></decision>
  <decision name="shared" id="d7"><variable name="shared"/>
    <informationRequirement><requiredInput href="urn:lib#x"/></informationRequirement>
    <literalExpression><text>lib.x + 1</text></literalExpression></decision>
  <businessKnowledgeModel name="add" id="k"><variable name="add"/><encapsulatedLogic>
    <formalParameter name="a"/><formalParameter name="b"/>
    <literalExpression><text>a + b</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
  <decisionService name="one" id="s1"><outputDecision href="#d5"/><inputData href="#in"/></decisionService>
  <decisionService name="two" id="s2"><outputDecision href="#d5"/><outputDecision href="#d6"/>
    <inputData href="#in"/></decisionService>
</definitions>"""
LIBRARY = f"""<definitions xmlns="{DMN}" namespace="urn:lib" name="lib">
  <inputData name="x" id="x"><variable name="x" typeRef="number"/></inputData>
  <decision name="half" id="h"><variable name="half"/>
    <informationRequirement><requiredInput href="#x"/></informationRequirement>
    <literalExpression><text>x / 2</text></literalExpression></decision>
</definitions>"""


def value(text: str, type: str = "decimal") -> str:
    return f'<value xsi:type="xsd:{type}">{escape(text)}</value>'


def given(name: str, content: str, more: str = "") -> str:
    return f'<inputNode name="{name}"{more}>{content}</inputNode>'


def expects(name: str, content: str, more: str = "") -> str:
    return f'<resultNode name="{name}"{more}><expected>{content}</expected></resultNode>'


def items(*contents: str) -> str:
    return "<list>" + "".join(f"<item>{one}</item>" for one in contents) + "</list>"


NULL = '<value xsi:nil="true"/>'


class Kit:
    """A folder of a kit, and what running it finds."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "compliance-level-3" / "0001-own"
        self.folder.mkdir(parents=True)
        self.root = root
        (self.folder / "Kit.dmn").write_text(MODEL, encoding="utf-8")
        (self.folder / "a-library.dmn").write_text(LIBRARY, encoding="utf-8")

    def run(
        self,
        *cases: str,
        model: str = "<modelName>Kit.dmn</modelName>",
        more: str = "",
        listed: Listed | None = None,
    ) -> list[CaseResult]:
        """Each of `cases` is what stands in one test case, after its attributes and `|` when it has some."""
        body = ""
        for number, one in enumerate(cases, 1):
            attributes, _, content = one.rpartition("|")
            body += f'<testCase id="{number}" {attributes}><description>d</description>{content}</testCase>'
        (self.folder / "own-test-01.xml").write_text(
            '<?xml version="1.0" encoding="UTF-8"?><testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase" '
            'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f"{more}>{model}<labels><label>x</label></labels>{body}</testCases>",
            encoding="utf-8",
        )
        return list(run_tree(self.root, listed))


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


ALL = items(
    value("5"), f'<component name="a">{value("P1D", "duration")}</component>', NULL, value("1", "boolean"),
    value("2026-01-31", "date"), value("x", "string"),
)  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [
        given("n", value("2.5")) + expects("all", ALL),
        given("n", "<value>2.5</value>") + expects("twice", value("5.000000001", "double")),
        given("pair", f'<component name="a">{value("1")}</component><component name="b c"><value>2026-03-01</value></component>')
        + expects("typed", "<value>2026-03-01</value>"),
        expects("third", f'<component name="value">{value("0.33333333")}</component>'),
        expects("wrong", NULL, ' errorResult="true"'),
        '<resultNode name="wrong" errorResult="true"/>',
        expects("d5", value("by name", "string")),
        given("n", value("4")) + expects("twice", value("8")) + expects("d5", value("by name", "string")),
        'type="bkm" invocableName="add"|' + given("a", value("1")) + given("b", value("2")) + expects("add", value("3")),
        'type="decisionService" invocableName="one"|' + given("n", value("2")) + expects("twice", value("4")),
        'type="decisionService" invocableName="two"|' + given("n", value("2")) + expects("twice", value("4"))
        + expects("d5", value("by name", "string")),
        given("x", value("4"), ' namespace="urn:lib"') + expects("shared", value("5")),
        given("x", value("4"), ' namespace="urn:lib"') + expects("half", value("2"), ' namespace="urn:lib"'),
        given("x", value("4"), ' namespace="urn:lib"') + expects("lib.half", value("2")),
        'namespace="urn:lib"|' + given("x", value("4"), ' namespace="urn:lib"') + expects("half", value("2")),
        given("lib", f'<component name="x">{value("4")}</component>') + expects("shared", value("5")),
    ],
)  # fmt: skip
def test_what_the_standard_says_passes(kit: Kit, case: str) -> None:
    (found,) = kit.run(case)
    assert (found.problems, found.verdict) == ((), "passed")


@pytest.mark.parametrize(
    ("written", "feel"),
    [
        (value("x", "string"), '"x"'),
        (value("  x ", "string"), '"  x "'),
        (value("", "string"), '""'),
        ('<value xsi:type="decimal"> 1.5 </value>', "1.5"),
        ('<value xsi:type="xs:int">7</value>', "7"),
        (value("1e3", "double"), "1000"),
        (value("NaN", "double"), "null"),
        (value("INF", "double"), "null"),
        (value("0", "boolean"), "false"),
        (value("2026-01-31T10:00:00Z", "dateTime"), '@"2026-01-31T10:00:00Z"'),
        (value("10:00:00+08:00", "time"), '@"10:00:00+08:00"'),
        (value("-P1Y", "duration"), '@"-P1Y"'),
        (value("2026-02-30", "date"), '"2026-02-30"'),
        (NULL, "null"),
        ('<list xsi:nil="true"/>', "null"),
        ("<list/>", "[]"),
        (items(items(value("1")), NULL), "[[1], null]"),
        (f'<component name="a">{items(NULL)}</component><component name="b" xsi:nil="true"/>', "{a: [null], b: null}"),
        ("<value>text<!-- no --> of it</value>", '"text of it"'),
        ("", "null"),
    ],
)  # fmt: skip
def test_every_value_of_the_schema_is_read_as_feel_has_it(kit: Kit, written: str, feel: str) -> None:
    text = (kit.folder / "Kit.dmn").read_text(encoding="utf-8")
    decision = f'<decision name="is it" id="ii"><variable name="is it"/><informationRequirement><requiredInput href="#ia"/></informationRequirement><literalExpression><text>any = {escape(feel)}</text></literalExpression></decision>'
    (kit.folder / "Kit.dmn").write_text(text.replace("<businessK", decision + "<businessK"), encoding="utf-8")
    (found,) = kit.run(
        given("any", written) + expects("is it", value("true", "boolean")) + expects("same", written)
    )
    assert found.problems == ()


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        (given("n", value("1")) + expects("twice", value("2.001")), "twice: expected 2.001, got 2."),
        (expects("wrong", value("2")), "wrong: expected 2, got null. Division by zero."),
        (expects("nowhere", NULL, ' errorResult="true"'), 'nowhere: There is no "nowhere" in Kit.dmn.'),
        (expects("d5", NULL, ' errorResult="true"'), 'd5: expected null, got "by name".'),
        (given("n", value("2.5")) + expects("all", items(value("5"))), "all: expected [5], got [5"),
        (expects("third", '<component name="other">' + value("1") + "</component>"), "third: expected {other: 1}"),
        ('type="decisionService" invocableName="three"|' + expects("twice", value("4")), 'There is no "three"'),
        ('type="decisionService" invocableName="two"|' + expects("other", NULL), 'has no output "other"'),
        (given("any", value("1", "string")) + expects("same", value("1")), 'same: expected 1, got "1".'),
    ],
)  # fmt: skip
def test_what_is_not_as_expected_fails_with_a_sentence(kit: Kit, case: str, problem: str) -> None:
    (found,) = kit.run(case)
    assert found.verdict == "failed"
    assert problem in found.problems[0]


def test_an_evaluation_without_end_fails_unless_an_error_is_expected(kit: Kit) -> None:
    text = (kit.folder / "Kit.dmn").read_text(encoding="utf-8")
    (kit.folder / "Kit.dmn").write_text(text.replace("1 / 0", "sum(for i in 1..999999999 return i)"))
    fails, passes = kit.run(expects("wrong", value("1")), expects("wrong", NULL, ' errorResult="true"'))
    assert "It was stopped" in fails.problems[0]
    assert passes.verdict == "passed"


@pytest.mark.parametrize(
    ("model", "more", "verdict"),
    [
        ("<modelName>kit.dmn</modelName>", "", "passed"),
        ("<modelName> ..\\level\\KIT </modelName>", "", "passed"),
        ("", 'namespace="urn:kit"', "passed"),
        ("", "", "failed"),
        ("<modelName>other.dmn</modelName>", "", "failed"),
    ],
)
def test_the_model_is_found_as_the_file_names_it(kit: Kit, model: str, more: str, verdict: str) -> None:
    (found,) = kit.run(expects("d5", value("by name", "string")), model=model, more=more)
    assert found.verdict == verdict, found.problems


def test_several_files_test_one_model_and_one_that_cannot_be_read_fails(kit: Kit) -> None:
    kit.run(expects("d5", value("by name", "string")))
    first = kit.folder / "own-test-01.xml"
    (kit.folder / "own-test-02.XML").write_text(first.read_text(encoding="utf-8"), encoding="utf-8")
    (kit.folder / "own-test-03.xml").write_text("<testCases>", encoding="utf-8")
    (kit.folder / "readme.xml").write_text("<notes/>", encoding="utf-8")
    (kit.folder / "own-test-04.xml").write_text("<testCases/>", encoding="utf-8")
    found = {one.file: one for one in run_tree(kit.root)}
    assert {file: one.verdict for file, one in found.items()} == {
        "own-test-01.xml": "passed",
        "own-test-02.XML": "passed",
        "own-test-03.xml": "failed",
        "own-test-04.xml": "failed",
    }
    assert "own-test-03.xml cannot be read" in found["own-test-03.xml"].problems[0]


def test_a_model_that_cannot_be_read_fails_even_where_an_error_is_expected(kit: Kit) -> None:
    (kit.folder / "Kit.dmn").write_text("<definitions", encoding="utf-8")
    (found,) = kit.run(expects("wrong", NULL, ' errorResult="true"'))
    assert "The model cannot be read" in found.problems[0]


def test_a_chain_of_imports_is_read_from_its_end(kit: Kit) -> None:
    chain = (
        '<definitions xmlns="{0}" namespace="urn:{1}" name="{1}"><import name="next" namespace="urn:{2}" importType="{0}"/>'
        '<decision name="top" id="top"><variable name="top"/><informationRequirement><requiredDecision href="urn:{2}#{4}"/>'
        "</informationRequirement><literalExpression><text>next.{3} * 10</text></literalExpression></decision></definitions>"
    )
    (kit.folder / "1.dmn").write_text(chain.format(DMN, "first", "second", "top", "top"), encoding="utf-8")
    (kit.folder / "2.dmn").write_text(chain.format(DMN, "second", "lib", "half", "h"), encoding="utf-8")
    (found,) = kit.run(
        given("x", value("3"), ' namespace="urn:lib"') + expects("top", value("150")),
        model="<modelName>1.dmn</modelName>",
    )
    assert found.problems == ()


def test_a_listed_case_may_fail_and_must_not_pass(kit: Kit) -> None:
    listed = read_listed('[[group]]\nfolder = "0001-own"\nreason = "because"\ncases = ["1", "2", "77"]\n')
    fails, passes = kit.run(
        expects("wrong", value("1")), expects("d5", value("by name", "string")), listed=listed
    )
    assert (fails.verdict, fails.reason) == ("listed", "because")
    assert passes.verdict == "failed"


def test_the_list_that_comes_along_gives_a_reason_for_each_case() -> None:
    reasons = read_listed().reasons
    assert reasons and all(len(reason) > 20 for reason in reasons.values())
