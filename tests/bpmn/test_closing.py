"""Closing (003§2.4.4, §2.4.5): code, cause and stage of responsibility, the complete file, the archive."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tasks.forms import AnswersRefused
from tests.bpmn.complaint_case import FACTS, USUAL
from tests.bpmn.flows import Flows
from tests.bpmn.playing import Played

CLOSED = USUAL["close_case"]


class Closing(Played):
    """The closing alone, as a process that is done calls it."""

    process = "closing"
    facts = FACTS
    usual = USUAL
    given = {"loop": {"ending": "answered", "refused": False}, "decision": {"priority": 0}}  # noqa: RUF012


class Upgraded(Closing):
    """A case that headquarters has taken over."""

    given = {**Closing.given, "loop": {"ending": "upgraded", "refused": False}}  # noqa: RUF012


TAKEN = Flows("closing")


@pytest.fixture
def closing(sessions: sessionmaker[Session], clock: FrozenClock) -> Closing:
    return Closing(sessions, clock)


def test_a_complete_file_is_archived_under_its_code(closing: Closing) -> None:
    closing.does("close_case", **{**CLOSED, "closing_code": "explained"})
    assert closing.notices("archive_case") == [{"code": "explained"}]
    assert closing.archived


def test_an_incomplete_file_goes_back_to_the_channel(closing: Closing) -> None:
    closing.does("close_case", **{**CLOSED, "file_state": "incomplete", "missing": ["signature"]})
    assert closing.waiting == ["complete_file"]
    closing.does("complete_file", "close_case")
    assert closing.archived


def test_what_was_archived_already_is_not_filled_in_again(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    closing = Upgraded(sessions, clock)
    assert closing.waiting == []
    assert closing.notices("archive_case") == []


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"closing_code": "plan"}, {"plan_due_at"}),
        ({"responsible_stage": None}, {"responsible_stage"}),
        ({"responsible_unit": None}, {"responsible_unit"}),
        ({"file_state": "incomplete"}, {"missing"}),
    ],
)
def test_what_the_rules_ask_for_may_not_be_left_out(
    closing: Closing, changed: dict[str, Any], wrong: set[str]
) -> None:
    with pytest.raises(AnswersRefused) as refused:
        closing.does("close_case", **{**CLOSED, **changed})
    assert {problem.path for problem in refused.value.problems} == wrong


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
