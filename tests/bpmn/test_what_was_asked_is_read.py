"""What one person asks of the next stands in the next form: instructions, reasons, requests, the limits of a mandate."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.expressions.feel import Scope, compile_expression
from tasks.forms.around import reads_of
from tests.bpmn.drawing import CONTENT
from tests.bpmn.playing import Played
from tests.bpmn.work_case import Work

TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
ASKED = [
    ("review_dissatisfaction.requirement", "dispatch_order", "handle_complaint"),
    ("dispatch_order.instructions", "sign_order", "second_dispatch", "handle_complaint"),
    ("sign_order.refusal_reason", "dispatch_order", "second_dispatch", "arbitrate_order"),
    ("second_dispatch.refusal_reason", "dispatch_order", "arbitrate_order"),
    ("sign_transfer.refusal_reason", "judge_order", "arbitrate_order"),
    ("judge_order.analysis", "sign_transfer", "assist_complaint", "help_from_province"),
    ("judge_order.help_request", "assist_complaint", "help_from_province", "help_from_upper_tier"),
    ("help_from_province.guidance", "help_from_upper_tier", "judge_order", "handle_complaint"),
    ("help_from_upper_tier.guidance", "judge_order", "handle_complaint"),
    ("accept_upgrade.instructions", "sign_upgrade", "review_work_order"),
    ("sign_upgrade.return_reason", "rule_on_return"),
    ("rule_on_return.added_instructions", "review_work_order"),
    ("prepare_mediation.authorised_amount", "record_mediation"),
    ("word_incident.not_to_promise", "resolve_incident"),
]


def schema(activity: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CONTENT / "forms" / f"{activity}.form").read_text(encoding="utf-8"))
    return found


def shown(played: Played, activity: str) -> str:
    """The texts that stand in the form of an open task."""
    homes: dict[str, Any] = {name: {} for name in ("form", "result", "decision", "loop", "message")}
    seen = Scope({**homes, **played.task(activity).variables, "case": played.harness.recorder.case})

    def value(feel: str) -> Any:
        return compile_expression(feel).evaluate(seen).value

    texts = [one for one in schema(activity)["components"] if one["type"] == "text"]
    read = [
        one["text"]
        for one in texts
        if value(one.get("conditional", {}).get("hide", "=false").removeprefix("=")) is not True
    ]
    return "\n".join(TEMPLATE.sub(lambda part: str(value(part[1])), text) for text in read)


@pytest.mark.parametrize(("asked", "reader"), [(one[0], reader) for one in ASKED for reader in one[1:]])
def test_the_next_form_reads_it(asked: str, reader: str) -> None:
    writer, key = asked.split(".")
    assert key in {one.get("key") for one in schema(writer)["components"]}
    assert f"form.{asked}" in reads_of(schema(reader))


@pytest.fixture
def work(sessions: sessionmaker[Session], clock: FrozenClock) -> Work:
    return Work(sessions, clock)


def test_who_dispatches_again_reads_why_it_was_refused_and_nothing_before(work: Work) -> None:
    work.until("dispatch_order")
    assert "退单理由" not in shown(work, "dispatch_order")
    work.does("dispatch_order", target="department", department="billing", instructions="请于周五前查清。")
    assert "请于周五前查清。" in shown(work, "sign_order")
    work.does("sign_order", outcome="refused", refusal_reason="属市场部职责。")
    assert "签收部门：属市场部职责。" in shown(work, "dispatch_order")
    work.does("dispatch_order")
    assert "派单要求" not in shown(work, "sign_order")


def test_who_helps_reads_what_is_asked_and_who_asked_reads_the_advice(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="remote_unit", remote_unit="luoyang")
    work.does("second_dispatch", outcome="accepted", type_clear="no", branch="city")
    work.does("sign_order")
    work.does("judge_order", next_step="upper", help_request="请省公司协调机房。", analysis="资源在省公司。")
    asked = shown(work, "help_from_province")
    assert "请省公司协调机房。" in asked and "资源在省公司。" in asked
    work.does("help_from_province", outcome="helped", guidance="已派技术人员到场。")
    assert "省公司：已派技术人员到场。" in shown(work, "judge_order")
