"""A body outside files: one matter is one case, nobody files for another, its very words are kept, and it sees its own only."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
import sqlalchemy as sa

from engine.dialect import SourceFile
from tasks.cases.submissions import original
from tasks.cases.tables import Case, Submission
from tasks.organisation.changing.loading import load_organisation
from tests.api.conftest import Api
from tests.api.matrix.world import ORGANISATION as WORLD
from tests.tasks.cases.drawings import process, wait, work
from tests.tasks.office import ORGANISATION, PASSWORD

FORM = SourceFile(
    "petition_start.form",
    json.dumps(
        {
            "type": "default",
            "id": "petition_start",
            "components": [
                {"type": "textfield", "key": "regulator", "label": "机构", "validate": {"required": True}},
                {"type": "textfield", "key": "regulator_case_number", "label": "案号"},
                {"type": "textarea", "key": "demand", "label": "诉求", "validate": {"maxLength": 100}},
            ],
        }
    ).encode(),
)
PETITION = process(
    "petition",
    wait("more", "regulator_more"),
    work("look", "channel", said="=message.arrived.demand"),
    start="regulator_case",
    messages=("regulator_more",),
    properties='<camunda:property name="case.unique" value="regulator, regulator_case_number"/>'
    '<camunda:property name="case.sender" value="regulator"/><camunda:property name="number.prefix" value="SS"/>',
)
FACTS = {"regulator": "bureau", "regulator_case_number": "工信申〔2026〕12号", "demand": "退费"}


@pytest.fixture
def outside(api: Api) -> Api:
    """The office with two bodies outside, and the process they file under."""
    units = [unit for unit in WORLD["units"] if unit["kind"] == "regulator"]
    people = [
        {"login": "regulator", "name": "管理局", "unit": "bureau"},
        {"login": "council", "name": "消协", "unit": "council"},
    ]
    office = api.office
    with office.deps.sessions.begin() as session:
        everything = {"units": ORGANISATION["units"] + units, "people": ORGANISATION["people"] + people}
        load_organisation(
            session, everything, now=office.clock.now(), passwords=office.deps.passwords, password=PASSWORD
        )
    office.deploy(PETITION, FORM)
    return api


def _files(api: Api, login: str = "regulator", **changed: Any) -> Any:
    return api(login, "POST", "/cases/petition", {"facts": {**FACTS, **changed}})


def _cases(api: Api) -> int:
    return int(api.office.scalar(sa.select(sa.func.count()).select_from(Case)))


def test_the_same_again_gets_the_first_answer_however_it_was_written(outside: Api) -> None:
    first = _files(outside)
    assert first.status_code == 201 and first.json["number"].startswith("SS"), first.json
    turned = json.dumps({"facts": dict(reversed(FACTS.items()))}, indent=2)
    again = outside("regulator", "POST", "/cases/petition", data=turned, content_type="application/json")
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert _cases(outside) == 1


def test_another_body_under_the_same_case_number_is_refused_and_names_both(outside: Api) -> None:
    first = _files(outside).json["number"]
    for number in (
        FACTS["regulator_case_number"],
        " 工信申〔２０２６〕12号 ",
        "工信申\u200b〔2026〕12\ufeff号",
    ):
        refused = _files(outside, regulator_case_number=number, demand="赔偿")
        assert refused.status_code == 409
        assert "bureau" in refused.json["detail"] and "工信申" in refused.json["detail"]
        assert refused.json["number"] == first
    assert _cases(outside) == 1


def test_nobody_files_for_another_body_not_even_what_is_there_already(outside: Api) -> None:
    _files(outside)
    refused = _files(outside, "council")
    assert refused.status_code == 422
    assert [one["path"] for one in refused.json["errors"]] == ["regulator"]
    assert refused.json == {**_files(outside, "council", regulator="nobody").json}
    staff = _files(outside, "li_na", regulator_case_number="9")
    assert staff.status_code == 201  # what came by letter is typed in by the office


def test_every_mistake_is_told_at_once_and_a_case_number_is_needed(outside: Api) -> None:
    refused = _files(outside, regulator="council", regulator_case_number=" ", demand="长" * 101)
    assert {one["path"] for one in refused.json["errors"]} == {"regulator", "regulator_case_number", "demand"}
    unseen = _files(outside, regulator_case_number="\u200b\u2060")
    assert [one["path"] for one in unseen.json["errors"]] == ["regulator_case_number"]
    deep = b'{"facts": {"demand": ' + b"[" * 400 + b"]" * 400 + b"}}"
    nested = outside("regulator", "POST", "/cases/petition", data=deep, content_type="application/json")
    assert nested.status_code in (400, 422)
    assert _cases(outside) == 0


def test_two_connections_at_once_make_one_case(outside: Api) -> None:
    outside("regulator", "GET", "/cases")
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(_files(outside))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status_code for one in answers] == [201] * 4
    assert len({one.data for one in answers}) == 1
    assert _cases(outside) == 1


def test_the_bytes_are_kept_and_shown_to_who_sees_the_case_only(outside: Api) -> None:
    raw = json.dumps({"facts": FACTS}, indent=3, ensure_ascii=False).encode()
    number = outside(
        "regulator", "POST", "/cases/petition", data=raw, content_type="application/json; charset=utf-8"
    ).json["number"]
    for login in ("regulator", "shen_yun"):
        if login == "shen_yun":
            outside("regulator", "POST", f"/cases/{number}/messages", {"name": "regulator_more"})
        answer = outside(login, "GET", f"/cases/{number}/original")
        if login == "regulator":
            assert answer.data == raw
            assert answer.headers["X-Original-Content-Type"] == "application/json; charset=utf-8"
    hidden = outside("council", "GET", f"/cases/{number}/original")
    made_up = outside("council", "GET", "/cases/SS0/original")
    assert hidden.status_code == made_up.status_code == 404
    assert hidden.json["detail"].replace(number, "…") == made_up.json["detail"].replace("SS0", "…")
    with outside.office.acting("regulator") as (session, caller):
        assert original(session, outside.office.deps, caller, number).body == raw


def test_a_body_outside_lists_reads_and_writes_to_its_own_cases_only(outside: Api) -> None:
    number = _files(outside).json["number"]
    assert [one["number"] for one in outside("regulator", "GET", "/cases").json["items"]] == [number]
    assert outside("council", "GET", "/cases").json["items"] == []
    message = {"name": "regulator_more", "payload": {"text": "补充"}}
    assert outside("council", "POST", f"/cases/{number}/messages", message).status_code == 404
    assert outside("council", "GET", f"/cases/{number}").status_code == 404
    assert outside("regulator", "POST", f"/cases/{number}/messages", message).status_code == 200
    assert outside.office.task("look").properties["said"] == "退费"  # it began with the message


def test_the_message_that_files_starts_nothing_under_another_number(outside: Api) -> None:
    number = _files(outside).json["number"]
    refused = outside("regulator", "POST", f"/cases/{number}/messages", {"name": "regulator_case"})
    assert refused.status_code == 409
    assert _cases(outside) == 1


def test_an_answer_outlives_idempotency_keys_and_keeps_no_query_code(outside: Api) -> None:
    first = outside("regulator", "POST", "/cases/petition", {"facts": FACTS}, key="k1")
    code = first.json["query_code"]
    kept = outside.office.scalar(sa.select(Submission.answer))
    assert code and code not in json.dumps(kept)
    assert _files(outside).data == first.data
    assert outside("regulator", "POST", "/cases/petition", {"facts": FACTS}, key="k1").data == first.data
