"""What is nested more deeply than it could be written again is refused before anything is done with it."""

from __future__ import annotations

import json
from typing import Any

from tasks.core import DEEPEST, too_deep
from tests.api.test_cases_and_tasks import filed


def nested(times: int) -> Any:
    value: Any = "内"
    for _ in range(times):
        value = [value]
    return value


def test_a_value_is_too_deep_from_one_level_more_than_is_kept() -> None:
    assert not too_deep("text") and not too_deep([])
    assert not too_deep(nested(DEEPEST)) and too_deep(nested(DEEPEST + 1))
    assert not too_deep({"a": nested(DEEPEST - 1)}) and too_deep({"a": nested(DEEPEST)})
    assert not too_deep([[[]]] * 1000)


def test_a_draft_and_the_variables_of_an_instance_are_refused_with_a_sentence(api: Any) -> None:
    case = filed(api)
    task = api("li_na", "GET", "/tasks?list=queue").json["items"][0]["id"]
    api("li_na", "POST", f"/tasks/{task}/claim")
    for login, method, path, body in (
        ("li_na", "PUT", f"/tasks/{task}/draft", {"answers": {"a": nested(300)}, "revision": 0}),
        ("li_na", "POST", f"/tasks/{task}/complete", {"answers": {"a": nested(300)}}),
        ("lu_jian", "POST", f"/instances/{case['instance_id']}/variables", {"variables": nested(300)}),
    ):
        sent = json.dumps(body)
        answer = api(login, method, path, data=sent, content_type="application/json")
        assert answer.status_code == 400, answer.text
        assert answer.json["detail"].endswith(f"{path} is nested more than {DEEPEST} times.")
    assert api("li_na", "GET", f"/tasks/{task}/draft").json["revision"] == 0
    kept = {"answers": {"a": nested(DEEPEST - 2)}, "revision": 0}
    assert api("li_na", "PUT", f"/tasks/{task}/draft", kept).json["revision"] == 1
