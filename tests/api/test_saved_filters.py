"""Saved filters over HTTP: what goes in comes out, with counts; what cannot be is refused whole."""

from __future__ import annotations

from typing import Any

from tests.tasks.lists.test_named_lists import VIP

HOTLINE = "channel@/hq/henan/henan_hotline/"


def test_a_filter_is_saved_counted_read_changed_and_deleted(api: Any) -> None:
    number = api("li_na", "POST", "/cases/request", {"facts": VIP}).json["number"]
    criteria = {"customer_level": "vip", "due_before": "2030-01-01T00:00:00+08:00", "returned": False}
    asked = {"name": "贵宾", "list": "queue", "criteria": criteria, "shared_group": HOTLINE}
    made = api("li_na", "POST", "/task-filters", asked)
    assert made.status_code == 201, made.text
    here = f"/task-filters/{made.json['id']}"
    (shown,) = api("he_jing", "GET", "/task-filters").json["items"]
    assert {name: shown[name] for name in asked if name != "criteria"} == {
        name: asked[name] for name in asked if name != "criteria"
    }
    assert shown["criteria"]["customer_level"] == "vip" and shown["criteria"]["returned"] is False
    assert (shown["mine"], shown["owner"]["name"], shown["count"], shown["position"]) == (False, "李楠", 1, 0)
    (task,) = api("he_jing", "GET", f"{here}/tasks").json["items"]
    assert task["number"] == number
    changed = api("li_na", "PATCH", here, {"sort": "created", "criteria": {}, "shared_group": None})
    assert (changed.json["sort"], changed.json["criteria"], changed.json["shared_group"]) == (
        "created",
        {},
        None,
    )
    assert api("he_jing", "GET", f"{here}/tasks").status_code == 404
    assert api("li_na", "DELETE", here).status_code == 204
    assert api("li_na", "GET", "/task-filters").json["items"] == []


def test_what_cannot_be_kept_is_refused_with_every_mistake(api: Any) -> None:
    body = {"name": "…", "list": "team", "criteria": {"q": "退"}, "shared_group": "channel@/hq/zhejiang/"}
    refused = api("li_na", "POST", "/task-filters", body)
    assert refused.status_code == 422, refused.text
    assert [each["path"] for each in refused.json["errors"]] == ["name", "list", "criteria", "shared_group"]
    unknown = api("li_na", "POST", "/task-filters", {"name": "错", "criteria": {"colour": "red"}})
    assert unknown.status_code == 422 and "colour" in unknown.text
    assert api("li_na", "POST", "/task-filters", {"list": "queue"}).status_code == 422
    assert api("li_na", "GET", "/task-filters").json["items"] == []
