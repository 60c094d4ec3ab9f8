"""A table says what is wrong with a message (`message.check`), and one that names a paper is taken once (`message.unique`)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from engine.dialect import SourceFile
from tasks.cases.tables import Submission
from tasks.talk.tables import Notice
from tasks.user_task import UserTask
from tests.api.test_messages_with_forms import ASKED, listening, sent
from tests.tasks.deadlines.clocks.test_said_beginnings_and_ends import said
from tests.tasks.drawings import drawn
from tests.tasks.filling.forms import FIELD, form, table
from tests.tasks.office import TestOffice
from tests.tasks.systems import GATEWAY, add_systems

PAPER = {"type": "textfield", "key": "paper", "label": "来函编号"}
LAWFUL = table(
    "lawful",
    ('"旧"', '"asked"', '"不能要求旧的"', '"nothing old"'),
    ('"旧"', "case.demand", '"诉求是" + case.demand', '"not with " + case.demand'),
    ('"空"', '"paper"', "null", '"needs a paper"'),
    inputs="message.b_more.asked",
)


@pytest.fixture
def both(api: Any) -> tuple[str, str]:
    """The numbers of a case of staff and of one the gateway has filed; `more` is checked, and taken once by its paper."""
    return opened(api, LAWFUL)


def opened(api: Any, rules: SourceFile) -> tuple[str, str]:
    add_systems(api.office)
    source = listening(message__check="lawful", message__unique="paper", message__from="")
    api.office.deploy(source, form("more_info", ASKED, PAPER), form("listening_start", {**FIELD, "key": "demand"}), rules)  # fmt: skip
    mine, theirs = (
        api(login, "POST", "/cases/listening", {"facts": {"demand": "内部"}}).json["number"]
        for login in ("li_na", GATEWAY)
    )
    return mine, theirs


def asked_for(api: Any, number: str) -> int:
    """How many times the case was asked for more."""
    tasks = sa.select(sa.func.count()).where(
        UserTask.business_key == number, UserTask.activity_id == "t_more"
    )
    return int(api.office.scalar(tasks))


def mistakes(answer: Any) -> list[tuple[str, str, str]]:
    assert answer.status_code == 422 and answer.json["code"] == "answers-refused", answer.text
    return [(one["path"], one["message_zh"], one["message"]) for one in answer.json["errors"]]


def test_every_row_is_a_mistake_beside_those_of_the_form_and_nothing_happens(api: Any, both: Any) -> None:
    mine, _ = both
    assert mistakes(sent(api, "li_na", mine, "more", {"asked": "旧", "days": 1})) == [
        ("days", "不是此表单的字段", "is not a field of this form"),
        ("asked", "不能要求旧的", "nothing old"),
        ("内部", "诉求是内部", "not with 内部"),
    ]
    assert mistakes(sent(api, "li_na", mine, "more", {"asked": "空"})) == [
        ("paper", "needs a paper", "needs a paper")
    ]
    assert asked_for(api, mine) == 0
    assert sent(api, "li_na", mine, "more", {"asked": "新"}).status_code == 200
    assert asked_for(api, mine) == 1


def test_a_body_outside_is_told_only_what_the_table_says_word_for_word(api: Any, both: Any) -> None:
    _, theirs = both
    found = mistakes(sent(api, GATEWAY, theirs, "more", {"asked": "旧"}))
    assert found[0] == ("asked", "不能要求旧的", "nothing old")
    assert found[1] == ("", "与案件现有情况不符", "does not fit the case as it stands")


def test_why_a_table_fails_is_told_to_process_owners_and_to_nobody_outside(api: Any) -> None:
    mine, theirs = opened(api, table("lawful", ("-", '"asked"', '"x"', '"x"'), inputs="secret_fact.more + 1"))
    outside = sent(api, GATEWAY, theirs, "more", {"asked": "新"})
    assert outside.status_code == 422
    assert "lawful" not in outside.text and "secret" not in outside.text
    assert "lawful" in sent(api, "li_na", mine, "more", {"asked": "新"}).json["detail"]
    assert asked_for(api, theirs) == 0
    notices = sa.select(sa.func.count()).select_from(Notice).where(Notice.cause == "check_failed")
    assert api.office.scalar(notices) == 1  # once a day


def test_the_message_that_starts_a_process_beside_the_case_is_checked_over_the_case(api: Any) -> None:
    begun = drawn(
        "begun",
        said(case__linked="true")
        + f'<bpmn:startEvent id="s">{said(message__check="lawful", message__unique="paper")}'
        '<bpmn:messageEventDefinition id="md" messageRef="m"/></bpmn:startEvent><bpmn:userTask id="t_more"/>'
        '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t_more"/>',
    ).content.decode()
    text = begun.replace("<bpmn:process", '<bpmn:message id="m" name="begin"/><bpmn:process', 1)
    rules = table("lawful", ("true", '"asked"', '"不行"', '"no"'), inputs="message.s.asked = case.demand")
    api.office.deploy(SourceFile("begun.bpmn", text.encode()), rules)
    mine, _ = opened(api, LAWFUL)
    assert mistakes(sent(api, "li_na", mine, "begin", {"asked": "内部"})) == [("asked", "不行", "no")]
    answers = [sent(api, "li_na", mine, "begin", {"asked": "新", "paper": "1"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200] and answers[0].data == answers[1].data
    assert asked_for(api, mine) == 1


def test_the_same_again_gets_the_first_answer_and_another_text_under_its_number_is_refused(
    api: Any, both: Any
) -> None:
    _, theirs = both
    first = sent(api, GATEWAY, theirs, "more", {"asked": "原件", "paper": "函〔2026〕3号"})
    again = sent(api, GATEWAY, theirs, "more", {"paper": "函〔2026〕3号", "asked": "原件"})
    assert (again.status_code, again.data) == (200, first.data) and first.status_code == 200
    refused = sent(api, GATEWAY, theirs, "more", {"asked": "录音", "paper": " 函〔２０２６〕3号"})
    assert refused.status_code == 409 and "函〔2026〕3号" in refused.json["detail"].replace(
        "２０２６", "2026"
    )
    assert asked_for(api, theirs) == 1
    assert sent(api, GATEWAY, theirs, "more", {"asked": "录音", "paper": "函〔2026〕4号"}).status_code == 200
    assert asked_for(api, theirs) == 2


def test_without_a_number_the_whole_body_tells_whether_it_is_the_same(api: Any, both: Any) -> None:
    mine, _ = both
    for _ in range(2):
        assert sent(api, "li_na", mine, "more", {"asked": "原件"}).status_code == 200
    assert asked_for(api, mine) == 1
    assert sent(api, "li_na", mine, "more", {"asked": "录音"}).status_code == 200
    assert asked_for(api, mine) == 2


def test_the_same_again_gets_its_answer_when_nothing_waits_any_more(api: Any, both: Any) -> None:
    _, theirs = both
    body = {"asked": "原件", "paper": "3"}
    first = sent(api, GATEWAY, theirs, "more", body)
    instance = api.office.scalar(
        sa.select(UserTask.instance_id).where(UserTask.business_key == theirs).limit(1)
    )
    with api.office.acting("lu_jian") as (session, owner):
        api.office.deps.engine.cancel(session, instance, reason="结束", actor=owner.actor)
    assert sent(api, GATEWAY, theirs, "more", body).data == first.data
    assert sent(api, GATEWAY, theirs, "more", {**body, "asked": "录音"}).status_code == 409
    gone = sent(api, GATEWAY, theirs, "more", {"asked": "录音", "paper": "5"})
    made_up = sent(api, GATEWAY, theirs, "mora", {"asked": "录音", "paper": "5"})
    assert gone.status_code == made_up.status_code == 409
    assert gone.json["detail"].replace("more", "mora") == made_up.json["detail"]


def test_one_letter_sent_eight_times_at_once_is_one(api: Any, both: Any) -> None:
    _, theirs = both
    answers: list[Any] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(sent(api, GATEWAY, theirs, "more", {"asked": "原件", "paper": "3"}))
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status_code for one in answers] == [200] * 8, [one.text for one in answers]
    assert len({one.data for one in answers}) == 1
    assert asked_for(api, theirs) == 1
    kept = api.office.scalar(sa.select(Submission.body).where(Submission.message == "more"))
    assert b"asked" in kept  # what a body outside sends is kept to the byte


def test_the_check_tells_of_a_table_that_is_not_there_and_of_words_out_of_place(office: TestOffice) -> None:
    def codes(source: SourceFile) -> set[tuple[str, str]]:
        with office.deps.sessions() as session:
            found = office.deps.engine.check(session, [source, form("more_info", ASKED)]).findings
        return {(one.code, one.element_id) for one in found}

    assert ("unknown-check", "b_more") in codes(listening(message__check="lawfull"))
    assert ("computed-name", "b_more") in codes(listening(message__check='="law" + "ful"'))
    plain = listening().content.decode()
    words = said(message__check="lawful", message__unique="paper")
    wrong = plain.replace('<bpmn:userTask id="work" camunda:candidateGroups="channel"/>', f'<bpmn:userTask id="work">{words}</bpmn:userTask>')  # fmt: skip
    assert ("property-without-effect", "work") in codes(SourceFile("listening.bpmn", wrong.encode()))
