"""A confidential case: who still sees it, what lists show of it, and that each read is recorded."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tasks.audit.tables import AuditEvent
from tests.tasks.office import FACTS

MARK = {"confidential": True, "reason": "涉及员工本人"}


def filed(api: Any, login: str = "li_na", **more: Any) -> Any:
    answer = api(login, "POST", "/cases/request", {"facts": FACTS, **more})
    assert answer.status_code == 201, answer.text
    return answer.json


def confide(api: Any, number: str, login: str = "sun_qiang", **changes: Any) -> Any:
    return api(login, "PUT", f"/cases/{number}/confidential", {**MARK, **changes})


def reads(api: Any, number: str) -> list[str]:
    with api.office.deps.sessions() as session:
        found = sa.select(AuditEvent.actor_name).where(
            AuditEvent.chain == number, AuditEvent.verb == "case.read"
        )
        return list(session.scalars(found.order_by(AuditEvent.seq)))


def listed(api: Any, login: str) -> set[str]:
    return {row["number"] for row in api(login, "GET", "/cases").json["items"]}


def test_it_narrows_to_who_filed_it_who_has_its_work_and_supervisors_of_the_reach(api: Any) -> None:
    case = filed(api)
    number, task = case["number"], case["tasks"][0]["id"]
    assert api("he_jing", "POST", f"/tasks/{task}/claim").status_code == 200
    assert confide(api, number).status_code == 204
    see = {"li_na", "he_jing", "sun_qiang"}
    for login in ("li_na", "he_jing", "wang_lei", "sun_qiang", "shen_yun", "chen_yu", "tang_wei"):
        answer = api(login, "GET", f"/cases/{number}")
        assert (answer.status_code == 200) == (login in see), login
        if login != "tang_wei":
            assert (number in listed(api, login)) == (login in see), login
    done = {"answers": {"outcome": "forward", "unit": "henan_network"}}
    assert api("he_jing", "POST", f"/tasks/{task}/complete", done).status_code == 200
    assert api("he_jing", "GET", f"/cases/{number}").status_code == 200
    assert api("feng_bo", "GET", f"/cases/{number}").status_code == 200  # offered to their group
    assert api("deng_li", "GET", f"/cases/{number}").status_code == 404
    assert api("sun_qiang", "GET", f"/tasks/{task}").status_code == 200


def test_a_colleague_loses_the_task_that_another_holds(api: Any) -> None:
    case = filed(api, "he_jing")
    task, instance = case["tasks"][0]["id"], case["instance_id"]
    confide(api, case["number"])
    assert api("li_na", "GET", f"/tasks/{task}").status_code == 200  # still offered
    api("he_jing", "POST", f"/tasks/{task}/claim")
    for method, path in (
        ("GET", f"/tasks/{task}"),
        ("POST", f"/tasks/{task}/claim"),
        ("POST", f"/tasks/{task}/release"),
        ("POST", f"/tasks/{task}/complete"),
        ("GET", f"/instances/{instance}"),
        ("GET", f"/instances/{instance}/history"),
        ("GET", f"/cases/{case['number']}"),
    ):
        body = {"answers": {}} if path.endswith("complete") else None
        assert api("li_na", method, path, body).status_code == 404, path


def test_a_linked_confidential_case_is_not_named_to_those_who_do_not_see_it(api: Any) -> None:
    earlier = filed(api, "he_jing")
    later = filed(api, "li_na", links=[{"number": earlier["number"], "kind": "upgrade_of"}])
    api("he_jing", "POST", f"/tasks/{earlier['tasks'][0]['id']}/claim")
    path = f"/cases/{later['number']}"
    assert [link["number"] for link in api("li_na", "GET", path).json["links"]] == [earlier["number"]]
    confide(api, earlier["number"])
    assert api("li_na", "GET", path).json["links"] == []
    assert [link["number"] for link in api("he_jing", "GET", path).json["links"]] == [earlier["number"]]


def test_every_read_is_recorded_once_and_lists_are_none(api: Any) -> None:
    case = filed(api)
    number, task, instance = case["number"], case["tasks"][0]["id"], case["instance_id"]
    api("li_na", "GET", f"/cases/{number}")
    assert reads(api, number) == []
    confide(api, number)
    api("li_na", "GET", "/cases")
    assert reads(api, number) == []
    for path in (
        f"/cases/{number}",
        f"/tasks/{task}",
        f"/instances/{instance}",
        f"/instances/{instance}/history",
        f"/cases/{number}/attachments",
        f"/cases/{number}/comments",
        f"/tasks/{task}/comments",
    ):
        before = len(reads(api, number))
        assert api("li_na", "GET", path).status_code == 200
        assert reads(api, number)[before:] == ["李楠"], path
    assert api("deng_li", "GET", f"/cases/{number}").status_code == 404
    assert len(reads(api, number)) == 7


def test_the_mark_needs_a_reason_and_a_supervisor_in_whose_reach_the_case_is(api: Any) -> None:
    number = filed(api)["number"]
    assert confide(api, number, reason=" ").status_code == 422
    assert confide(api, number, "li_na").status_code == 403
    other = filed(api, "chen_yu")["number"]
    assert confide(api, other).status_code == 404
    assert confide(api, number).status_code == confide(api, number).status_code == 204
    read = api("sun_qiang", "GET", f"/cases/{number}").json
    assert (read["confidential"], read["confidential_reason"]) == (True, MARK["reason"])
    assert confide(api, number, confidential=False).status_code == 204
    assert api("wang_lei", "GET", f"/cases/{number}").status_code == 404
    assert api("shen_yun", "GET", f"/cases/{number}").status_code == 200
