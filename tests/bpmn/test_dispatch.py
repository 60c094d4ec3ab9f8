"""Dispatch by the centre (003§2.4.4): what routing suggests, whom the centre names, within which time."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.flows import Flows
from tests.bpmn.work_case import Work

TAKEN = Flows("dispatch")


@pytest.fixture
def work(sessions: sessionmaker[Session], clock: FrozenClock) -> Work:
    return Work(sessions, clock)


def test_what_has_a_clear_type_goes_to_the_department_of_that_type(work: Work) -> None:
    work.until("sign_order")
    task = work.task("sign_order")
    assert task.candidate_groups == ("department",)
    assert task.properties["route.unit"] is None  # the classification finds it
    assert task.properties["route.classification"] == ["gsm", "billing", "多收月租"]


def test_the_review_corrects_what_routing_goes_by(work: Work) -> None:
    work.does(
        "review_work_order",
        outcome="dispatch",
        corrected=True,
        problem_type="network_quality",
        correction="客户反映的是覆盖问题。",
    )
    assert work.task("dispatch_order").variables["decision"]["routing"]["department"] == "network"
    work.does("dispatch_order")
    assert work.task("sign_order").properties["route.classification"][:2] == ["gsm", "network_quality"]


def test_what_the_centre_cannot_judge_goes_to_the_business_department(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="business_department")
    task = work.task("sign_order")
    assert task.candidate_groups == ("business_department",)
    assert task.properties["route.classification"] == ["gsm", "other"]


def test_review_and_dispatch_have_their_four_hours_together(work: Work) -> None:
    arrived = work.harness.clock.now()
    work.harness.advance(hours=3)
    work.until("dispatch_order")
    assert work.task("dispatch_order").properties["sla.policy"] == "R01.audit"
    assert since(work) == arrived
    work.until("sign_order")
    work.harness.advance(hours=1)
    work.does("sign_order", outcome="refused", refusal_reason="不属于本部门职责。")
    assert since(work) == work.harness.clock.now()  # what is refused is dispatched anew


def since(work: Work) -> datetime:
    """Since when the clock of the dispatch runs."""
    return datetime.fromisoformat(str(work.task("dispatch_order").properties["sla.from"]))


def test_the_centre_may_name_the_department_itself(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="department", department="channels")
    assert work.unit("sign_order") == "henan_channels"


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
