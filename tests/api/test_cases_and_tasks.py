"""A case through the public API: file, list, claim, complete, follow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.tasks.office import FACTS, PASSWORD


def filed(api: Any, login: str = "li_na") -> Any:
    answer = api(login, "POST", "/cases/request", {"facts": FACTS})
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_token_is_given_for_login_and_password_and_works(api: Any) -> None:
    made = api(None, "POST", "/tokens", {"login": "li_na", "password": PASSWORD})
    assert made.status_code == 201
    me = api(None, "GET", "/me", headers={"Authorization": f"Bearer {made.json['token']}"})
    assert me.json["name"] == "李楠"
    assert "channel@/hq/henan/henan_hotline/" in me.json["groups"]


@pytest.mark.parametrize("login", ["li_na", "nobody"])
def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(api: Any, login: str) -> None:
    refused = api(None, "POST", "/tokens", {"login": login, "password": "wrong"})
    assert refused.status_code == 401
    assert refused.json["detail"] == f"To sign in as '{login}' was asked; login and password do not match."


def test_a_case_is_filed_listed_worked_and_archived(api: Any) -> None:
    case = filed(api)
    assert case["tasks"][0]["activity_id"] == "check_request"
    queue = api("he_jing", "GET", "/tasks?list=queue").json["items"]
    assert [task["number"] for task in queue] == [case["number"]]
    task = queue[0]["id"]
    detail = api("li_na", "GET", f"/tasks/{task}").json
    assert detail["form"]["id"] == "check_request"
    assert detail["case"]["customer"]["name"] == "张三"
    assert api("li_na", "POST", f"/tasks/{task}/claim").json["assignee"]["name"] == "李楠"
    assert [item["id"] for item in api("li_na", "GET", "/tasks").json["items"]] == [task]
    assert api("li_na", "GET", "/tasks/counts").json == {
        "inbox": 1,
        "asleep": 0,
        "queue": 0,
        "overdue": 0,
        "warned": 0,
        "delegated": 0,
        "team": None,
        "capped_at": 1000,
    }
    done = api("li_na", "POST", f"/tasks/{task}/complete", {"answers": {"outcome": "close"}})
    assert done.status_code == 200, done.text
    assert done.json["task"]["state"] == "completed"
    api.office.settle()
    read = api("li_na", "GET", f"/cases/{case['number']}").json
    assert read["status"] == "completed"
    assert read["archived_at"].endswith("+08:00")
    assert [item["id"] for item in api("li_na", "GET", "/tasks?list=archive").json["items"]] == [task]
    instance = api("li_na", "GET", f"/instances/{case['instance_id']}").json
    assert (instance["status"], instance["activities"]) == ("completed", [])
    lines = api("li_na", "GET", f"/instances/{case['instance_id']}/history").json["items"]
    assert lines[0]["kind"] == "instance_started"
    assert "instance_completed" in {line["kind"] for line in lines}


def test_an_open_instance_says_where_it_is_and_what_it_waits_for(api: Any) -> None:
    case = filed(api)
    instance = api("li_na", "GET", f"/instances/{case['instance_id']}").json
    assert "check_request" in [activity["activity_id"] for activity in instance["activities"]]
    assert [message["name"] for message in instance["messages"]] == ["withdraw"]
    assert instance["number"] == case["number"]


def test_a_message_moves_the_case_and_one_nobody_waits_for_is_refused(api: Any) -> None:
    case = filed(api)
    path = f"/cases/{case['number']}/messages"
    wrong = api("li_na", "POST", path, {"name": "applause"})
    assert (wrong.status_code, wrong.json["code"]) == (409, "message-not-awaited")
    assert api("li_na", "POST", path, {"name": "withdraw", "payload": {"why": "solved"}}).status_code == 200
    again = api("li_na", "POST", path, {"name": "withdraw"})
    assert again.status_code == 409


def test_a_lost_claim_and_a_second_completion_are_conflicts_that_name_the_holder(api: Any) -> None:
    task = filed(api)["tasks"][0]["id"]
    api("li_na", "POST", f"/tasks/{task}/claim")
    lost = api("he_jing", "POST", f"/tasks/{task}/claim")
    assert (lost.status_code, lost.content_type) == (409, "application/problem+json")
    assert "held by 李楠" in lost.json["detail"]
    assert lost.json["state"] == "assigned"
    api("li_na", "POST", f"/tasks/{task}/complete", {"answers": {"outcome": "close"}})
    second = api("li_na", "POST", f"/tasks/{task}/complete", {"answers": {"outcome": "close"}})
    assert second.status_code == 409
    assert "completed by 李楠" in second.json["detail"]


def test_all_mistakes_in_the_answers_come_at_once_in_both_languages(api: Any) -> None:
    task = filed(api)["tasks"][0]["id"]
    api("li_na", "POST", f"/tasks/{task}/claim")
    refused = api("li_na", "POST", f"/tasks/{task}/complete", {"answers": {"amount": "x", "extra": 1}})
    assert refused.status_code == 422
    errors = {error["path"]: error for error in refused.json["errors"]}
    assert set(errors) == {"outcome", "amount", "extra"}
    assert errors["outcome"]["message_zh"] == "为必填项"


NOBODY = "00000000-0000-4000-8000-000000000000"
BAD_REQUESTS: list[tuple[str, str, Any, int]] = [
    ("GET", "/tasks/not-a-uuid", None, 404),
    ("GET", f"/tasks/{NOBODY}", None, 404),
    ("POST", f"/tasks/{NOBODY}/complete", {"answers": {}}, 404),
    ("GET", "/tasks?limit=0", None, 422),
    ("GET", "/tasks?limit=33976752854961862158718251433984", None, 422),
    ("GET", "/tasks?cursor=%00%ff", None, 422),
    ("GET", "/tasks?cursor=WzFd", None, 422),
    ("GET", "/tasks?list=everything", None, 422),
    ("GET", "/tasks?colour=red", None, 422),
    ("GET", "/tasks?due_before=0001-01-01T00:00:00%2B23:59", None, 422),
    ("GET", "/tasks?list=queue&group=channel@/hq/zhejiang/", None, 422),
    ("GET", f"/instances/{NOBODY}/history?after=99999999999999999999", None, 422),
    ("GET", "/cases/TS000", None, 404),
    ("GET", "/cases/%00", None, 404),
    ("GET", "/cases?number=%25", None, 422),
    ("POST", "/cases/request", {"facts": FACTS, "extra": 1}, 422),
    ("POST", "/cases/request", {"facts": []}, 422),
    ("POST", "/cases/request", [], 422),
    ("POST", "/cases/nothing", {"facts": {}}, 404),
    ("POST", "/cases/%00", {"facts": {}}, 404),
    ("POST", "/cases/request", {"facts": {**FACTS, "demand": "a\x00b"}}, 400),
    ("DELETE", "/cases", None, 405),
    ("POST", f"/incidents/{NOBODY}/retry", None, 403),
    ("GET", "/nowhere", None, 404),
]


def test_bad_input_is_a_problem_document_and_never_a_500(api: Any) -> None:
    for method, path, json, status in BAD_REQUESTS:
        answer = api("li_na", method, path, json)
        assert answer.status_code == status, (method, path, answer.text)
        if status == 200:
            continue
        assert answer.content_type == "application/problem+json"
        assert {"type", "title", "status", "detail", "instance", "code"} <= set(answer.json)
        if status == 405:
            assert "GET" in answer.headers["Allow"]


def test_a_body_that_cannot_be_read_is_refused(api: Any) -> None:
    as_json = "application/json"
    for body, kind, status in [
        (b"{", as_json, 400),
        (b"", as_json, 400),
        (b'{"facts": {"a": "\\ud800"}}', as_json, 400),
        (b"\xff\xfe", as_json, 400),
        (b"facts=1", "application/x-www-form-urlencoded", 415),
        (b'{"facts": ' + b"[" * 2000 + b"]" * 2000 + b"}", as_json, 400),
        (b'{"facts": {"demand": "' + b"x" * 11_000_000 + b'"}}', as_json, 413),
    ]:
        answer = api("li_na", "POST", "/cases/request", data=body, content_type=kind)
        assert answer.status_code == status, (body[:40], answer.text)
        assert answer.content_type == "application/problem+json"
        # Which call it was, and where it helps what would have been right.
        assert answer.json["detail"].startswith(
            ("The body of POST /api/v1/cases/request", "POST /api/v1/cases")
        )
        if status == 415:
            assert "application/x-www-form-urlencoded" in answer.json["detail"]
            assert "send JSON" in answer.json["detail"]


def test_an_address_that_does_not_exist_is_named(api: Any) -> None:
    nowhere = api("li_na", "GET", "/tasks/not-an-id").json
    assert nowhere["detail"].startswith("GET /api/v1/tasks/not-an-id was asked for; there is no such address")
    assert "does not take PATCH" in api("li_na", "PATCH", "/tasks").json["detail"]
    assert "\n" not in api(None, "GET", "/tasks").json["detail"]


def test_other_peoples_cases_and_tasks_do_not_exist(api: Any) -> None:
    case = filed(api)
    task = case["tasks"][0]["id"]
    for path in (
        f"/cases/{case['number']}",
        f"/tasks/{task}",
        f"/instances/{case['instance_id']}",
        f"/instances/{case['instance_id']}/history",
    ):
        assert api("chen_yu", "GET", path).status_code == 404, path
        assert api("shen_yun", "GET", path).status_code == 200, path
    assert api("chen_yu", "GET", "/cases").json["items"] == []
    assert [item["number"] for item in api("shen_yun", "GET", "/cases").json["items"]] == [case["number"]]


def test_pages_of_the_queue_follow_each_other_without_gap_or_repetition(api: Any) -> None:
    numbers = [filed(api)["number"] for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = api("li_na", "GET", f"/tasks?list=queue&limit=2{cursor}").json
        seen += [item["number"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(seen) == sorted(numbers)
    listed = []
    cursor = ""
    while True:
        page = api("li_na", "GET", f"/cases?limit=2{cursor}").json
        listed += [item["number"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(listed) == sorted(numbers)


def test_the_regimes_and_their_start_forms_are_listed(api: Any) -> None:
    items = api("li_na", "GET", "/regimes").json["items"]
    assert [(item["key"], item["form"]["id"]) for item in items] == [("request", "request_start")]


def test_a_suspended_instance_moves_again_after_it_is_resumed(api: Any) -> None:
    case = filed(api)
    path = f"/instances/{case['instance_id']}"
    assert api("sun_qiang", "POST", f"{path}/suspend", {"reason": "核查"}).json["status"] == "suspended"
    again = api("sun_qiang", "POST", f"{path}/suspend", {"reason": "核查"})
    assert again.status_code == 409
    assert api("sun_qiang", "POST", f"{path}/resume", {}).json["status"] == "active"
    assert api("sun_qiang", "POST", f"{path}/cancel", {"reason": "重复"}).json["status"] == "cancelled"
    assert api("li_na", "GET", f"/tasks/{case['tasks'][0]['id']}").json["state"] == "cancelled"


def test_a_token_can_be_narrowed_expires_and_can_be_revoked(api: Any) -> None:
    narrow = {"Authorization": f"Bearer {api.token('li_na', scopes=('task.read',))}"}
    assert api(None, "GET", "/tasks", headers=narrow).status_code == 200
    assert api(None, "GET", "/cases", headers=narrow).status_code == 403
    made = api(None, "POST", "/tokens", {"login": "li_na", "password": PASSWORD, "days": 1}).json
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert api(None, "DELETE", f"/tokens/{made['id']}", headers=headers).status_code == 204
    assert api(None, "GET", "/me", headers=headers).status_code == 401
    other = {"Authorization": f"Bearer {api.token('li_na')}"}
    api.office.clock.advance(timedelta(days=31))
    refused = api(None, "GET", "/me", headers=other)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_healthz_and_readyz_answer(api: Any) -> None:
    assert api.client().get("/healthz").status_code == 200
    assert api.client().get("/readyz").status_code == 200


def test_a_task_says_who_gave_it_back_and_why(api: Any) -> None:
    task = api("li_na", "POST", "/cases/request", {"facts": FACTS}).json["tasks"][0]["id"]
    api("he_jing", "POST", f"/tasks/{task}/claim")
    given = api("he_jing", "POST", f"/tasks/{task}/release", {"reason": "不属于热线"})
    assert (given.status_code, given.json["state"], given.json["returned"]) == (200, "created", 1)
    (only,) = api("li_na", "GET", f"/tasks/{task}").json["returns"]
    assert (only["person"]["name"], only["reason"]) == ("何菁", "不属于热线")
    api("he_jing", "POST", f"/tasks/{task}/claim")
    assert api("he_jing", "POST", f"/tasks/{task}/release").json["returned"] == 1
    api("he_jing", "POST", f"/tasks/{task}/claim")
    assert api("he_jing", "POST", f"/tasks/{task}/release", {"reason": " "}).status_code == 422


def test_a_lead_distributes_tasks_and_hears_of_each(api: Any) -> None:
    tasks = [filed(api)["tasks"][0]["id"] for _ in range(2)]
    nowhere = "00000000-0000-4000-8000-000000000000"
    sent = {"ids": [*tasks, nowhere], "to": ["li_na", "he_jing"], "reason": "早会分派"}
    items = api("sun_qiang", "POST", "/tasks/reassign", sent).json["items"]
    assert [(each["id"], each["done"]) for each in items] == [
        (tasks[0], True),
        (tasks[1], True),
        (nowhere, False),
    ]
    assert {each["task"]["assignee"]["name"] for each in items[:2]} == {"李楠", "何菁"}
    assert (
        items[2]["refused"]["detail"] == f"The task {nowhere} was asked for; there is no such task for you."
    )
    strange = api("lin_hai", "POST", "/tasks/reassign", {**sent, "ids": [tasks[0], nowhere]}).json["items"]
    alike = {str(each).replace(each["id"], "…") for each in strange}
    assert len(alike) == 1
    back = api("sun_qiang", "POST", f"/tasks/{tasks[0]}/reassign", {"to": None, "reason": "先放回"})
    assert (back.status_code, back.json["state"]) == (200, "created")
    assert api("sun_qiang", "POST", f"/tasks/{tasks[0]}/reassign", {"reason": "先放回"}).status_code == 422
