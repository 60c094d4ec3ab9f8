"""Who says what in the stories, where nothing else matters: facts as a clerk or a regulator files them, and usual answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.bpmn import appeal_case, complaint_case, upgrade_case, work_case

_OF_THE_OFFICE = ("number", "regime", "org", "province")


def filed(facts: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
    """Facts as somebody files them: without what the office adds, and without what was left open."""
    customer = {**facts["customer"], **changed.pop("customer", {})}
    given = {**facts, **changed, "customer": {k: v for k, v in customer.items() if v is not None}}
    return {k: v for k, v in given.items() if v is not None and k not in _OF_THE_OFFICE}


COMPLAINT = filed(complaint_case.FACTS)
UPGRADE = filed(upgrade_case.FACTS)
APPEAL = filed(appeal_case.FACTS, prior_numbers=None, originals=None, tags=None)

USUAL: dict[str, dict[str, Any]] = {**work_case.ANSWERED, **upgrade_case.USUAL, **appeal_case.USUAL}

HENAN = {
    "accept_complaint": "li_na",
    "review_work_order": "wang_lei",
    "dispatch_order": "wang_lei",
    "sign_order": "deng_li",
    "handle_complaint": "deng_li",
    "audit_feedback": "wang_lei",
    "reply_to_customer": "zhao_min",
    "revisit_customer": "zhao_min",
    "review_dissatisfaction": "wang_lei",
    "offer_upgrade": "wang_lei",
    "close_case": "zhao_min",
    "accept_upgrade": "su_mian",
    "sign_upgrade": "wang_lei",
    "province_reply": "wang_lei",
    "audit_province_reply": "ding_yi",
    "audit_upgrade_ticket": "ding_yi",
    "check_appeal": "jin_ruo",
    "dispatch_appeal": "jin_ruo",
    "acknowledge_appeal": "tian_ye",
    "write_report": "tian_ye",
    "audit_report": "liang_yi",
    "review_appeal": "jin_ruo",
    "reply_to_regulator": "jin_ruo",
    "conclude_appeal": "jin_ruo",
    "pass_on_questions": "jin_ruo",
    "answer_questions": "tian_ye",
    "review_supplement": "jin_ruo",
    "reply_supplement": "jin_ruo",
    "prepare_mediation": "jin_ruo",
    "record_mediation": "tian_ye",
    "fulfil_agreement": "tian_ye",
    "report_key_case": "jin_ruo",
    "archive_appeal": "jin_ruo",
}
"""Who does it where the customer is at home in Henan and the matter is a bill."""
