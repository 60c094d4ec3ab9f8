"""Idempotency: whatever is sent twice happens once, also at the same moment and after a refusal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api import idempotency
from api.idempotency import IdempotencyKey
from engine.instance import ProcessInstance
from tasks.cases.tables import Case
from tests.tasks.office import FACTS


def counted(api: Any, table: Any) -> int:
    return int(api.office.scalar(sa.select(sa.func.count()).select_from(table)))


def test_filing_twice_with_one_key_files_one_case_and_gives_the_same_answer(api: Any) -> None:
    first = api("li_na", "POST", "/cases/request", {"facts": FACTS}, key="a-1")
    again = api("li_na", "POST", "/cases/request", {"facts": FACTS}, key="a-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data == again.data
    assert first.headers["Location"] == again.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert counted(api, Case) == 1


def test_a_key_belongs_to_its_caller_and_its_path(api: Any) -> None:
    api("li_na", "POST", "/cases/request", {"facts": FACTS}, key="a-1")
    api("he_jing", "POST", "/cases/request", {"facts": FACTS}, key="a-1")
    assert counted(api, Case) == 2


def test_the_same_key_with_another_body_is_refused(api: Any) -> None:
    api("li_na", "POST", "/cases/request", {"facts": FACTS}, key="a-1")
    other = api("li_na", "POST", "/cases/request", {"facts": {**FACTS, "demand": "more"}}, key="a-1")
    assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")
    assert counted(api, Case) == 1


def test_a_refused_call_stores_nothing_and_may_be_corrected_under_the_same_key(api: Any) -> None:
    refused = api("li_na", "POST", "/cases/request", {"facts": {}}, key="a-1")
    assert refused.status_code == 422
    assert counted(api, IdempotencyKey) == 0
    assert api("li_na", "POST", "/cases/request", {"facts": FACTS}, key="a-1").status_code == 201


def test_a_completion_sent_again_gives_the_first_answer_and_not_a_conflict(api: Any) -> None:
    task = api("li_na", "POST", "/cases/request", {"facts": FACTS}).json["tasks"][0]["id"]
    api("li_na", "POST", f"/tasks/{task}/claim", key="c-1")
    body = {"answers": {"outcome": "close"}}
    first = api("li_na", "POST", f"/tasks/{task}/complete", body, key="d-1")
    again = api("li_na", "POST", f"/tasks/{task}/complete", body, key="d-1")
    assert first.status_code == again.status_code == 200
    assert first.data == again.data
    assert api("li_na", "POST", f"/tasks/{task}/complete", body, key="d-2").status_code == 409


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "中文"])
def test_a_key_that_is_no_key_is_refused(api: Any, key: str) -> None:
    answer = api(
        "li_na",
        "POST",
        "/cases/request",
        {"facts": FACTS},
        headers={"Idempotency-Key": key.encode().decode("latin-1")},
    )
    assert answer.status_code == 422
    assert counted(api, Case) == 0


def test_twins_sent_at_the_same_moment_file_one_case(api: Any) -> None:
    api("li_na", "GET", "/me")
    with ThreadPoolExecutor(4) as pool:
        sent = [
            pool.submit(api, "li_na", "POST", "/cases/request", {"facts": FACTS}, key="twin")
            for _ in range(8)
        ]
        answers = [each.result() for each in sent]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert counted(api, Case) == 1
    assert counted(api, ProcessInstance) == 1


def test_twin_completions_at_the_same_moment_complete_once_and_agree(api: Any) -> None:
    task = api("li_na", "POST", "/cases/request", {"facts": FACTS}).json["tasks"][0]["id"]
    api("li_na", "POST", f"/tasks/{task}/claim")
    body = {"answers": {"outcome": "forward", "unit": "henan_network"}}
    with ThreadPoolExecutor(4) as pool:
        sent = [
            pool.submit(api, "li_na", "POST", f"/tasks/{task}/complete", body, key="twin") for _ in range(6)
        ]
        answers = [each.result() for each in sent]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1


def test_of_many_who_claim_at_once_exactly_one_wins(api: Any) -> None:
    task = api("li_na", "POST", "/cases/request", {"facts": FACTS}).json["tasks"][0]["id"]
    for login in ("li_na", "he_jing"):
        api(login, "GET", "/me")
    with ThreadPoolExecutor(4) as pool:
        sent = [
            pool.submit(api, login, "POST", f"/tasks/{task}/claim")
            for login in ("li_na", "he_jing", "li_na", "he_jing")
        ]
        statuses = sorted(each.result().status_code for each in sent)
    assert statuses == [200, 200, 409, 409]


def test_keys_are_forgotten_after_their_time(api: Any) -> None:
    api("li_na", "POST", "/cases/request", {"facts": FACTS}, key="old")
    api.office.clock.advance(timedelta(days=2))
    with api.office.deps.sessions.begin() as session:
        assert idempotency.forget(session, api.office.clock.now() - timedelta(days=1)) == 1
    assert counted(api, IdempotencyKey) == 0
