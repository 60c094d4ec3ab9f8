"""Dispatch, signing and refusal (003§2.4.4): remote units, handling and business departments, arbitration."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.flows import Flows
from tests.bpmn.work_case import Work

TAKEN = Flows("dispatch", "refusal")


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


@pytest.mark.parametrize(
    ("clear", "branch", "groups", "unit", "tier"),
    [
        ("yes", "province", ("department",), None, "province"),
        ("yes", "city", ("department",), "luoyang", "city"),
        ("no", "city", ("business_department",), "luoyang", "city"),
        ("no", "province", ("business_department",), None, "province"),
    ],
)
def test_a_remote_unit_dispatches_on_by_type_and_tier(
    work: Work, clear: str, branch: str, groups: tuple[str, ...], unit: str | None, tier: str
) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="remote_unit", remote_unit="luoyang")
    assert work.unit("second_dispatch") == "luoyang"
    department = {"department": "suggested"} if (clear, branch) == ("yes", "province") else {}
    work.does("second_dispatch", outcome="accepted", type_clear=clear, branch=branch, **department)
    assert work.task("sign_order").candidate_groups == groups
    assert work.unit("sign_order") == unit
    seen = work.loop("sign_order")
    assert seen["tier"] == tier
    assert [(each["role"], each["unit"]) for each in seen["stack"]] == [("remote_unit", "luoyang")]


def test_what_the_centre_sent_is_back_with_it_when_refused(work: Work) -> None:
    work.until("sign_order")
    work.does("sign_order", outcome="refused", refusal_reason="不属于本部门职责。")
    assert work.waiting == ["dispatch_order"]
    work.does("dispatch_order", "sign_order")
    assert work.waiting == ["handle_complaint"]


def test_what_a_remote_unit_dispatched_is_back_with_it_when_refused(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="remote_unit", remote_unit="luoyang")
    work.does("second_dispatch")
    work.does("sign_order", outcome="refused", refusal_reason="不属于本部门职责。")
    assert work.waiting == ["second_dispatch"]
    assert work.unit("second_dispatch") == "luoyang"
    assert work.loop("second_dispatch")["stack"] == []
    work.does("second_dispatch", "sign_order")
    assert work.waiting == ["handle_complaint"]


def test_two_refusals_go_to_headquarters_whoever_refused(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="remote_unit", remote_unit="zhengzhou")
    work.does("second_dispatch", outcome="refused", refusal_reason="不属于本地业务。")
    assert work.waiting == ["dispatch_order"]
    work.does("dispatch_order")
    work.does("sign_order", outcome="refused", refusal_reason="不属于本部门职责。")
    assert work.waiting == ["arbitrate_order"]
    work.does("arbitrate_order")
    assert work.waiting == ["handle_complaint"]  # what is arbitrated cannot be refused
    assert work.unit("handle_complaint") == "henan_market"
    work.does("handle_complaint")
    assert work.waiting == ["audit_feedback"]


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
