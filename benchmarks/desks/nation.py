"""An organisation of the size it is built for: headquarters, 31 provinces, 560 units, 4,600 people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PROVINCES = 31
BIG = "p0"
"""The province with most of the work: a sixth of it, half of that in its centre."""
CLERKS = 50
"""Colleagues in its centre who ask for their next task at the same instant."""
CLERK, MANAGER, HEADQUARTERS = "clerk", "manager", "headquarters"
PEOPLE = (CLERK, MANAGER, HEADQUARTERS)
"""As whom the lists are read: a clerk of the big centre, who leads it, and a supervisor for the whole country."""
PER_UNIT = 8

BUSINESSES = (
    "mobile",
    "broadband",
    "fixed_line",
    "value_added",
    "internet",
    "roaming",
    "leased_line",
    "iptv",
)

_UNITS: tuple[tuple[str, str, str, tuple[str, ...], int], ...] = (
    ("centre", "投诉处理中心", "centre", ("provincial_centre", "revisit", "archive"), 50),
    ("service", "客户服务部", "department", ("provincial_service",), 6),
    ("network", "网络部", "department", ("department", "assisting_department"), 8),
    ("billing", "计费账务部", "department", ("department", "assisting_department"), 8),
    ("market", "市场部", "department", ("department", "assisting_department"), 4),
    ("channels", "渠道管理部", "department", ("department", "assisting_department"), 2),
    *((f"city{n}", f"第{n}远端处理单元", "remote_unit", ("remote_unit",), 3) for n in range(6)),
    *((f"hall{n}", f"第{n}营业厅", "channel", ("channel",), 1) for n in range(4)),
)
"""Code, name, kind, roles and share of the province's work of what every province has; the first role is given the work."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue: its group, the path and code of its unit, the province, and where the cases in it were filed."""

    group: str
    path: str
    code: str
    province: str
    filed_at: str


def organisation() -> dict[str, Any]:
    """The chart as `load_organisation` reads it."""
    units: list[dict[str, Any]] = [
        {"code": "hq", "name": "总部", "kind": "headquarters"},
        {
            "code": "hq_service", "name": "总部客户服务部", "kind": "department", "parent": "hq", "acts_for": "hq",
            "roles": ["headquarters", "upgrade_centre"],
        },
    ]  # fmt: skip
    for province in _provinces():
        units.append({"code": province, "name": f"第{province[1:]}省", "kind": "province", "parent": "hq"})
        units += [
            {
                "code": f"{province}_{code}",
                "name": f"{province}{name}",
                "kind": kind,
                "parent": province,
                "roles": list(roles),
            }
            for code, name, kind, roles, _ in _UNITS
        ]
    people: list[dict[str, Any]] = [
        {"login": CLERK, "name": "张办", "unit": f"{BIG}_centre"},
        {
            "login": MANAGER, "name": "李主管", "unit": f"{BIG}_centre",
            "also": [{"unit": BIG, "title": "值班经理", "roles": ["supervisor"]}],
        },
        {"login": HEADQUARTERS, "name": "王督办", "unit": "hq_service", "roles": ["staff", "supervisor"]},
        *({"login": login, "name": f"同事{login[1:]}", "unit": f"{BIG}_centre"} for login in colleagues()),
        *(
            {"login": f"{unit['code']}_{n}", "name": f"员工{unit['code']}-{n}", "unit": unit["code"]}
            for unit in units
            if unit.get("roles")
            for n in range(PER_UNIT)
        ),
    ]  # fmt: skip
    return {"units": units, "people": people}


def colleagues() -> list[str]:
    """The logins of those who ask for their next task at once."""
    return [f"c{number}" for number in range(1, CLERKS + 1)]


def queues() -> list[Queue]:
    """Where work lies, as often as its share of all work is large, so that any one of them is a likely place."""
    found = [Queue("upgrade_centre@/hq/", "/hq/", "hq_service", "", "/hq/")] * 600
    for province in _provinces():
        for times in range(20 if province == BIG else 3):
            for code, _, _, roles, share in _UNITS:
                path = f"/hq/{province}/{province}_{code}/"
                hall = f"/hq/{province}/{province}_hall{(times + share) % 4}/"
                found += [Queue(f"{roles[0]}@{path}", path, f"{province}_{code}", province, hall)] * share
    return found


def _provinces() -> Iterator[str]:
    return (f"p{number}" for number in range(PROVINCES))
