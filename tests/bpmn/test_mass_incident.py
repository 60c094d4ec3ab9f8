"""The master case of a mass event: headquarters coordinates, departments act, one wording, and the children go on."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.ports import BpmnError, OperationCall
from tests.bpmn.flows import Flows
from tests.bpmn.playing import Played

TAKEN = Flows("mass_incident")


class Incident(Played):
    """One master case on its way."""

    process = "mass_incident"
    facts = {  # noqa: RUF012
        "number": "QF-1",
        "regime": "mass_incident",
        "org": "hq_service",
        "event_key": "zz-0301",
        "name": "郑州断网",
        "business": "broadband",
        "problem_type": "network_quality",
        "description": "主干光缆中断。",
    }
    usual = {  # noqa: RUF012
        "coordinate_incident": {
            "situation": "主干光缆被挖断。",
            "provinces": ["henan"],
            "plan": "抢修光缆，安抚客户。",
            "departments": ["henan_network", "henan_market"],
        },
        "measure_incident": {"measures_taken": "光缆已修复。"},
        "word_incident": {"wording": "因施工造成中断，已修复，按日减免月租。"},
        "resolve_incident": {"outcome": "resolved", "decision": "每户减免三日月租。"},
        "close_incident": {"cause": "resource_failure", "review": "施工单位未提前报备。"},
    }


@pytest.fixture
def incident(sessions: sessionmaker[Session], clock: FrozenClock) -> Incident:
    return Incident(sessions, clock)


def test_departments_act_side_by_side_and_the_children_hear_what_was_decided(incident: Incident) -> None:
    assert {told["role"] for told in incident.notices()} == {"provincial_service", "upgrade_centre"}
    incident.does("coordinate_incident")
    units = {each.properties["route.unit"] for each in incident.harness.recorder.named("measure_incident")}
    assert units == {"henan_network", "henan_market"}
    incident.does("measure_incident")
    assert incident.waiting == ["measure_incident"]
    incident.does("measure_incident", "word_incident")
    told = incident.notices()[-1]
    assert (told["role"], told["unit"]) == ("provincial_centre", "henan_centre")
    incident.does("resolve_incident")
    assert incident.notices("release_children") == [{"text": "每户减免三日月租。"}]
    incident.does("close_incident")
    assert incident.archived


def test_what_headquarters_does_itself_needs_no_department(incident: Incident) -> None:
    plan: dict[str, Any] = {**incident.usual["coordinate_incident"], "departments": []}
    incident.does("coordinate_incident", **plan)
    assert incident.waiting == ["word_incident"]


def test_what_is_not_resolved_is_coordinated_again(incident: Incident) -> None:
    incident.until("resolve_incident")
    incident.does("resolve_incident", outcome="unresolved", remaining="部分小区仍未恢复。")
    assert incident.waiting == ["coordinate_incident"]
    assert incident.notices("release_children") == []
    incident.until("close_incident")


def test_an_event_has_one_master(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    def taken(_call: OperationCall) -> None:
        raise BpmnError("master_exists", "QF-0 is it")

    incident = Incident(sessions, clock, results={"become_master": taken})
    assert incident.waiting == []
    assert incident.notices("archive_case") == [{"code": "merged"}]
    assert incident.told[0] == ("become_master", {"key": "zz-0301"})


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
