"""The province handles what headquarters dispatched; a mass event waits for its master case and goes on with what it decided."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.flows import Flows
from tests.bpmn.upgrade_case import IN_PROVINCE, Upgrade

TAKEN = Flows("province_handling", "mass_event_wait")


WAITING: dict[str, Any] = {"number": "QF-1", "resolved": False, "text": None}
RESOLVED: dict[str, Any] = {"number": "QF-1", "resolved": True, "text": "每户补偿三日月租。"}
NAMED = {**IN_PROVINCE["loop"]["mass"], "key": "zz-0301", "name": "郑州断网"}


class InProvince(Upgrade):
    """An order the province has accepted."""

    process = "province_handling"
    given: ClassVar = IN_PROVINCE


class InEvent(InProvince):
    """One that belongs to a mass event, as intake has noted."""

    given: ClassVar = {**IN_PROVINCE, "loop": {**IN_PROVINCE["loop"], "mass": NAMED}}


class SentBack(InProvince):
    """One whose reply to headquarters was incomplete."""

    given: ClassVar = {
        **IN_PROVINCE,
        "loop": {**IN_PROVINCE["loop"], "upgrade": {**IN_PROVINCE["loop"]["upgrade"], "rework": "reply"}},
    }


def test_it_is_resolved_as_a_complaint_is_and_replied_to_headquarters(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    order = InProvince(sessions, clock)
    order.until("province_reply")
    assert order.steps[0] == "review_work_order"
    order.does("province_reply")
    assert order.ended
    assert order.loop["upgrade"]["due_at"] is not None
    assert order.notices("join_master") == []


def test_a_reply_that_was_incomplete_is_only_written_again(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    order = SentBack(sessions, clock)
    assert order.waiting == ["province_reply"]
    order.does("province_reply")
    assert order.ended


def test_a_case_of_a_mass_event_waits_and_its_clocks_stand_still(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    order = InEvent(sessions, clock, results={"join_master": WAITING})
    assert order.waiting == []
    joined = order.notices("join_master")[0]
    assert (joined["regime"], joined["key"]) == ("mass_incident", "zz-0301")
    assert joined["facts"]["name"] == "郑州断网"
    waits = [
        each.properties["sla.pause"]
        for move in order.harness.recorder.moves
        for each in move.began
        if each.activity_id == "wait_for_master"
    ]
    assert waits == ["mass_event"]
    order.hears("master_resolved", text="每户补偿三日月租。", number="QF-1")
    assert order.waiting == ["review_work_order"]
    assert order.loop["mass"]["text"] == "每户补偿三日月租。"
    order.until("province_reply")
    assert len(order.notices("join_master")) == 1


def test_a_later_child_of_a_resolved_master_goes_on_at_once(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    order = InEvent(sessions, clock, results={"join_master": RESOLVED})
    assert order.waiting == ["review_work_order"]
    assert order.loop["mass"]["text"] == "每户补偿三日月租。"


def test_headquarters_lets_a_child_go_on_alone(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    order = InEvent(sessions, clock, results={"join_master": WAITING})
    order.hears("leave_master", reason="客户情况不同。")
    assert order.waiting == ["review_work_order"]
    assert order.loop["mass"]["text"] is None
    order.until("province_reply")


def test_a_mass_event_found_while_handling_stops_the_work_until_it_is_resolved(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    order = InProvince(sessions, clock, results={"join_master": WAITING})
    order.until("handle_complaint")
    order.hears("mass_event", event_key="zz-0301", event_name=None)
    assert order.waiting == []
    assert order.notices("join_master")[0]["facts"]["name"] == "zz-0301"
    order.hears("master_resolved", text="每户补偿三日月租。", number="QF-1")
    assert order.waiting == ["review_work_order"]


@pytest.mark.parametrize("stage", ["waiting", "handle_complaint"])
def test_a_withdrawal_ends_it(sessions: sessionmaker[Session], clock: FrozenClock, stage: str) -> None:
    in_event = stage == "waiting"
    order = (InEvent if in_event else InProvince)(sessions, clock, results={"join_master": WAITING})
    if not in_event:
        order.until(stage)
    order.hears("withdraw", reason="问题已解决")
    assert order.waiting == []
    assert order.ended


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
