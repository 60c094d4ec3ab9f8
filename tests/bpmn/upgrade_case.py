"""What the tests of the upgrade complaint (R02) file and answer where nothing else matters."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.complaint_case import FACTS as COMPLAINT
from tests.bpmn.complaint_case import USUAL as COMPLAINT_USUAL
from tests.bpmn.playing import Played

FACTS: dict[str, Any] = {
    **{name: fact for name, fact in COMPLAINT.items() if name not in ("nature", "unsigned_reason")},
    "number": "U-1",
    "regime": "upgrade_complaint",
    "org": "hq_complaints",
    "channel": "phone",
    "kind": "complaint",
    "international": False,
    "earlier_numbers": None,
    "earlier_answer": None,
}

FOUND: dict[str, Any] = {
    "cases": [
        {"number": "K-1", "regime": "complaint", "open": False, "summary": "多收月租"},
        {"number": "U-0", "regime": "upgrade_complaint", "open": True, "summary": "多收月租"},
    ],
    "numbers": ["K-1", "U-0"],
    "options": [{"value": "K-1", "label": "K-1 投诉"}, {"value": "U-0", "label": "U-0 升级投诉"}],
}
"""What looking for earlier cases gives."""

USUAL: dict[str, dict[str, Any]] = {
    **COMPLAINT_USUAL,
    "accept_upgrade": {"outcome": "accepted", "summary": "客户不接受省内答复。"},
    "sign_upgrade": {"outcome": "signed"},
    "rule_on_return": {"ruling": "号码归属该省，由该省办理。"},
    "province_reply": {
        "result_type": "solved",
        "cause": "internal_process",
        "result": "已退还多收费用。",
        "customer_reply": "已电话答复，客户接受。",
        "corrective_measures": "停机保号规则已写入计费系统。",
    },
    "audit_province_reply": {"outcome": "qualified"},
    "audit_upgrade_ticket": {"outcome": "in_order", "filled_correctly": True, "routed_correctly": True},
    "correct_upgrade_ticket": {"correction": "已补录客户级别。"},
    "analyse_cause": {"cause": "internal_process", "root_cause": "停机保号未通知计费系统。"},
    "plan_measures": {
        "measures": "营业系统与计费系统对接停机状态。",
        "responsible": "邓莉",
        "complete_on": "2026-03-10",
        "verify_on": "2026-03-20",
        "measure_of_success": "抽查三十户停机客户均不计费。",
    },
    "carry_out_measures": {"done": "已上线对接。"},
    "verify_effect": {"outcome": "effective", "finding": "抽查三十户，均未计费。"},
}
"""What is answered where nothing else matters."""


IN_PROVINCE = {
    "loop": {
        "reprocess": 0,
        "again": False,
        "dispatched": False,
        "coordination": "none",
        "upgrade": {"unqualified": 0, "accepted_at": None, "due_at": None, "rework": None},
        "mass": {"key": None, "name": None, "text": None, "number": None},
    },
    "decision": {"level": "national", "priority": 0, "clock": {"stage_hours": 65}},
}
"""What the shared parts of the province find when the process calls them."""


class Upgrade(Played):
    """One upgrade complaint on its way, or a shared part of it."""

    process = "upgrade_complaint"
    facts = FACTS
    usual = USUAL

    def __init__(self, sessions: sessionmaker[Session], clock: FrozenClock, **changed: Any) -> None:
        """As `Played`; looking for earlier cases finds one where nothing else is said."""
        results = {"find_cases": FOUND, **changed.pop("results", {})}
        super().__init__(sessions, clock, results=results, **changed)

    @property
    def loop(self) -> dict[str, Any]:
        """What the process counts, as the last step left it."""
        with self.harness.sessions() as session:
            held: dict[str, Any] = self.harness.engine.variables(session, self.instance)["loop"]
        return held

    @property
    def ended(self) -> bool:
        """Whether the process is over."""
        return self.harness.recorder.moves[-1].ended
