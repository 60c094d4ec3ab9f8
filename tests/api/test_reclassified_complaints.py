"""R01 over HTTP: the first dispatch, and help from headquarters, judge the level anew; the limit counts from filing (domain §1.10 #5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from redress.content import register_rows
from tasks.deadlines.policies.loading import load_policies
from tasks.user_task import OPEN, UserTask
from tests.api.conftest import Api
from tests.bpmn.complaint_case import FACTS, USUAL
from tests.bpmn.drawing import CONTENT
from tests.bpmn.playing import content
from tests.conftest import Furnishing
from tests.databases import Databases
from tests.tasks.office import open_office

GIVEN = {name: value for name, value in FACTS.items() if name not in ("number", "regime", "org", "province")}


def overall(api: Api, number: str) -> dict[str, Any]:
    items = api("li_na", "GET", f"/cases/{number}/clocks").json["items"]
    (found,) = [clock for clock in items if clock["code"] == "R01.all"]
    return dict(found)


def furnish(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    """The register and the content of `bpmn/`."""
    office = open_office(sessions, clock)
    with sessions.begin() as session:
        load_policies(session, register_rows(CONTENT), now=clock.now())
    office.deploy(*content())


@pytest.fixture
def lender(furnishing: Furnishing) -> Databases:
    return furnishing("register", furnish)


def filed(api: Api) -> str:
    """The number of a complaint of the hotline."""
    office = api.office
    answer = api("li_na", "POST", "/cases/complaint", {"facts": GIVEN})
    assert answer.status_code == 201, answer.text
    office.settle()
    return str(answer.json["number"])


def does(api: Api, login: str, activity: str, **answers: Any) -> None:
    """Somebody takes the open task of this activity after twenty minutes and completes it, as usual or with `answers`."""
    office = api.office
    office.clock.advance(timedelta(minutes=20))
    task = office.scalar(
        sa.select(UserTask.id).where(UserTask.activity_id == activity, UserTask.state.in_(OPEN))
    )
    assert api(login, "POST", f"/tasks/{task}/claim").status_code == 200
    done = api(login, "POST", f"/tasks/{task}/complete", {"answers": answers or USUAL[activity]})
    assert done.status_code == 200, done.text
    office.settle()


def test_a_general_complaint_that_is_dispatched_has_the_48_hours_of_a_provincial_one(api: Api) -> None:
    number = filed(api)
    assert (overall(api, number)["amount"], overall(api, number)["due_at"]) == (
        "24",
        "2026-03-03T09:00:00.000+08:00",
    )
    does(api, "li_na", "accept_complaint")
    does(api, "wang_lei", "review_work_order")
    clock = overall(api, number)
    assert (clock["amount"], clock["started_at"]) == ("48", "2026-03-02T09:00:00.000+08:00")
    assert clock["due_at"] == "2026-03-04T09:00:00.000+08:00"
    assert clock["promised_at"] == "2026-03-03T09:00:00.000+08:00"
    story = api("li_na", "GET", f"/clocks/{clock['id']}").json
    assert [each["cause"] for each in story["revisions"]] == ["start", "level"]


def test_what_headquarters_has_to_coordinate_has_the_72_hours_of_a_national_one(api: Api) -> None:
    number = filed(api)
    does(api, "li_na", "accept_complaint")
    does(api, "wang_lei", "review_work_order")
    does(api, "wang_lei", "dispatch_order", target="business_department")
    does(api, "sun_qiang", "sign_order")
    ask = {"next_step": "upper", "analysis": "涉及省际线路。", "help_request": "请协调省际线路。"}
    does(api, "sun_qiang", "judge_order", **ask)
    clock = overall(api, number)
    assert (clock["amount"], clock["due_at"]) == ("72", "2026-03-05T09:00:00.000+08:00")
