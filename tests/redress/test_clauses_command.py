"""The office puts the rulebook beside the content: every clause finds what does it, and what is gone is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.errors import InvalidInput
from redress.cli import main
from redress.coverage import coverage
from redress.places import CHECKOUT, packaged
from tasks.clauses.register import read_register

ONE = """
clauses:
  - id: 003§2.4.4
    text: 复核工单
    en: The centre reviews the order
    where: [{where}]
    tests: ["{test}"]
missing:
  - {{key: annex, name: 附录C, en: Appendix C, cited: 003§2.4.2, default: 17 小时, default_en: 17 hours, codes: [R01.stage]}}
"""
DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">
<process id="processing"><userTask id="review"/><sequenceFlow id="flow"/></process></definitions>"""
TEST = "tests/redress/test_clauses_command.py::test_what_the_checkout_ships_is_all_there"


def folder(tmp_path: Path, *, where: str = "processing.review", test: str = TEST) -> Path:
    (tmp_path / "clauses.yaml").write_text(ONE.format(where=where, test=test), encoding="utf-8")
    (tmp_path / "processing.bpmn").write_text(DIAGRAM, encoding="utf-8")
    return tmp_path


def clauses(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["clauses", *arguments])


def test_what_the_checkout_ships_is_all_there() -> None:
    from redress.cli.clauses import _known

    found = coverage(packaged("bpmn"), tests=CHECKOUT, known=_known())
    assert found.gaps == ()
    assert {paper.key for paper in found.register.missing} >= {"appendix_b", "appendix_c"}


def test_a_clause_whose_element_is_there_is_covered(tmp_path: Path) -> None:
    told = clauses(str(folder(tmp_path)), "--list")
    assert told.exit_code == 0, told.output
    assert "003§2.4.4" in told.output
    assert "processing.review" in told.output
    assert "附录C" in told.output
    assert "1 clauses" in told.output


@pytest.mark.parametrize(
    "gone", ["processing.audit", "handling", "form:review.note", "decision:level", "clock:R01.fill", "letter:reply",
             "page:nowhere", "operation:make_coffee", "data:annex.pdf"]
)  # fmt: skip
def test_what_is_named_and_gone_is_said_and_fails(tmp_path: Path, gone: str) -> None:
    told = clauses(str(folder(tmp_path, where=f'"{gone}"')))
    assert told.exit_code == 1
    assert f"003§2.4.4 names the place {gone}, which is not there" in told.output


def test_a_test_that_is_gone_is_said(tmp_path: Path) -> None:
    named = TEST.replace("ships", "shipped")
    found = coverage(folder(tmp_path, test=named), tests=CHECKOUT)
    assert [(gap.kind, gap.named) for gap in found.gaps] == [("test", named)]


def test_elements_no_clause_names_are_listed(tmp_path: Path) -> None:
    told = clauses(str(folder(tmp_path, where="data:processing.bpmn")), "--unnamed")
    assert "processing.review\n" in told.output
    assert "processing.flow" not in told.output


def test_every_mistake_of_the_register_is_said_at_once() -> None:
    text = """
clauses:
  - {id: a, text: 甲, en: A}
  - {id: a, text: 乙, en: B, kind: people}
  - {id: c, text: 丙, en: C, kind: perhaps, note: x, colour: red, where: [sla:R01]}
missing:
  - {key: k, name: 附录}
"""
    with pytest.raises(InvalidInput) as refused:
        read_register(text)
    told = str(refused.value)
    for said in ("a is built and names no place", "'a' stands twice", "a is people and says nothing", "'perhaps'",
                 "colour", "'sla:R01'", "k needs"):  # fmt: skip
        assert said in told


@pytest.mark.parametrize("text", ["- 1", "clauses: 5", "a: [", "clauses: [1]"])
def test_a_register_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_register(text)
