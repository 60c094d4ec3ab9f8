"""Supervision beside a case: the first order, one more at every rung, and the end when what was pressed is done."""

from __future__ import annotations

from typing import ClassVar

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.complaint_case import FACTS, USUAL
from tests.bpmn.flows import Flows
from tests.bpmn.playing import Played

TAKEN = Flows("supervision", "supervision_order")
ANSWER = {"progress": "正在核查账单。", "measure": "已指定专人处理。", "expected_at": "2026-03-04T10:00"}
ORDER = {
    "reason": "warning",
    "hours": 0,
    "claimed": True,
    "level": "general",
    "priority": 0,
    "holders": ["department"],
    "superior": ["provincial_centre"],
    "chain": ["provincial_centre"],
    "headquarters": ["headquarters"],
}


class Pressed(Played):
    """Work whose clock has come to its first rung."""

    process = "supervision"
    facts = FACTS
    usual: ClassVar = {**USUAL, "answer_supervision": ANSWER}
    given: ClassVar = {"loop": {"order": ORDER}}


@pytest.fixture
def pressed(sessions: sessionmaker[Session], clock: FrozenClock) -> Pressed:
    return Pressed(sessions, clock)


def orders(pressed: Pressed) -> list[tuple[str, ...]]:
    return [each.candidate_groups for each in pressed.harness.recorder.named("answer_supervision")]


def test_each_rung_presses_one_level_higher_and_earlier_orders_stay(pressed: Pressed) -> None:
    assert orders(pressed) == [("department",)]
    pressed.hears("redress.supervision_advance", order={**ORDER, "reason": "overdue"})
    assert orders(pressed) == [("department",), ("provincial_centre",)]
    pressed.does("answer_supervision", "answer_supervision")
    assert pressed.harness.recorder.moves[-1].ended


def test_when_what_was_pressed_is_done_open_orders_are_gone(pressed: Pressed) -> None:
    pressed.hears("redress.supervision_advance", order={**ORDER, "reason": "overdue", "hours": 24})
    assert orders(pressed)[-1] == ("headquarters",)
    pressed.hears("redress.supervision_over")
    assert pressed.waiting == []
    assert pressed.harness.recorder.moves[-1].ended


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
