"""Corrective action: the cause, the measures, carried out, and at the agreed date shown to work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.flows import Flows
from tests.bpmn.upgrade_case import Upgrade

TAKEN = Flows("corrective_action")


class Measures(Upgrade):
    """A case that owes corrective measures."""

    process = "corrective_action"
    given: ClassVar = {"decision": {"priority": 0}}


@pytest.fixture
def measures(sessions: sessionmaker[Session], clock: FrozenClock) -> Measures:
    return Measures(sessions, clock)


def test_the_effect_is_verified_on_the_agreed_date_and_not_before(measures: Measures) -> None:
    measures.does("analyse_cause", "plan_measures")
    assert measures.task("carry_out_measures").properties["sla.due"] == "2026-03-10"
    measures.does("carry_out_measures")
    assert measures.waiting == []
    _until(measures, datetime(2026, 3, 20, 0, 59, tzinfo=UTC))
    assert measures.waiting == []
    _until(measures, datetime(2026, 3, 20, 1, 0, tzinfo=UTC))
    assert measures.waiting == ["verify_effect"]
    measures.does("verify_effect")
    assert measures.harness.recorder.moves[-1].ended
    assert measures.told == []


def test_what_does_not_work_is_planned_anew_and_headquarters_is_told(measures: Measures) -> None:
    measures.does("analyse_cause")
    for day in ("2026-03-20", "2026-04-20"):
        plan: dict[str, Any] = {**measures.usual["plan_measures"], "complete_on": day, "verify_on": day}
        measures.does("plan_measures", **plan)
        measures.does("carry_out_measures")
        _until(measures, datetime.fromisoformat(f"{day}T09:00+08:00"))
        measures.does("verify_effect", outcome="ineffective", finding="抽查仍有两户计费。")
        assert measures.waiting == ["plan_measures"]
    assert [told["role"] for told in measures.notices()] == ["headquarters", "headquarters"]
    assert measures.task("plan_measures").variables["loop"]["corrective"]["ineffective"] == 2


def _until(measures: Measures, instant: datetime) -> None:
    measures.harness.advance(seconds=(instant - measures.harness.clock.now()).total_seconds())


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
