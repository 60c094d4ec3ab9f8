"""The Chinese names of the organisation's things and columns, as files, pages and refusals say them."""

from __future__ import annotations

COLUMNS = {
    "code": "代码",
    "key": "岗位代码",
    "login": "账号",
    "name": "名称",
    "name_en": "英文名",
    "kind": "类别",
    "parent": "上级",
    "acts_for": "代行",
    "roles": "候选组",
    "handles": "承办业务",
    "from": "起始",
    "until": "截止",
    "grants": "权限",
    "rank": "级别",
    "email": "邮箱",
    "phone": "手机",
    "active": "在用",
    "unit": "单位",
    "post": "岗位",
    "title": "职务",
    "superior": "直接上级",
}
"""Column → its name."""

THINGS = {"unit": "单位", "post": "岗位", "person": "人员", "seat": "任职"}
"""Thing → its name."""
