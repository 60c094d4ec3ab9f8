"""What the tests of the complaint (R01) file and answer where nothing else matters."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.playing import Played

FACTS: dict[str, Any] = {
    "number": "K-1",
    "regime": "complaint",
    "org": "henan_hotline",
    "province": "henan",
    "channel": "hotline",
    "nature": "complaint",
    "concerns": "own",
    "relation": "self",
    "complainant": None,
    "mandate": None,
    "taken_elsewhere": "none",
    "customer": {
        "name": "黄晓岚",
        "phone": "13700010001",
        "id_last4": None,
        "kind": "person",
        "company": None,
        "special_needs": None,
        "email": None,
        "address": None,
        "fax": None,
        "level": "normal",
        "tenure_months": None,
        "monthly_spend": None,
        "potential": None,
        "no_revisit": None,
        "home_province": "henan",
        "brand": None,
        "network": "4g",
    },
    "business": "gsm",
    "problem_type": "billing",
    "symptom": None,
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
    "recording_id": "REC-260301-0001",
    "recordings": None,
    "customer_signed": None,
    "signature": None,
    "unsigned_reason": None,
    "originals": None,
}

USUAL: dict[str, dict[str, Any]] = {
    "accept_complaint": {"outcome": "submitted", "summary": "已核实"},
    "review_work_order": {"outcome": "dispatch"},
    "dispatch_order": {"target": "department", "department": "suggested"},
    "second_dispatch": {
        "outcome": "accepted",
        "type_clear": "yes",
        "branch": "province",
        "department": "suggested",
    },
    "sign_order": {"outcome": "signed"},
    "arbitrate_order": {"department": "market", "ruling": "由市场部负责处理。"},
    "handle_complaint": {
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
    "review_dissatisfaction": {
        "conclusion": "method_improper",
        "finding": "未查到根本原因。",
        "requirement": "请现场排查线路后再反馈。",
    },
    "offer_upgrade": {
        "decision": "accepted",
        "told": "已说明升级途径及其他救济途径。",
        "wish": "请总部彻底解决。",
    },
    "close_case": {
        "closing_code": "resolved",
        "cause": "internal_process",
        "responsibility": "company",
        "responsible_stage": "business",
        "responsible_unit": "市场部",
        "file_state": "complete",
    },
    "complete_file": {"supplied": "已补录签字确认单。"},
}
"""What is answered where nothing else matters."""


WITHDRAWAL = {
    "reason": "solved",
    "statement": "问题已自行解决。",
    "confirmation": "recorded",
    "confirmation_id": "REC-260302-0007",
}
"""What the message `withdraw` carries."""
INSISTS = {"reason": "要求总部直接处理。"}
"""What the message `upgrade` carries."""
DISSATISFIED: dict[str, Any] = {
    "outcome": "dissatisfied",
    "result_score": "1",
    "process_score": "2",
    "staff_score": "3",
    "opinion": "故障又出现了。",
}
NOTHING_LIKE_IT: dict[str, Any] = {"cases": [], "numbers": [], "options": []}
ONE_LIKE_IT: dict[str, Any] = {
    "cases": [{"number": "K-0"}],
    "numbers": ["K-0"],
    "options": [{"value": "K-0", "label": "K-0 停机保号期间仍被收取月租"}],
}
"""What `find_cases` gives."""


class Complaint(Played):
    """One complaint on its way."""

    process = "complaint"
    facts = FACTS
    usual = USUAL

    def __init__(self, sessions: sessionmaker[Session], clock: FrozenClock, **changed: Any) -> None:
        given = {"find_cases": NOTHING_LIKE_IT, "open_case": {"number": "S-1"}}
        super().__init__(sessions, clock, results={**given, **changed.pop("results", {})}, **changed)
