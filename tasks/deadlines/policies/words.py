"""The columns of the clock register and their Chinese names, as files, pages and refusals say them."""

from __future__ import annotations

COLUMNS = {
    "code": "代码",
    "regime": "流程",
    "level": "投诉级别",
    "customer_level": "客户级别",
    "network": "网别",
    "name_zh": "名称",
    "name_en": "英文名",
    "limit": "时限",
    "target": "目标",
    "unit": "单位",
    "rolls": "遇休顺延",
    "rungs": "预警梯级",
    "pauses": "可暂停原因",
    "promised": "对客户承诺",
    "stops_on": "停止于",
    "clause": "依据",
    "ours": "本项目规定",
}
"""Column → its name, in the order files have them. Only code, limit and unit must be there."""

FIELDS = {**COLUMNS, "effective_from": "生效日", "note": "说明"}
"""What an edit consists of besides: from when, and why."""

UNIT_NAMES = {"h": ("小时", "hours"), "cd": ("自然日", "calendar days"), "wd": ("工作日", "working days")}
"""Unit → Chinese, English."""

LEVEL_NAMES = {
    "general": ("一般", "general"),
    "provincial": ("省级", "provincial"),
    "national": ("全国级", "national"),
    "upgrade_complaint": ("升级投诉", "upgrade complaint"),
    "appeal": ("申诉", "appeal"),
}
"""Level of the shipped tables → Chinese, English (003§2.4.1); one the office adds is shown as it is written."""
