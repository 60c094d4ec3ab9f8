"""R01 over HTTP: the first dispatch judges the level anew, and its overall limit counts from filing (domain §1.10 #5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from redress.content import register_rows
from tasks.deadlines.policies.loading import load_policies
from tasks.user_task import OPEN, UserTask
from tests.api.conftest import Api
from tests.bpmn.complaint_case import FACTS, USUAL
from tests.bpmn.drawing import CONTENT
from tests.bpmn.playing import content

GIVEN = {name: value for name, value in FACTS.items() if name not in ("number", "regime", "org", "province")}


def overall(api: Api, number: str) -> dict[str, Any]:
    items = api("li_na", "GET", f"/cases/{number}/clocks").json["items"]
    (found,) = [clock for clock in items if clock["code"] == "R01.all"]
    return dict(found)


def test_a_general_complaint_that_is_dispatched_has_the_48_hours_of_a_provincial_one(api: Api) -> None:
    office = api.office
    with office.deps.sessions.begin() as session:
        load_policies(session, register_rows(CONTENT), now=office.clock.now())
    office.deploy(*content())
    filed = api("li_na", "POST", "/cases/complaint", {"facts": GIVEN})
    assert filed.status_code == 201, filed.text
    number = filed.json["number"]
    office.settle()
    assert (overall(api, number)["amount"], overall(api, number)["due_at"]) == (
        "24",
        "2026-03-03T09:00:00.000+08:00",
    )
    for login, activity in (("li_na", "accept_complaint"), ("wang_lei", "review_work_order")):
        office.clock.advance(timedelta(minutes=20))
        task = office.scalar(
            sa.select(UserTask.id).where(UserTask.activity_id == activity, UserTask.state.in_(OPEN))
        )
        assert api(login, "POST", f"/tasks/{task}/claim").status_code == 200
        done = api(login, "POST", f"/tasks/{task}/complete", {"answers": USUAL[activity]})
        assert done.status_code == 200, done.text
    clock = overall(api, number)
    assert (clock["amount"], clock["started_at"]) == ("48", "2026-03-02T09:00:00.000+08:00")
    assert clock["due_at"] == "2026-03-04T09:00:00.000+08:00"
    assert clock["promised_at"] == "2026-03-03T09:00:00.000+08:00"
    story = api("li_na", "GET", f"/clocks/{clock['id']}").json
    assert [each["cause"] for each in story["revisions"]] == ["start", "level"]
