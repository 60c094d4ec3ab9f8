"""What the tests of the appeal (R03) file, answer and hear where nothing else matters."""

from __future__ import annotations

from typing import Any

from tests.bpmn.complaint_case import USUAL as COMPLAINT_USUAL
from tests.bpmn.playing import Played

PRIOR = "TS20260201000001"
LATE = "TS20260201000002"

FACTS: dict[str, Any] = {
    "number": "SS-1",
    "regime": "appeal",
    "org": "regulator",
    "province": "henan",
    "source": "regulator",
    "channel": "phone_12300",
    "regulator": "regulator",
    "regulator_case_number": "工信申〔2026〕17号",
    "filing_kind": "filed",
    "other_authority": None,
    "transferred_on": "2026-03-02",
    "reply_by": "2026-03-10",
    "appealed_on": "2026-02-27",
    "customer": {
        "name": "黄晓岚",
        "phone": "13700010001",
        "id_last4": "123X",
        "level": "normal",
        "home_province": "henan",
        "network": "4g",
    },
    "appellant_relation": "self",
    "business": "other",
    "problem_type": "charging_dispute",
    "phenomenon": "多收月租",
    "description": "停机保号期间仍被收取月租，投诉后只退一半。",
    "demand": "全额退费并赔偿",
    "prior_numbers": f"{PRIOR}，TS20260201000009",
    "prior_note": None,
    "tags": ["regulator"],
    "affected_count": 1,
    "service_interrupted": False,
    "occurred_province": None,
    "contact_method": "phone",
    "originals": ["5f2b6f0e-0000-4000-8000-000000000001"],
}
DIRECT: dict[str, Any] = {
    "source": "direct",
    "org": "hq_service",
    **dict.fromkeys(
        ("regulator", "regulator_case_number", "filing_kind", "transferred_on", "reply_by", "appealed_on")
    ),
    "originals": None,
}
"""What differs where the customer appeals directly."""

FOUND: dict[str, Any] = {
    "cases": [{"number": PRIOR, "regime": "complaint", "status": "archived", "matched": ["number"]}],
    "numbers": [PRIOR],
    "options": [{"value": PRIOR, "label": f"{PRIOR} 多收月租"}],
}


def earlier(
    number: str, *, at: str | None = "2026-02-10T02:00:00+00:00", in_limit: bool | None = True
) -> dict[str, Any]:
    """An earlier complaint as the evidence pack has it: answered finally then, within the limits of the case or not."""
    return {
        "number": number,
        "regime": "complaint",
        "filed_at": "2026-02-09T02:00:00+00:00",
        "replies": [{"kind": "final_reply", "at": at, "method": "phone", "content": "已退多收部分。"}],
        "limits": [{"code": "R01.all", "in_limit": in_limit}],
        "answered_at": at,
        "in_limit": in_limit,
    }


EVIDENCE: dict[str, Any] = {
    "cases": [earlier(PRIOR), earlier(LATE, in_limit=False)],
    "answered": True,
    "answered_in_limit": False,
    "numbers": [PRIOR, LATE],
}
LETTER: dict[str, Any] = {
    "letter": "5f2b6f0e-0000-4000-8000-0000000000aa",
    "name": "回复函.pdf",
    "number": "函1",
}

REPORT: dict[str, Any] = {
    "facts": "经核对账单，二月多收月租三十元。",
    "cause_note": "停机保号未及时生效。",
    "cause": "internal_process",
    "responsibility": "company",
    "measures": "已退还三十元并修正规则。",
    "told_customer": "已说明原因、退费和整改。",
    "customer_attitude": "accepted",
    "rights_told": True,
}
REPLIED: dict[str, Any] = {
    "method": "letter",
    "facts": "经查，停机保号期间多收月租三十元。",
    "result": "已全额退费并致歉。",
    "conclusion": "企业存在收费差错",
    "basis": "《电信条例》《电信服务规范》",
}
CONCLUDED: dict[str, Any] = {
    "conclusion": "company_fault",
    "company_responsibility": "full",
    "company_harm": "yes",
    "faults": ["error"],
    "finding": "停机保号期间多收月租，属工作差错。",
    "cause": "internal_process",
    "responsibility": "company",
    "responsibility_kind": "operation",
    "responsible_unit": "河南计费账务部",
    "statistics_mark": "counted",
}

