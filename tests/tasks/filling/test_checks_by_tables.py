"""`form.check` and `form.start.check`: a table of the deployment says what is wrong with what is sent, and nothing happens."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from engine.dialect import SourceFile
from engine.errors import DecisionFailed, DeploymentRefused
from tasks.forms import AnswersRefused
from tasks.talk.tables import Notice
from tests.tasks.filling.forms import FIELD, asking, form, table
from tests.tasks.office import TestOffice

PICKED = {**FIELD, "key": "picked", "validate": {"required": True}}
LONG = {**FIELD, "key": "remark", "validate": {"maxLength": 3}}
ILLEGAL = table(
    "lawful",
    ('"2"', '"picked"', '"结论②需要在时限内答复过的前案"', '"conclusion 2 needs an earlier answer"'),
    ('"2"', '"remark"', '"请说明"', '"say why"'),
    ('"3"', "null", "null", '"not at all"'),
)


def opened(office: TestOffice, *files: SourceFile, check: str = "lawful") -> Any:
    office.deploy(asking(check=check), form("answer", PICKED, LONG), *files)
    number = office.file("li_na", "asking", {}).number
    task = office.task("answer", number)
    office.claim("li_na", task.id)
    return task


def refused(office: TestOffice, task: Any, answers: dict[str, Any]) -> list[tuple[str, str, str]]:
    with pytest.raises(AnswersRefused) as told:
        office.complete("li_na", task.id, answers)
    assert office.task("answer", task.business_key).state == "assigned"
    return [(one.path, one.message_zh, one.message) for one in told.value.problems]


def test_every_row_is_a_mistake_and_what_gives_none_is_taken(office: TestOffice) -> None:
    task = opened(office, ILLEGAL)
    assert refused(office, task, {"picked": "2"}) == [
        ("picked", "结论②需要在时限内答复过的前案", "conclusion 2 needs an earlier answer"),
        ("remark", "请说明", "say why"),
    ]
    assert refused(office, task, {"picked": "3"}) == [("", "not at all", "not at all")]
    office.complete("li_na", task.id, {"picked": "1"})
    assert office.task("answer", task.business_key).state == "completed"


def test_the_form_s_own_mistakes_are_told_with_those_of_the_table(office: TestOffice) -> None:
    task = opened(office, ILLEGAL)
    found = refused(office, task, {"picked": "2", "remark": "四个字的"})
    assert [path for path, _, _ in found] == ["remark", "picked", "remark"]
    assert [path for path, _, _ in refused(office, task, {"remark": "四个字的"})] == ["picked", "remark"]


def test_the_table_sees_the_case_and_what_the_process_has_learnt(office: TestOffice) -> None:
    both = table(
        "lawful",
        ("true", '"picked"', '"内部"', '"inside"'),
        inputs='loop.secret = "内部" and case.number != null',
    )
    assert refused(office, opened(office, both), {"picked": "1"}) == [("picked", "内部", "inside")]


def test_what_a_table_says_is_bounded(office: TestOffice) -> None:
    flood = table("lawful", *[("-", f'"{"长" * 900}"', f'"{"字" * 900}"', '"x"')] * 150)
    found = refused(office, opened(office, flood), {"picked": "1"})
    assert len(found) == 100 and len(found[0][0]) == len(found[0][1]) == 500


def test_a_table_that_never_ends_is_refused_by_name_and_process_owners_are_told_once_a_day(
    office: TestOffice,
) -> None:
    endless = table(
        "lawful",
        ("-", '"picked"', '"x"', '"x"'),
        inputs="count(for a in 1..100000, b in 1..100000 return a * b)",
    )
    task = opened(office, endless)
    for _ in range(2):
        with pytest.raises(DecisionFailed, match="decision table lawful") as told:
            office.complete("li_na", task.id, {"picked": "1"})
        assert "决策表“lawful”" in str(told.value.facts["message_zh"])
    assert office.task("answer", task.business_key).state == "assigned"
    with office.deps.sessions() as session:
        (notice,) = session.scalars(sa.select(Notice).where(Notice.cause == "check_failed"))
    assert notice.fields["table"] == "lawful" and notice.business_key == task.business_key
    with office.acting("lu_jian") as (_, owner):
        assert notice.to_person == owner.id


def test_where_the_form_refuses_already_a_failing_table_is_not_the_person_s_business(
    office: TestOffice,
) -> None:
    wrong = table(
        "lawful", ("-", '"picked"', '"x"', '"x"'), inputs="date(form.answer.picked).nowhere + unknown_thing"
    )
    assert [path for path, _, _ in refused(office, opened(office, wrong), {})] == ["picked"]


def test_a_start_is_checked_over_what_would_be_the_case(office: TestOffice) -> None:
    start = {**FIELD, "key": "level"}
    possible = table(
        "possible", ("true", '"business"', '"VIP 要填业务"', '"a VIP needs a business"'),
        inputs='case.level = "vip" and case.regime = "asking"',
    )  # fmt: skip
    office.deploy(asking(start="possible"), form("answer", PICKED), form("asking_start", start), possible)
    with pytest.raises(AnswersRefused) as told:
        office.file("li_na", "asking", {"level": "vip"})
    assert [(one.path, one.message_zh) for one in told.value.problems] == [("business", "VIP 要填业务")]
    assert office.file("li_na", "asking", {"level": "normal"}).number


def test_a_changed_table_makes_a_new_version_and_running_work_keeps_its_own(office: TestOffice) -> None:
    task = opened(office, ILLEGAL)
    office.deploy(
        asking(check="lawful"),
        form("answer", PICKED, LONG),
        table("lawful", ('"9"', '"picked"', '"九"', '"9"')),
    )
    assert refused(office, task, {"picked": "2"})[0][0] == "picked"
    fresh = office.task("answer", office.file("li_na", "asking", {}).number)
    office.claim("li_na", fresh.id)
    assert refused(office, fresh, {"picked": "9"}) == [("picked", "九", "9")]


def findings(office: TestOffice, *files: SourceFile) -> list[tuple[str, str, str]]:
    with office.deps.sessions() as session:
        found = office.deps.engine.check(session, list(files)).findings
    return [(one.severity, one.code, one.message) for one in found]


def test_the_check_refuses_a_table_that_is_not_there_and_a_computed_one(office: TestOffice) -> None:
    answer = form("answer", PICKED)
    found = findings(office, asking(check="lawfull", start="nowhere"), answer, ILLEGAL)
    assert [(severity, code) for severity, code, _ in found].count(("error", "unknown-check")) == 2
    assert any("did you mean lawful?" in message for *_, message in found)
    assert ("error", "computed-name") in [
        one[:2] for one in findings(office, asking(check='="law" + "ful"'), answer)
    ]
    with pytest.raises(DeploymentRefused):
        office.deploy(asking(check="nowhere"), answer)


def test_the_check_warns_of_outputs_that_are_missing_and_of_elements_that_have_no_form(
    office: TestOffice,
) -> None:
    answer = form("answer", PICKED)
    text = (
        ILLEGAL.content.decode().replace('name="path"', 'name="where"').replace('name="message', 'name="text')
    )
    found = findings(office, asking(check="lawful"), answer, SourceFile("lawful.dmn", text.encode()))
    assert [code for _, code, _ in found].count("check-without-output") == 2
    assert "check-without-output" not in [
        code for _, code, _ in findings(office, asking(check="lawful"), answer, ILLEGAL)
    ]
    misplaced = (
        asking(check="lawful")
        .content.decode()
        .replace("userTask", "manualTask")
        .replace(' camunda:formRef="answer"', "")
    )
    assert "property-without-effect" in [
        code for _, code, _ in findings(office, SourceFile("asking.bpmn", misplaced.encode()), ILLEGAL)
    ]
