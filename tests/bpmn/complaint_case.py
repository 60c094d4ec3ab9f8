"""What the tests of the complaint (R01) file and answer where nothing else matters."""

from __future__ import annotations

from typing import Any

from tests.bpmn.playing import Played

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


class Complaint(Played):
    """One complaint on its way."""

    process = "complaint"
    facts = FACTS
    usual = USUAL
