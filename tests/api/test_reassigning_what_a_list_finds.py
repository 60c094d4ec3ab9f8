"""A lead distributes what a list finds, and a task says which lead has set its priority."""

from __future__ import annotations

from typing import Any

from tests.tasks.lists.test_named_lists import VIP
from tests.tasks.office import FACTS

TO = {"to": ["li_na", "he_jing"], "reason": "分给当班人员"}


def filed(api: Any, facts: Any) -> str:
    return str(api("li_na", "POST", "/cases/request", {"facts": facts}).json["tasks"][0]["id"])


def test_what_a_list_finds_is_distributed_and_nothing_else(api: Any) -> None:
    plain, vips = filed(api, FACTS), [filed(api, VIP) for _ in range(2)]
    found = {"criteria": {"customer_level": "vip", "assignee": ""}}
    done = api("sun_qiang", "POST", "/tasks/reassign", {"found": found, **TO})
    assert done.status_code == 200, done.text
    assert {each["id"] for each in done.json["items"]} == set(vips)
    assert {each["task"]["assignee"]["name"] for each in done.json["items"]} == {"李楠", "何菁"}
    assert api("sun_qiang", "POST", "/tasks/reassign", {"found": found, **TO}).json["items"] == []
    assert api("sun_qiang", "GET", f"/tasks/{plain}").json["state"] == "created"


def test_one_way_to_name_the_tasks_is_needed_and_whatever_is_wrong_moves_nothing(api: Any) -> None:
    task = filed(api, FACTS)
    for wrong in (
        {"found": {}, "ids": [task]},
        {"found": {}, "from": "li_na"},
        {"found": {"list": "archive"}},
    ):
        assert api("sun_qiang", "POST", "/tasks/reassign", {**wrong, **TO}).status_code == 422, wrong
    assert api("lin_hai", "POST", "/tasks/reassign", {"found": {}, **TO}).json["items"] == []
    assert api("he_jing", "POST", "/tasks/reassign", {"found": {"list": "queue"}, **TO}).status_code == 403
    assert api("sun_qiang", "GET", f"/tasks/{task}").json["state"] == "created"


def test_a_task_says_which_lead_has_set_its_priority(api: Any) -> None:
    task = filed(api, FACTS)
    assert api("he_jing", "GET", f"/tasks/{task}").json["priority_by"] is None
    api("sun_qiang", "POST", f"/tasks/{task}/prioritise", {"priority": 90, "reason": "媒体关注"})
    assert api("he_jing", "GET", f"/tasks/{task}").json["priority_by"]["name"] == "孙强"
