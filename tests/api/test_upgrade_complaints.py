"""R02 over HTTP with the real clocks: from when the province's limit runs, and what a mass event does to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from redress.content import register_rows
from tasks.deadlines.policies.loading import load_policies
from tasks.organisation.changing.loading import load_organisation
from tasks.user_task import OPEN, UserTask
from tests.api.conftest import Api
from tests.bpmn.drawing import CONTENT
from tests.bpmn.playing import content
from tests.bpmn.test_mass_incident import Incident
from tests.bpmn.upgrade_case import FACTS, USUAL
from tests.conftest import Furnishing
from tests.databases import Databases
from tests.tasks.office import PASSWORD, open_office

GIVEN = {name: value for name, value in FACTS.items() if name not in ("number", "regime", "org", "province")}
STAFF = {
    "accept_upgrade": "su_mian",
    "sign_upgrade": "wang_lei",
    "rule_on_return": "fan_shu",
    "review_work_order": "wang_lei",
    "reply_to_customer": "zhao_min",
    "province_reply": "wang_lei",
    "audit_province_reply": "ding_yi",
    "coordinate_incident": "fan_shu",
    "word_incident": "fan_shu",
    "resolve_incident": "fan_shu",
}
EVENING = 12
"""Hours from the beginning of a test to an evening: four hours later it is tomorrow, which would cost or buy a working day."""
ANSWERED = {"outcome": "answer", "answer": "已退还多收费用。"}


def furnish(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    """The demo office with the content of `bpmn/`."""
    office = open_office(sessions, clock)
    data = yaml.safe_load((CONTENT / "organisation" / "organisation.yaml").read_text(encoding="utf-8"))
    with sessions.begin() as session:
        load_organisation(session, data, now=clock.now(), passwords=office.deps.passwords, password=PASSWORD)
        load_policies(session, register_rows(CONTENT), now=clock.now())
    office.deploy(*content())


@pytest.fixture
def lender(furnishing: Furnishing) -> Databases:
    return furnishing("hall", furnish)


@pytest.fixture
def hall(api: Api) -> Api:
    """The demo office with the content of `bpmn/`."""
    return api


def files(api: Api, **changed: Any) -> str:
    """File an upgrade complaint and return its number."""
    filed = api("su_mian", "POST", "/cases/upgrade_complaint", {"facts": {**GIVEN, **changed}})
    assert filed.status_code == 201, filed.text
    api.office.settle()
    return str(filed.json["number"])


def does(api: Api, activity: str, answers: Mapping[str, Any] | None = None, number: str = "") -> None:
    """Who has it claims and completes the open task of this activity."""
    mine = sa.select(UserTask.id).where(UserTask.activity_id == activity, UserTask.state.in_(OPEN))
    task = api.office.scalar(mine.where(UserTask.business_key == number) if number else mine)
    assert task is not None, activity
    claimed = api(STAFF[activity], "POST", f"/tasks/{task}/claim")
    assert claimed.status_code == 200, claimed.text
    given = dict(USUAL[activity] if answers is None else answers)
    done = api(STAFF[activity], "POST", f"/tasks/{task}/complete", {"answers": given})
    assert done.status_code == 200, done.text
    api.office.settle()


def limits(api: Api, number: str, code: str = "R02.all") -> list[dict[str, Any]]:
    """The case's clocks of a code, oldest first."""
    items = api("fan_shu", "GET", f"/cases/{number}/clocks").json["items"]
    return [clock for clock in items if clock["code"] == code]


def later(api: Api, **span: float) -> None:
    api.office.clock.advance(timedelta(**span))
    api.office.settle()


@pytest.mark.parametrize(
    ("network", "business", "due"),
    [("4g", "gsm", "2026-03-07T00:00:00.000+08:00"), ("fixed", "broadband", "2026-03-13T00:00:00.000+08:00")],
)
def test_signed_in_time_the_limit_runs_from_the_signing(
    hall: Api, network: str, business: str, due: str
) -> None:
    later(hall, hours=EVENING)
    number = files(hall, customer={**FACTS["customer"], "network": network}, business=business)
    does(hall, "accept_upgrade")
    later(hall, hours=3, minutes=30)
    does(hall, "sign_upgrade")
    (clock,) = limits(hall, number)
    assert (clock["started_at"], clock["due_at"]) == ("2026-03-03T00:30:00.000+08:00", due)


