"""What the messages a case waits for may carry, who may send them, and whom they are offered to; checks of tables over the API."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from engine.dialect import SourceFile
from redress.counting import HEADER, count_statements
from tasks.evidence.tables import Attachment
from tests.tasks.deadlines.clocks.test_said_beginnings_and_ends import said
from tests.tasks.drawings import drawn
from tests.tasks.filling.forms import FIELD, asking, form, table
from tests.tasks.office import TestOffice
from tests.tasks.systems import GATEWAY, add_systems

ASKED = {**FIELD, "key": "asked", "label": "要求补充", "validate": {"required": True, "maxLength": 20}}
HOW_MANY = {
    "type": "number",
    "key": "days",
    "label": "天数",
    "validate": {"min": 1},
    "defaultValue": "=2 + 3",
}
OF_CASE = {"type": "text", "text": "{{case.number}} {{case.demand}}"}
MESSAGES = {"more": ("more_info", "external"), "urge": ("", "staff"), "supplement": ("", "")}


def listening(filing: str = "listening", **of_more: str) -> SourceFile:
    """A task at whose border three messages are waited for: one with a form from bodies outside, one from staff, one from both.
    of_more: further properties of the first, or others in the place of its own.
    """
    borders = "".join(
        f'<bpmn:boundaryEvent id="b_{name}" name="收到{name}" attachedToRef="work" cancelActivity="false">'
        + said(
            **{
                key: value
                for key, value in (("message__form", wanted), ("message__from", by))
                if value and not (name == "more" and key in of_more)
            },
            **(of_more if name == "more" else {}),
        )
        + f'<bpmn:messageEventDefinition id="md_{name}" messageRef="m_{name}"/></bpmn:boundaryEvent>'
        f'<bpmn:userTask id="t_{name}" camunda:candidateGroups="channel">{said(told=f"=message.b_{name}")}</bpmn:userTask>'
        f'<bpmn:endEvent id="e_{name}"/><bpmn:sequenceFlow id="f_{name}" sourceRef="b_{name}" targetRef="t_{name}"/>'
        f'<bpmn:sequenceFlow id="g_{name}" sourceRef="t_{name}" targetRef="e_{name}"/>'
        for name, (wanted, by) in MESSAGES.items()
    )
    source = drawn(
        filing,
        '<bpmn:startEvent id="s"/><bpmn:userTask id="work" camunda:candidateGroups="channel"/><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="e"/>' + borders,
    )
    named = "".join(f'<bpmn:message id="m_{name}" name="{name}"/>' for name in MESSAGES)
    text = source.content.decode().replace("<bpmn:process", f"{named}<bpmn:process", 1)
    return SourceFile(source.name, text.encode())


def learning() -> SourceFile:
    """A task with a form, a script, and a wait for a message with a form."""
    source = drawn(
        "learning",
        '<bpmn:startEvent id="s"/><bpmn:userTask id="answer" camunda:candidateGroups="channel" camunda:formRef="answer"/>'
        '<bpmn:scriptTask id="find" scriptFormat="feel"><bpmn:script>loop.options = ["甲"]</bpmn:script></bpmn:scriptTask>'
        f'<bpmn:receiveTask id="w" messageRef="m_more">{said(message__form="more_info")}</bpmn:receiveTask>'
        '<bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="answer"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="answer" targetRef="find"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="find" targetRef="w"/>'
        '<bpmn:sequenceFlow id="f4" sourceRef="w" targetRef="e"/>',
    )
    text = source.content.decode().replace(
        "<bpmn:process", '<bpmn:message id="m_more" name="more"/><bpmn:process', 1
    )
    return SourceFile(source.name, text.encode())


@pytest.fixture
def number(api: Any) -> str:
    """A case the regulator's gateway has filed."""
    add_systems(api.office)
    start = form("listening_start", {**FIELD, "key": "demand"})
    api.office.deploy(listening(), form("more_info", ASKED, HOW_MANY, OF_CASE), start)
    filed = api(GATEWAY, "POST", "/cases/listening", {"facts": {"demand": "退费"}})
    assert filed.status_code == 201, filed.text
    return str(filed.json["number"])


def offered(api: Any, login: str, number: str) -> dict[str, Any]:
    return {one["name"]: one for one in api(login, "GET", f"/cases/{number}").json["messages"]}


def inside(api: Any) -> str:
    """A case of the same process that staff have filed."""
    return str(api("li_na", "POST", "/cases/listening", {"facts": {"demand": "退费"}}).json["number"])


