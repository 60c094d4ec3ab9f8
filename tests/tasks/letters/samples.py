"""What a case says, as the letters of the content would be given it."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tasks.letters.filling import fill
from tasks.letters.paper.setting import Sheet
from tasks.letters.template import Template, read_template

LETTERS = Path(__file__).resolve().parents[3] / "bpmn" / "letters"
KEYS = sorted(path.stem for path in LETTERS.glob("*.md"))
AT = datetime(2026, 3, 4, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
NUMBER = "SS202603020000010000001"
EVIDENCE = {
    "numbers": ["TS2026020100000100000015"],
    "answered": True,
    "answered_in_limit": True,
    "cases": [
        {
            "number": "TS2026020100000100000015",
            "regime": "complaint",
            "filed_at": "2026-02-01T09:00:00+08:00",
            "replies": [
                {
                    "kind": "final_reply",
                    "at": "2026-02-01T16:20:00+08:00",
                    "by_unit": "河南省投诉处理中心",
                    "content": "已退还多收的功能费 15 元，并关闭该业务。",
                }
            ],
            "limits": [
                {
                    "code": "R01.all",
                    "name": "投诉答复",
                    "due_at": "2026-02-02T09:00:00+08:00",
                    "stopped_at": "2026-02-01T16:20:00+08:00",
                    "in_limit": True,
                }
            ],
        }
    ],
}
VARIABLES: dict[str, Any] = {
    "case": {
        "number": NUMBER,
        "regime": "appeal",
        "filed_at": "2026-03-02T09:05:00+08:00",
        "org": "henan_hotline",
        "customer": {"name": "张三", "level": "vip"},
        "business": "mobile_data",
        "description": "二月账单多出未经本人同意开通的功能费。",
        "demand": "退还费用并说明原因",
        "regulator": "miit",
        "regulator_case_number": "工信申〔2026〕0312号",
    },
    "form": {},
    "result": {},
    "decision": {},
    "loop": {},
    "message": {},
    "clock": {"promised_at": "2026-03-05T18:00:00+08:00", "due_at": "2026-03-06T09:05:00+08:00"},
    "input": {
        "text": "经核查，该功能费因业务开通时未取得您的二次确认而产生，现已全额退还。",
        "reason": "需要上级公司核对跨省结算记录。",
        "facts": "经查，功能费于二月三日由合作方发起开通，未保留客户二次确认记录。",
        "result": "已退还功能费 15 元并关闭业务。",
        "conclusion": "企业责任",
        "cause": "合作方宣传不当",
        "measures": "对合作方暂停计费接口并整改。",
        "evidence": EVIDENCE,
    },
    "letter": {"number": f"{NUMBER}-01", "to": "客户", "method": "信函", "date": "2026-03-04", "name": "函"},
    "unit": {"code": "henan", "name": "河南省分公司", "name_en": "Henan", "asked": "河南客服热线"},
    "query_page": "https://redress.example",
}
WORDS = {
    "case.business": "增值 · 移动数据",
    "case.regulator": "工业和信息化部电信用户申诉受理中心",
    "case.customer.level": "VIP 客户",
}


@cache
def shipped(key: str) -> Template:
    template, mistakes = read_template(key, (LETTERS / f"{key}.md").read_text(encoding="utf-8"))
    assert template is not None, mistakes
    return template


def filled(key: str, **changed: Any) -> Sheet:
    """A shipped letter of the sample; changed: other variables."""
    return fill(shipped(key), {**VARIABLES, **changed}, at=AT, say=lambda path: WORDS.get(path, ""))