@pytest.mark.parametrize("signs", ["never", "late", "returned"])
def test_not_signing_never_buys_time(hall: Api, signs: str) -> None:
    later(hall, hours=EVENING)
    number = files(hall)
    does(hall, "accept_upgrade")
    if signs == "never":
        later(hall, hours=4)
    elif signs == "late":  # the worker was away: nobody noticed that the limit had passed
        hall.office.clock.advance(timedelta(hours=6))
        does(hall, "sign_upgrade")
    else:
        later(hall, hours=3, minutes=59)
        does(hall, "sign_upgrade", {"outcome": "returned", "return_reason": "号码归属外省。"})
        later(hall, hours=20)
        does(hall, "rule_on_return")
    (clock,) = limits(hall, number)
    dispatched, due = "2026-03-02T21:00:00.000+08:00", "2026-03-06T00:00:00.000+08:00"
    assert (clock["started_at"], clock["due_at"]) == (dispatched, due)
    assert hall.office.task("review_work_order").state == "created"


def test_a_reply_that_is_sent_back_leaves_the_province_the_same_limit(hall: Api) -> None:
    number = files(hall)
    for activity in ("accept_upgrade", "sign_upgrade"):
        does(hall, activity)
    does(hall, "review_work_order", ANSWERED)
    does(hall, "reply_to_customer")
    later(hall, hours=20)
    does(hall, "province_reply")
    (first,) = limits(hall, number)
    assert first["stopped_at"] == "2026-03-03T05:00:00.000+08:00"
    later(hall, hours=10)
    faulty = {"outcome": "reply_incomplete", "faults": ["measures_missing"], "audit_reason": "未写整改措施。"}
    does(hall, "audit_province_reply", faulty)
    again = limits(hall, number)[-1]
    assert (again["started_at"], again["due_at"]) == (first["started_at"], first["due_at"])
    assert again["state"] == "running"
    does(hall, "province_reply")
    does(hall, "audit_province_reply")
    assert {clock["state"] for clock in limits(hall, number)} == {"stopped"}


def test_a_case_of_a_mass_event_stands_still_until_its_master_is_resolved(hall: Api) -> None:
    number = files(hall)
    does(
        hall, "accept_upgrade", {**USUAL["accept_upgrade"], "event_key": "zz-0301", "event_name": "郑州断网"}
    )
    does(hall, "sign_upgrade")
    (clock,) = limits(hall, number)
    assert clock["state"] == "paused"
    later(hall, hours=24)
    plan = {**Incident.usual["coordinate_incident"], "departments": []}
    for activity, answers in (
        ("coordinate_incident", plan),
        ("word_incident", None),
        ("resolve_incident", None),
    ):
        does(hall, activity, answers or Incident.usual[activity])
    (clock,) = limits(hall, number)
    assert (clock["state"], clock["due_at"]) == ("running", "2026-03-07T00:00:00.000+08:00")
    later_child = files(hall, phenomenon="也断网了")
    does(hall, "accept_upgrade", {**USUAL["accept_upgrade"], "event_key": "zz-0301"}, later_child)
    does(hall, "sign_upgrade", None, later_child)
    (clock,) = limits(hall, later_child)
    assert clock["state"] == "running"


def test_a_filing_with_impossible_facts_names_them_all(hall: Api) -> None:
    facts = {
        **GIVEN,
        "kind": "service_request",
        "channel": "from_complaint",
        "business": "broadband",
        "tags": ["group"],
        "recording_id": None,
    }
    refused = hall("su_mian", "POST", "/cases/upgrade_complaint", {"facts": facts})
    assert refused.status_code == 422, refused.text
    told = {error["path"] for error in refused.json["errors"]}
    assert told == {"international", "earlier_numbers", "customer.network", "affected_count"}


def test_what_the_master_decided_stands_ready_in_the_reply(hall: Api) -> None:
    files(hall)
    does(
        hall, "accept_upgrade", {**USUAL["accept_upgrade"], "event_key": "zz-0301", "event_name": "郑州断网"}
    )
    does(hall, "sign_upgrade")
    does(hall, "coordinate_incident", {**Incident.usual["coordinate_incident"], "departments": []})
    does(hall, "word_incident", Incident.usual["word_incident"])
    does(hall, "resolve_incident", Incident.usual["resolve_incident"])
    task = hall("wang_lei", "GET", f"/tasks/{hall.office.task('review_work_order').id}").json
    (answer,) = [one for one in task["form"]["components"] if one.get("key") == "answer"]
    assert answer["defaultValue"] == "每户减免三日月租。"
