"""The province accepts what headquarters dispatched: signed, returned, or not signed in time, which never buys time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.flows import Flows
from tests.bpmn.upgrade_case import Upgrade

TAKEN = Flows("province_acceptance")


class Dispatched(Upgrade):
    """An order on its way to the province. Every limit is a day in these tests."""

    process = "province_acceptance"
    given: ClassVar = {"loop": {"upgrade": {"accepted_at": None}}, "decision": {"priority": 0}}

    def accepted_at(self) -> datetime:
        """From when the province's limit runs."""
        assert self.ended
        return datetime.fromisoformat(self.loop["upgrade"]["accepted_at"])


@pytest.fixture
def dispatched(sessions: sessionmaker[Session], clock: FrozenClock) -> Dispatched:
    return Dispatched(sessions, clock)


def test_the_limit_runs_from_the_signing(dispatched: Dispatched, clock: FrozenClock) -> None:
    dispatched.harness.advance(hours=23)
    signed = clock.now()
    dispatched.does("sign_upgrade")
    assert dispatched.accepted_at() == signed
    assert dispatched.told == []


def test_unsigned_in_time_it_runs_from_the_dispatch(dispatched: Dispatched, clock: FrozenClock) -> None:
    begun = clock.now()
    dispatched.harness.advance(hours=24)
    assert dispatched.waiting == []
    assert dispatched.accepted_at() == begun
    assert [told["role"] for told in dispatched.notices()] == ["upgrade_centre"]


def test_signed_too_late_before_anybody_noticed_it_runs_from_the_dispatch(
    dispatched: Dispatched, clock: FrozenClock
) -> None:
    begun = clock.now()
    clock.advance(timedelta(hours=24, minutes=1))
    dispatched.does("sign_upgrade")
    assert dispatched.accepted_at() == begun


def test_returned_it_is_ruled_on_and_runs_from_the_dispatch(
    dispatched: Dispatched, clock: FrozenClock
) -> None:
    begun = clock.now()
    dispatched.harness.advance(hours=3)
    dispatched.does("sign_upgrade", outcome="returned", return_reason="号码归属外省。")
    assert dispatched.waiting == ["rule_on_return"]
    dispatched.harness.advance(hours=30)
    dispatched.does("rule_on_return")
    assert dispatched.accepted_at() == begun


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