def sent(api: Any, login: str, number: str, name: str, payload: Any = None) -> Any:
    return api(login, "POST", f"/cases/{number}/messages", {"name": name, "payload": payload or {}})


def test_everybody_is_offered_what_they_may_send_with_its_form(api: Any, number: str) -> None:
    outside = offered(api, GATEWAY, number)
    assert outside.keys() == {"more", "supplement"}
    more = outside["more"]
    assert (more["label"], more["form_key"]) == ("收到more", "more_info")
    assert [one.get("defaultValue") for one in more["form"]["components"]] == [None, 5, None]
    assert more["context"] == {"case": {"number": number, "demand": "退费"}}
    assert outside["supplement"]["form"] is None
    mine = offered(api, "li_na", inside(api))
    assert mine.keys() == {"urge", "supplement"}


def test_what_a_message_carries_passes_its_form_or_is_refused_with_every_mistake(
    api: Any, number: str
) -> None:
    refused = sent(api, GATEWAY, number, "more", {"asked": "x" * 21, "days": 0, "number": "9"})
    assert refused.status_code == 422 and refused.json["code"] == "answers-refused"
    assert {one["path"] for one in refused.json["errors"]} == {"asked", "days", "number"}
    assert all(one["message_zh"] for one in refused.json["errors"])
    assert api.office.task("t_more", number) is None
    assert sent(api, GATEWAY, number, "more", {"asked": "原件"}).status_code == 200
    assert api.office.task("t_more", number).properties["told"] == {"asked": "原件", "days": None}


def test_the_form_of_a_message_reads_what_the_process_has_learnt_and_tells_no_body_outside(api: Any) -> None:
    add_systems(api.office)
    answered = form("answer", FIELD)
    asks = {**ASKED, "defaultValue": "=form.answer.remark", "validate": {}}
    pick = {"type": "select", "key": "one", "label": "选择", "valuesExpression": "=loop.options"}
    start = form("learning_start", FIELD)
    api.office.deploy(learning(), form("more_info", asks, pick), start, answered)
    mine, theirs = (
        str(api(login, "POST", "/cases/learning", {"facts": {}}).json["number"])
        for login in ("li_na", GATEWAY)
    )
    for number in (mine, theirs):
        task = api.office.task("answer", number)
        api.office.claim("li_na", task.id)
        api.office.complete("li_na", task.id, {"remark": "内部意见"})
    more = offered(api, "li_na", mine)["more"]
    assert more["context"] == {"form": {"answer": {"remark": "内部意见"}}, "loop": {"options": ["甲"]}}
    assert more["form"]["components"][0]["defaultValue"] == "内部意见"
    assert sent(api, "li_na", mine, "more", {"one": "乙"}).status_code == 422
    assert sent(api, "li_na", mine, "more", {"one": "甲"}).status_code == 200
    outside = offered(api, GATEWAY, theirs)["more"]
    assert outside["context"] == {} and "defaultValue" not in outside["form"]["components"][0]
    assert sent(api, GATEWAY, theirs, "more", {"one": "甲"}).status_code == 422


def test_who_may_not_send_a_message_is_answered_as_if_nobody_waited(api: Any, number: str) -> None:
    """A body outside learns nothing; staff are told who sends it."""
    lying = sent(api, GATEWAY, number, "urge", {"text": "快"})
    made_up = sent(api, GATEWAY, number, "urgf", {"text": "快"})
    system = sent(api, GATEWAY, number, "redress.extended", {})
    told = [
        (one.status_code, one.json["code"], one.json["detail"].replace(name, "…"))
        for one, name in ((lying, "urge"), (made_up, "urgf"), (system, "redress.extended"))
    ]
    assert told[0] == told[1] == told[2] and told[0][0] == 409
    assert api.office.task("t_urge", number) is None
    mine = inside(api)
    staff = sent(api, "li_na", mine, "more", {"asked": "x"})
    assert staff.status_code == 403 and "只能由外部单位发送" in staff.json["message_zh"]
    assert sent(api, "li_na", mine, "urge", {"text": "快"}).status_code == 200


def test_a_form_is_no_way_around_the_size_of_a_message(api: Any, number: str) -> None:
    big = sent(api, GATEWAY, number, "more", {"asked": "x" * (64 * 1024)})
    assert big.status_code == 422 and "64 KiB" in big.json["detail"]
    deep: Any = {}
    for _ in range(200):
        deep = {"asked": deep}
    assert sent(api, GATEWAY, number, "more", deep).status_code == 400
    assert sent(api, GATEWAY, number, "more", {"asked": ["x"], "days": "5"}).status_code == 422
    assert api.office.task("t_more", number) is None


