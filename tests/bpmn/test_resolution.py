"""What complaint, upgrade complaint and appeal have in common, and what may come until the customer has the answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.flows import Flows
from tests.bpmn.work_case import Work

TAKEN = Flows("resolution", "supplement", "extension", "progress")


@pytest.fixture
def work(sessions: sessionmaker[Session], clock: FrozenClock) -> Work:
    return Work(sessions, clock)


EXTENDED = {
    "code": "R01.stage",
    "name": "部门处理",
    "due_at": "2026-03-06T18:00+08:00",
    "promised_at": None,
    "reason": "需等待备件",
}


def test_it_ends_when_the_customer_has_the_answer_whatever_is_still_under_way(work: Work) -> None:
    work.until("reply_to_customer")
    work.hears("supplement_needed", missing="请提供停机保号凭证。", method=None)
    work.hears("progress_due")
    work.does("reply_to_customer")
    assert work.waiting == []
    assert work.harness.recorder.moves[-1].ended


@pytest.mark.parametrize(
    "stage", ["review_work_order", "sign_order", "handle_complaint", "reply_to_customer"]
)
def test_urging_begins_supervision_each_time_and_stops_nothing(work: Work, stage: str) -> None:
    work.until(stage)
    for times in (1, 2):
        work.hears("urge", note="客户再次来电")
        assert work.waiting == [stage]
        assert len(work.notices("supervise_case")) == times


def test_the_customer_is_asked_in_writing_and_who_holds_the_work_hears_what_came(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="department", department="channels")
    work.until("handle_complaint")
    work.hears("supplement_needed", missing="请提供停机保号凭证。", method="email")
    (letter,) = work.notices("issue_letter")
    until = work.harness.clock.now() + timedelta(hours=24)  # as long as the wait
    assert letter["until"] == f"{until:%Y-%m-%dT%H:%M:%SZ}"
    assert {**letter, "until": None} == {
        "template": "supplement_request",
        "to": "customer",
        "method": "email",
        "text": "请提供停机保号凭证。",
        "until": None,
    }
    assert work.waiting == ["handle_complaint"]
    work.hears("supplement", text="凭证已上传。")
    assert work.notices() == [
        {
            "template": "supplement_received",
            "role": "department",
            "unit": "henan_channels",
            "text": "客户已补充材料：凭证已上传。",
        }
    ]


def test_when_nothing_comes_work_goes_on_after_the_wait(work: Work) -> None:
    work.until("handle_complaint")
    work.hears("supplement_needed", missing="请提供停机保号凭证。", method=None)
    work.harness.advance(hours=25)
    assert [notice["template"] for notice in work.notices()] == ["supplement_missing"]
    work.hears("supplement_needed", missing="请提供身份证件。", method=None)  # once more is possible
    work.hears("supplement", text="证件已上传。")
    assert work.waiting == ["handle_complaint"]


def test_more_time_is_explained_to_the_next_stage_the_centre_and_the_customer(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="remote_unit", remote_unit="luoyang")
    work.until("handle_complaint")
    work.hears("redress.extended", **EXTENDED)
    told = [(notice["role"], notice.get("unit")) for notice in work.notices()]
    assert told == [("remote_unit", "luoyang"), ("provincial_centre", None)]
    assert "需等待备件" in work.notices()[0]["text"]
    assert work.waiting == ["handle_complaint", "reply_progress"]
    assert work.task("reply_progress").properties["evidence.kind"] == "progress_reply"
    work.does("reply_progress")
    assert work.waiting == ["handle_complaint"]


def test_without_a_forwarder_the_centre_is_the_next_stage(work: Work) -> None:
    work.until("handle_complaint")
    work.hears("redress.extended", **EXTENDED)
    assert [notice["role"] for notice in work.notices()] == ["provincial_centre"]


def test_a_progress_reply_in_writing_is_a_letter_by_the_means_chosen(work: Work) -> None:
    work.until("handle_complaint")
    work.hears("progress_due")
    work.does("reply_progress", method="fax", agreement="agreed", content="线路抢修中。")
    assert work.notices("issue_letter") == [
        {
            "template": "progress_reply",
            "to": "customer",
            "method": "fax",
            "text": "线路抢修中。",
            "promised_at": None,
            "agreed": True,
        }
    ]


def test_several_progress_replies_may_be_open_at_once(work: Work) -> None:
    work.until("handle_complaint")
    work.hears("progress_due")
    work.hears("redress.extended", **EXTENDED)
    work.hears("redress.extended", **EXTENDED)
    for left in (2, 1, 0):
        work.does("reply_progress")
        assert work.waiting == ["handle_complaint", *["reply_progress"] * left]


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
