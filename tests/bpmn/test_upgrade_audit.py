"""Headquarters audits the province's reply and then the ticket (003§3.3)."""

from __future__ import annotations

from typing import ClassVar

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.flows import Flows
from tests.bpmn.upgrade_case import Upgrade

TAKEN = Flows("upgrade_audit")


class Replied(Upgrade):
    """A case whose province has replied."""

    process = "upgrade_audit"
    given: ClassVar = {"loop": {"upgrade": {"unqualified": 0}}, "decision": {"priority": 0}}


@pytest.fixture
def replied(sessions: sessionmaker[Session], clock: FrozenClock) -> Replied:
    return Replied(sessions, clock)


def test_reply_and_ticket_pass(replied: Replied) -> None:
    replied.does("audit_province_reply", "audit_upgrade_ticket")
    assert replied.ended
    assert replied.told == []


def test_a_faulty_ticket_is_corrected_by_the_province_and_audited_again(replied: Replied) -> None:
    replied.does("audit_province_reply")
    replied.does("audit_upgrade_ticket", outcome="faulty", ticket_faults="客户级别未填。")
    assert replied.waiting == ["correct_upgrade_ticket"]
    replied.does("correct_upgrade_ticket", "audit_upgrade_ticket")
    assert replied.ended


@pytest.mark.parametrize(
    ("before", "told", "outcome", "rework"),
    [(0, [], "reply_incomplete", "reply"), (1, ["provincial_service"], "handling_inadequate", "handle")],
)
def test_what_is_not_qualified_is_counted_and_the_second_time_told(
    sessions: sessionmaker[Session],
    clock: FrozenClock,
    before: int,
    told: list[str],
    outcome: str,
    rework: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {"loop": {"upgrade": {"unqualified": before}}, "decision": {"priority": 0}}
    monkeypatch.setattr(Replied, "given", given)
    replied = Replied(sessions, clock)
    replied.does(
        "audit_province_reply", outcome=outcome, faults=["result_unclear"], audit_reason="结果不清楚。"
    )
    assert replied.ended
    assert [notice["role"] for notice in replied.notices()] == told
    assert replied.loop["upgrade"] == {"unqualified": before + 1, "rework": rework}


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