def test_a_paper_somebody_else_has_uploaded_is_not_taken_with_a_message(api: Any, number: str) -> None:
    picker = {"type": "filepicker", "key": "paper", "label": "附件"}
    api.office.deploy(listening("papers"), form("more_info", picker), form("papers_start", FIELD))
    mine = str(api(GATEWAY, "POST", "/cases/papers", {"facts": {}}).json["number"])
    refused = sent(api, GATEWAY, mine, "more", {"paper": "01890000-0000-7000-8000-000000000000"})
    assert refused.status_code == 422 and refused.json["errors"][0]["path"] == "paper"
    assert api.office.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0


def test_a_message_that_starts_a_process_beside_the_case_passes_the_form_of_its_start(
    api: Any, number: str
) -> None:
    begun = drawn(
        "begun",
        said(case__linked="true")
        + f'<bpmn:startEvent id="s">{said(message__form="more_info", message__from="staff")}'
        '<bpmn:messageEventDefinition id="md" messageRef="m"/></bpmn:startEvent><bpmn:userTask id="w"/>'
        '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="w"/>',
    ).content.decode()
    text = begun.replace("<bpmn:process", '<bpmn:message id="m" name="begin"/><bpmn:process', 1)
    api.office.deploy(SourceFile("begun.bpmn", text.encode()), form("more_info", ASKED))
    mine = inside(api)
    assert sent(api, "li_na", mine, "begin", {}).status_code == 422
    assert sent(api, "li_na", mine, "begin", {"asked": "x"}).status_code == 200
    assert sent(api, GATEWAY, number, "begin", {"asked": "x"}).status_code == 409


def test_the_check_warns_of_words_about_messages_that_say_nothing(office: TestOffice) -> None:
    def codes(source: SourceFile) -> list[tuple[str, str]]:
        with office.deps.sessions() as session:
            found = office.deps.engine.check(session, [source]).findings
        return [(one.code, one.element_id) for one in found]

    wrong = listening().content.decode().replace('"staff"', '"stuff"')
    found = codes(SourceFile("listening.bpmn", wrong.encode()))
    assert ("unknown-value", "b_urge") in found and ("unknown-form", "b_more") in found
    misplaced = (
        asking()
        .content.decode()
        .replace('camunda:formRef="answer">', f">{said(message__form='answer', message__from='staff')}")
    )
    assert (
        codes(SourceFile("asking.bpmn", misplaced.encode())).count(("property-without-effect", "answer")) == 2
    )


def test_a_completion_checked_by_a_table_and_read_from_the_process_keeps_within_its_statements(
    api: Any,
) -> None:
    pick = {"type": "select", "key": "picked", "valuesExpression": "=loop.options"}
    rules = table("lawful", ('"b"', '"picked"', '"不行"', '"no"'))
    api.office.deploy(
        asking(check="lawful", options='[{value: "a"}, {value: "b"}]'), form("answer", pick), rules
    )
    bind = api.office.deps.sessions.kw["bind"]
    count_statements(api.own_app(), bind)
    bind.dispose()
    for _ in range(2):
        api("li_na", "POST", "/cases/asking", {"facts": {}})
        task = api.office.task("answer").id
        assert api("li_na", "GET", f"/tasks/{task}").json["context"] == {
            "loop": {"options": [{"value": "a"}, {"value": "b"}]}
        }
        api("li_na", "POST", f"/tasks/{task}/claim")
        refused = api("li_na", "POST", f"/tasks/{task}/complete", {"answers": {"picked": "b"}})
        assert refused.status_code == 422
        assert refused.json["errors"] == [{"path": "picked", "message": "no", "message_zh": "不行"}]
        done = api("li_na", "POST", f"/tasks/{task}/complete", {"answers": {"picked": "a"}})
        assert done.status_code == 200, done.text
    statements, commits = map(int, done.headers[HEADER].split("/"))
    assert statements <= 10 and commits == 1


def test_reading_a_case_with_all_it_waits_for_keeps_within_its_statements(api: Any, number: str) -> None:
    bind = api.office.deps.sessions.kw["bind"]
    count_statements(api.own_app(), bind)
    bind.dispose()
    mine = inside(api)
    for login, case, most in (("li_na", mine, 10), (GATEWAY, number, 4)):
        api(login, "GET", f"/cases/{case}")  # what is read once per process
        answer = api(login, "GET", f"/cases/{case}")
        assert len(answer.json["messages"]) == 2
        assert int(answer.headers[HEADER].split("/")[0]) <= most, answer.headers[HEADER]
