"""A letter is made by the worker, kept with its case, once, and says what the case says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine.actor import SYSTEM
from engine.incidents import Incident
from engine.ports import OperationCall
from tasks.audit.tables import AuditEvent
from tasks.letters.versions import load_templates
from tests.tasks.letters.making import PLAIN, content, keep, letter_regime, letters, printed
from tests.tasks.office import TestOffice


def test_a_letter_says_what_the_case_says_and_is_a_paper_of_the_case(office: TestOffice) -> None:
    keep(office, plain=PLAIN)
    office.deploy(letter_regime())
    filed = office.file(regime="letters")
    office.settle()
    (letter,) = letters(office, filed.number)
    today = office.clock.now().astimezone(ZoneInfo("Asia/Shanghai"))
    text = printed(content(office, "li_na", letter.id))
    assert "河南省分公司" in text and "尊敬的张三：您反映的“退费”已经办结。" in text
    assert f"河南省分公司{today.year}年{today.month}月{today.day}日" in text
    assert f"编号：{filed.number}-01" in text and "第1页，共1页" in text
    assert letter.media_type == "application/pdf" and letter.name == f"测试函-{filed.number}-01.pdf"
    assert (
        letter.notes["template"] == "plain"
        and letter.notes["version"] == 1
        and letter.notes["to"] == "customer"
    )
    assert office.task("wait", filed.number) is not None
    recorded = sa.select(AuditEvent).where(
        AuditEvent.verb == "letter.issue", AuditEvent.chain == filed.number
    )
    with office.deps.sessions() as session:
        assert [row.subject_id for row in session.scalars(recorded)] == [str(letter.id)]


def test_an_activation_that_comes_twice_makes_one_letter(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever brings the operation back with the same key finds the letter, also when the words are others by now."""
    keep(office, plain=PLAIN)
    office.deploy(letter_regime())
    issue, answers = office.deps.engine.operations["issue_letter"], []

    def twice(call: OperationCall) -> Mapping[str, Any] | None:
        answers.append(issue(call))
        load_templates(call.session, {"plain": PLAIN.replace("办结", "结束")}, now=office.clock.now())
        answers.append(issue(call))
        return answers[-1]

    monkeypatch.setitem(office.deps.engine.operations, "issue_letter", twice)
    filed = office.file(regime="letters")
    office.settle()
    (letter,) = letters(office, filed.number)
    assert answers == [answers[0]] * 2 and answers[0]["letter"] == str(letter.id)
    assert letter.notes["version"] == 1


def test_a_field_without_a_value_makes_an_incident_that_names_it_and_no_letter(office: TestOffice) -> None:
    keep(office, plain=PLAIN.replace("case.demand", "case.customer.nickname"))
    office.deploy(letter_regime())
    filed = office.file(regime="letters")
    office.settle(failing=True)
    assert letters(office, filed.number) == []
    with office.deps.sessions() as session:
        (incident,) = session.scalars(sa.select(Incident)).all()
    assert "{{case.customer.nickname}} in line 6" in incident.message
    assert "模板第 6 行的字段 {{case.customer.nickname}}" in incident.message_zh
    keep(office, plain=PLAIN)
    with office.deps.sessions.begin() as session:
        office.deps.engine.retry(session, incident.id, actor=SYSTEM)
    office.settle()
    (letter,) = letters(office, filed.number)
    assert letter.notes["version"] == 2


def test_a_template_that_is_not_there_makes_an_incident(office: TestOffice) -> None:
    office.deploy(letter_regime("unheard_of"))
    office.file(regime="letters")
    office.settle(failing=True)
    with office.deps.sessions() as session:
        assert "没有文书模板“unheard_of”" in session.scalars(sa.select(Incident)).one().message_zh
