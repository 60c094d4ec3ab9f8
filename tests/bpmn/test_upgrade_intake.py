"""Headquarters takes an upgrade complaint in: graded, reported where it is major, linked, accepted, merged or not accepted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.ports import BpmnError, OperationCall
from tests.bpmn.flows import Flows
from tests.bpmn.upgrade_case import Upgrade

TAKEN = Flows("upgrade_intake")


class Intake(Upgrade):
    """An upgrade complaint at headquarters."""

    process = "upgrade_intake"


@pytest.fixture
def intake(sessions: sessionmaker[Session], clock: FrozenClock) -> Intake:
    return Intake(sessions, clock)


def test_earlier_cases_are_looked_for_and_those_chosen_are_linked(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    intake = Intake(sessions, clock, earlier_numbers="TS-1，TS-2 ")
    looked = intake.notices("find_cases")[0]
    assert looked["numbers"] == ["TS-1", "TS-2"]
    assert (looked["phone"], looked["person"]["name"]) == ("13700010001", "黄晓岚")
    intake.does("accept_upgrade", outcome="accepted", summary="已核实。", related_cases=["K-1"])
    assert intake.notices("link_cases") == [{"numbers": ["K-1"], "kind": "related"}]
    assert intake.ended


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"tags": ["media"]}, 2),
        ({"tags": ["judicial"]}, 2),
        ({"tags": ["regulator"]}, 2),
        ({"tags": ["group"], "affected_count": 2}, 2),
        ({"affected_count": 20}, 2),
        ({"affected_count": 19}, 0),
        ({"tags": None, "affected_count": None}, 0),
    ],
)
def test_what_is_major_is_reported_to_both_before_anybody_has_verified_it(
    sessions: sessionmaker[Session], clock: FrozenClock, changed: dict[str, Any], told: int
) -> None:
    intake = Intake(sessions, clock, **changed)
    assert intake.waiting == ["accept_upgrade"]
    assert len(intake.notices()) == told


def test_a_repetition_is_merged_and_filed(intake: Intake) -> None:
    intake.does("accept_upgrade", outcome="merged", merge_into="U-0")
    assert intake.notices("merge_case") == [{"into": "U-0"}]
    assert intake.notices("archive_case") == [{"code": "merged"}]
    assert intake.ended
    assert intake.loop["ending"] == "merged"


def test_what_is_not_accepted_is_explained(intake: Intake) -> None:
    reason = {"rejection_reason": "not_our_service", "rejection_text": "请向对方运营商反映。"}
    intake.does("accept_upgrade", outcome="rejected", **reason)
    assert [told["template"] for told in intake.notices("issue_letter")] == ["not_accepted"]
    assert intake.ended
    assert intake.loop["ending"] == "not_accepted"


def test_what_cannot_be_merged_is_verified_again(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    def closed(_call: OperationCall) -> None:
        raise BpmnError("case_over", "U-0 is archived")

    intake = Intake(sessions, clock, results={"merge_case": closed})
    intake.does("accept_upgrade", outcome="merged", merge_into="U-0")
    assert intake.waiting == ["accept_upgrade"]
    intake.does("accept_upgrade")
    assert intake.ended
    assert intake.loop["ending"] == "answered"
    assert intake.notices("archive_case") == []


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
