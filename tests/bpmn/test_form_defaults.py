"""What a form is filled with from the case: where somebody answers, what others have found out stands there already."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.expressions.feel import Scope, compile_expression
from tests.bpmn.complaint_case import Complaint
from tests.bpmn.drawing import CONTENT
from tests.bpmn.playing import Played, form
from tests.bpmn.upgrade_case import Upgrade


def defaults(played: Played, activity: str) -> dict[str, Any]:
    """What the form of an open task would be filled with, without what nothing is known of."""
    seen = {
        **{name: {} for name in ("form", "result", "decision", "loop", "message")},
        **played.task(activity).variables,
        "case": played.harness.recorder.case,
    }
    found: dict[str, Any] = {}
    schema = json.loads((CONTENT / "forms" / f"{activity}.form").read_text(encoding="utf-8"))
    for part in schema["components"]:
        text = part.get("defaultValue")
        if isinstance(text, str) and text.startswith("="):
            value = compile_expression(text[1:]).evaluate(Scope(seen)).value
            if value is not None:
                found[part["key"]] = value
    return found


def test_who_goes_on_with_a_complaint_finds_what_is_known(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    complaint = Complaint(sessions, clock, contact_method="email")
    assert defaults(complaint, "accept_complaint")["promised_at"] == "2026-03-03T01:00:00Z"  # that of R01.all
    complaint.until("dispatch_order")
    assert defaults(complaint, "dispatch_order") == {"target": "department", "department": "billing"}
    complaint.until("handle_complaint")
    complaint.does(
        "handle_complaint",
        cause="interconnection",
        result_type="explanation",
        statement="线路在建。",
        companion="promise",
        promised_at="2026-05-01T09:00+08:00",
        peer_operator="对端公司",
    )
    complaint.until("reply_to_customer")
    ready = defaults(complaint, "reply_to_customer")
    assert "申诉" in ready["next_steps"]  # an explanation names the ways outside the company
    known = {name: ready[name] for name in ready if name != "next_steps"}
    assert known == {"method": "email", "content": "线路在建。", "promised_at": "2026-05-01T09:00+08:00"}
    form("reply_to_customer").check({**ready, "attitude": "accepted"}, now=clock.now())
    complaint.until("close_case")
    assert defaults(complaint, "close_case")["cause"] == "interconnection"


def test_what_the_centre_answers_itself_is_ready_for_who_tells_the_customer(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    upgrade = Upgrade(sessions, clock)
    upgrade.until("review_work_order")
    upgrade.does("review_work_order", outcome="answer", answer="已由中心核实退费。")
    assert defaults(upgrade, "reply_to_customer")["content"] == "已由中心核实退费。"