USUAL: dict[str, dict[str, Any]] = {
    **COMPLAINT_USUAL,
    "check_appeal": {"outcome": "confirmed", "prior_cases": [PRIOR]},
    "dispatch_appeal": {"outcome": "dispatch", "instructions": "请查证收费情况并答复客户。"},
    "acknowledge_appeal": {"outcome": "accepted", "contact_name": "王静", "contact_phone": "13900000001"},
    "supply_originals": {"supplied": "已补传监管来函。"},
    "write_report": REPORT,
    "audit_report": {"outcome": "qualified"},
    "review_appeal": {"outcome": "qualified", "basis": ["law", "company_rules"]},
    "reply_to_regulator": REPLIED,
    "pass_on_questions": {"outcome": "province", "instructions": "请补充近三个月账单。"},
    "answer_questions": {"supplement": "近三个月账单如附件。"},
    "review_supplement": {"outcome": "qualified"},
    "reply_supplement": REPLIED,
    "prepare_mediation": {"position": "同意退还争议金额。", "representative": "王静"},
    "record_mediation": {
        "result": "failed",
        "held_on": "2026-03-05",
        "mediator": "河南省通信管理局",
        "opinion": "双方未达成一致。",
    },
    "fulfil_agreement": {"performed": "三月五日已退还争议金额。"},
    "conclude_appeal": CONCLUDED,
    "report_key_case": {"to": "superior", "reason": "VIP 客户申诉。", "summary": "已退费并回复监管。"},
    "archive_appeal": {"contents": ["originals", "report"], "mediation_opinion": "无"},
}
"""What is answered where nothing else matters."""

HANDLING = [
    "check_appeal",
    "dispatch_appeal",
    "acknowledge_appeal",
    "review_work_order",
    "dispatch_order",
    "sign_order",
    "handle_complaint",
    "audit_feedback",
    "reply_to_customer",
    "write_report",
    "audit_report",
    "review_appeal",
    "reply_to_regulator",
    "revisit_customer",
]
"""The usual way of a regulator's case to the conclusion."""
RESULTS: dict[str, Any] = {
    "find_cases": FOUND,
    "link_cases": {"linked": [PRIOR]},
    "evidence_pack": EVIDENCE,
    "issue_letter": LETTER,
}
HEARD: dict[str, dict[str, Any]] = {
    "regulator_withdraw": {"reason": "客户已撤回申诉。", "letter_number": "撤1"},
    "decided_elsewhere": {
        "body": "court",
        "body_name": "郑州市金水区人民法院",
        "accepted_on": "2026-02-01",
        "decided_on": "2026-02-20",
        "decision": "驳回诉讼请求。",
        "paper": "（2026）豫0105民初1号判决书",
    },
    "not_party": {"ground": "impersonation", "finding": "机主本人未申诉。", "paper": "机主声明"},
    "settled": {"settled_on": "2026-03-03", "terms": "退还全部争议金额。", "paper": "和解书"},
    "regulator_more": {"questions": "请补充账单。", "reply_by": "2026-03-12", "letter_number": "补1"},
    "mediation_notice": {"held_on": "2026-03-05", "place": "郑州", "mediator": "河南省通信管理局"},
}
"""What the messages carry."""


class Appeal(Played):
    """One appeal on its way."""

    process = "appeal"
    facts = FACTS
    usual = USUAL

    def __init__(self, *args: Any, **changed: Any) -> None:
        """As `Played`; what is earlier than the appeal is found and proven unless `results` say otherwise."""
        changed["results"] = {**RESULTS, **(changed.get("results") or {})}
        super().__init__(*args, **changed)

    def arrives(self, message: str) -> None:
        """The usual message of this name comes in."""
        self.hears(message, **HEARD[message])

    def replies(self) -> int:
        """How many letters to the regulator went out."""
        letters = [str(inputs["template"]) for inputs in self.notices("issue_letter")]
        return letters.count("regulator_reply")
