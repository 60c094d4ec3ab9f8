"""Whoever has the DMN conformance kit points the runner at it and reads what passes and why something does not."""

from __future__ import annotations

from pathlib import Path

from engine.expressions.dmn.tck import run_tree

MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" namespace="urn:kit" name="kit">
  <inputData name="n" id="n"><variable name="n" typeRef="number"/></inputData>
  <decision name="twice" id="d1"><variable name="twice"/>
    <informationRequirement><requiredInput href="#n"/></informationRequirement>
    <literalExpression><text>[n * 2, {a: @"P1D"}, null, true, @"2026-01-31", "x"]</text></literalExpression></decision>
  <decision name="wrong" id="d2"><variable name="wrong"/>
    <literalExpression><text>1 +</text></literalExpression></decision>
</definitions>"""
TESTS = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><modelName>kit.dmn</modelName>
  <testCase id="1"><inputNode name="n"><value xsi:type="xsd:decimal">2.5</value></inputNode>
    <resultNode name="twice"><expected><list>
      <item><value xsi:type="xsd:decimal">5</value></item>
      <item><component name="a"><value xsi:type="xsd:duration">P1D</value></component></item>
      <item><value xsi:nil="true"/></item><item><value xsi:type="xsd:boolean">true</value></item>
      <item><value xsi:type="xsd:date">2026-01-31</value></item><item><value xsi:type="xsd:string">x</value></item>
    </list></expected></resultNode></testCase>
  <testCase id="2"><resultNode name="wrong" errorResult="true"><expected><value xsi:nil="true"/></expected></resultNode></testCase>
  <testCase id="3"><resultNode name="wrong"><expected><value xsi:type="xsd:decimal">2</value></expected></resultNode></testCase>
  <testCase id="4"><resultNode name="nowhere"><expected><value xsi:type="xsd:decimal">2</value></expected></resultNode></testCase>
</testCases>"""


def test_the_kit_says_what_passes_and_why_something_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "compliance-level-3" / "0001-own"
    folder.mkdir(parents=True)
    (folder / "kit.dmn").write_text(MODEL, encoding="utf-8")
    (folder / "0001-own-test-01.xml").write_text(TESTS, encoding="utf-8")
    results = list(run_tree(tmp_path))
    assert [(one.folder, one.case, one.passed) for one in results] == [
        ("0001-own", "1", True),
        ("0001-own", "2", True),
        ("0001-own", "3", False),
        ("0001-own", "4", False),
    ]
    assert "expected Decimal('2'), got None" in results[2].why
    assert 'no decision "nowhere"' in results[3].why
