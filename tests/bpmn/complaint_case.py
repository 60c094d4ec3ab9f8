"""Plays a complaint against the real engine: files the case, answers forms as the server would take them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.dialect import SourceFile
from engine.ports import OperationCall, UserActivity
from engine.testing import Harness
from tasks.forms import FormCheck, compile_form
from tests.bpmn.drawing import CONTENT

FACTS: dict[str, Any] = {
    "number": "K-1",
    "regime": "complaint",
    "org": "henan_hotline",
    "province": "henan",
    "channel": "hotline",
    "customer": {
        "name": "黄晓岚",
        "phone": "13700010001",
        "id_last4": None,
        "level": "normal",
        "home_province": "henan",
        "brand": None,
        "network": "4g",
    },
    "business": "gsm",
    "problem_type": "billing",
    "phenomenon": "多收月租",
    "description": "停机保号期间仍被收取月租。",
    "demand": "退费",
    "occurred_at": "2026-03-01T10:00+08:00",
    "occurred_province": "henan",
    "occurred_place": None,
    "service_interrupted": False,
    "affected_count": 1,
    "tags": [],
    "contact_method": "phone",
    "recording_id": None,
    "customer_signed": None,
}

USUAL: dict[str, dict[str, Any]] = {
    "accept_complaint": {"outcome": "submitted", "summary": "已核实"},
    "review_work_order": {"outcome": "dispatch"},
    "dispatch_order": {"target": "department", "department": "suggested"},
    "second_dispatch": {"outcome": "accepted", "department": "suggested"},
    "sign_order": {"outcome": "signed"},
    "arbitrate_order": {"department": "market", "ruling": "由市场部负责处理。"},
    "handle_complaint": {
        "next_step": "feedback",
        "cause": "internal_process",
        "result_type": "solved",
        "measures": "已冲减多收费用。",
    },
    "assist_complaint": {"findings": "已核对账单。"},
    "help_from_upper_tier": {"guidance": "已协调对端省。"},
    "audit_feedback": {"outcome": "qualified"},
    "reply_to_customer": {"method": "phone", "attitude": "accepted", "content": "已说明处理结果。"},
    "revisit_customer": {
        "outcome": "satisfied",
        "result_score": "5",
        "process_score": "5",
        "staff_score": "5",
    },
    "review_dissatisfaction": {"conclusion": "method_improper", "finding": "未查到根本原因。"},
    "close_case": {
        "closing_code": "resolved",
        "cause": "internal_process",
        "responsibility": "company",
        "file_state": "complete",
    },
    "complete_file": {"supplied": "已补录签字确认单。"},
}
"""What is answered where nothing else matters."""


class Complaint:
    """One case on its way. Every step commits; the next one starts from what was saved."""

    def __init__(self, sessions: sessionmaker[Session], clock: FrozenClock, **changed: Any) -> None:
        self.told: list[tuple[str, Mapping[str, Any]]] = []
        self.steps: list[str] = []
        case = {**FACTS, **changed}
        self.harness = Harness(
            sessions,
            clock,
            case=case,
            operations={
                name: self._operation(name)
                for name in ("notify_customer", "notify_unit", "archive_case", "supervise_case")
            },
            functions={"due": _after(1.0), "warn": _after(0.9)},
        )
        self.harness.deploy(*content())
        self.instance = self.harness.start("complaint", FACTS["number"])

    @property
    def waiting(self) -> list[str]:
        """The activities that wait for somebody."""
        return self.harness.waiting()

    @property
    def archived(self) -> bool:
        """Whether the case was archived and its process ended."""
        self.harness.settle()
        return self._heard("archive_case") and self.harness.recorder.moves[-1].ended

    def does(self, *activities: str, **answers: Any) -> None:
        """Complete these activities one after the other in the usual way; `answers` are for the last of them."""
        for activity in activities:
            own = answers if activity == activities[-1] and answers else USUAL[activity]
            self.harness.complete(activity, form(activity).check(own, now=self.harness.clock.now()))
            self.steps.append(activity)
            self.harness.settle()

    def until(self, activity: str) -> None:
        """Go the usual way until `activity` waits."""
        while activity not in self.waiting:
            assert self.waiting, f"{activity} was never reached; done: {self.steps}"
            self.does(self.waiting[0])

    def hears(self, message: str, **payload: Any) -> None:
        """A message arrives from the customer."""
        self.harness.correlate(message, FACTS["number"], **payload)
        self.harness.settle()

    def task(self, activity: str) -> UserActivity:
        """The open activity with this id."""
        return self.harness.recorder.named(activity)[0]

    def notices(self, operation: str = "notify_unit") -> list[Mapping[str, Any]]:
        """What the operation was told so far."""
        return [inputs for name, inputs in self.told if name == operation]

    def _heard(self, operation: str) -> bool:
        return bool(self.notices(operation))

    def _operation(self, name: str) -> Callable[[OperationCall], None]:
        def perform(call: OperationCall) -> None:
            self.told.append((name, dict(call.inputs)))

        return perform


@cache
def content() -> tuple[SourceFile, ...]:
    """All diagrams, tables and forms of bpmn/."""
    found = sorted(path for kind in ("bpmn", "dmn", "form") for path in CONTENT.glob(f"**/*.{kind}"))
    return tuple(SourceFile(str(path.relative_to(CONTENT)), path.read_bytes()) for path in found)


@cache
def form(activity: str) -> FormCheck:
    """The form of a user task, checked as the server checks it."""
    return compile_form(json.loads((CONTENT / "forms" / f"{activity}.form").read_text(encoding="utf-8")))


def _after(share: float) -> Callable[..., datetime]:
    """`due` and `warn` as if every limit were a day."""

    def instant(context: Any, code: str) -> datetime:
        now: datetime = context.now()
        return now + share * timedelta(hours=24)

    return instant
