"""By what a list of tasks is narrowed: read from the address, offered in boxes, shown as chips that come off one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from flask import request, url_for

from admin.page import Page
from admin.show.groups import group_name
from admin.show.language import brief
from engine.errors import InvalidInput
from tasks.deadlines.policies.words import LEVEL_NAMES
from tasks.lists.filters import CLOCKS, TaskFilter
from tasks.lists.named import ORDERS, ListName

UNCLAIMED = "-"
"""Stands in the address for tasks nobody has in hand: an empty box narrows nothing."""
LONGEST = 300
MOST_UNITS = 60
"""So many units are offered in the box: the caller's own and the next below."""

NAMES: dict[str, tuple[str, str]] = {
    "q": ("包含", "Says"),
    "clock": ("时限", "Clock"),
    "level": ("级别", "Level"),
    "process_key": ("流程", "Process"),
    "activity_id": ("环节", "Step"),
    "business": ("业务", "Business"),
    "unit": ("单位", "Unit"),
    "customer": ("客户", "Customer"),
    "customer_level": ("客户级别", "Customer level"),
    "number": ("案件编号", "Case number"),
    "group": ("候选组", "Group"),
    "assignee": ("办理人", "Holder"),
    "priority": ("优先级不低于", "Priority from"),
    "returned": ("退回过", "Returned"),
    "key": ("关键或疑难", "Key or difficult"),
    "awake": ("未搁置", "Not put off"),
}
"""What stands in the address → what it is called, in the order of the boxes."""

CLOCK_NAMES = {
    "late": ("已逾期", "overdue"),
    "warned": ("已预警", "warned"),
    "today": ("今日到期", "due today"),
    "paused": ("已暂停", "paused"),
    "none": ("无时限", "no limit"),
}
CUSTOMER_LEVELS = {"vip": ("VIP 客户", "VIP"), "normal": ("普通客户", "ordinary")}
ORDER_NAMES = {
    "due": ("先到期的在前", "Due first"),
    "priority": ("按优先规则", "By priority"),
    "created": ("先到的在前", "Oldest first"),
}
YES_NO = {"yes": ("是", "yes"), "no": ("否", "no")}
PRIORITIES = ("60", "70", "80", "90")

_NUMBERS, _CHOICES = {"priority"}, {"returned", "key", "awake"}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the address asks for. kept: its words, by name, without what is empty; sort: the order, `due` unless it says."""

    kept: dict[str, str]
    sort: str

    @property
    def address(self) -> dict[str, str]:
        """All of it as it stands in an address."""
        return {**self.kept, **({"sort": self.sort} if self.sort != "due" else {})}

    @property
    def where(self) -> TaskFilter:
        """The filter. Raises InvalidInput naming everything that is not what a box offers."""
        wrong = [
            f"{name} {value[:40]!r}"
            for name, value in self.kept.items()
            if (name == "clock" and value not in CLOCKS)
            or (name in _CHOICES and value not in YES_NO)
            or (name in _NUMBERS and not (value.isascii() and value.isdigit() and int(value) <= 100))
        ]
        if self.sort not in ORDERS:
            wrong.append(f"the order {self.sort[:40]!r}")
        if wrong:
            raise InvalidInput(
                f"Tasks were asked for by {', '.join(wrong)}; no list knows that.",
                message_zh="没有这样的筛选条件或排序，请重新选择。",
            )
        return TaskFilter(**{name: _value(name, value) for name, value in self.kept.items()})


def narrowed(words: Mapping[str, str] | None = None) -> Narrowed:
    """What the words of an address ask for: those of this request, where none are given."""
    words = request.args if words is None else words
    given = {name: words.get(name, "").strip()[:LONGEST] for name in NAMES}
    return Narrowed({name: value for name, value in given.items() if value}, words.get("sort") or "due")


def of_filter(where: TaskFilter, sort: str) -> Narrowed:
    """The words by which a filter stands in an address; what no box offers (instants) is left out."""
    values = {name: getattr(where, name) for name in NAMES}
    return Narrowed({name: _word(name, value) for name, value in values.items() if value is not None}, sort)


def _value(name: str, word: str) -> Any:
    if name in _CHOICES:
        return word == "yes"
    if name in _NUMBERS:
        return int(word)
    return "" if name == "assignee" and word == UNCLAIMED else word


def _word(name: str, value: Any) -> str:
    if name in _CHOICES:
        return "yes" if value else "no"
    return UNCLAIMED if name == "assignee" and value == "" else str(value)


Option = tuple[str, str]
"""What stands in the address, and what the box shows."""


def boxes(
    page: Page,
    name: ListName,
    asked: Narrowed,
    *,
    processes: Mapping[str, str],
    steps: Iterable[tuple[str, str]],
    people: Sequence[tuple[str, str]],
) -> dict[str, list[Option]]:
    """The choices of every box of a list, by name; what the address asks for is always one of them. steps: the activities on
    the page; people: login and name of those whose work the list shows.
    """
    snapshot = page.deps.office.current(page.session)
    organisation = snapshot.organisation
    business = snapshot.classification.offered("business")
    found: dict[str, list[Option]] = {
        "clock": _named(CLOCK_NAMES) if name != "archive" else [],
        "level": _named(LEVEL_NAMES),
        "process_key": list(processes.items()),
        "activity_id": sorted(set(steps), key=lambda one: one[1]),
        "business": [
            (entry.code, brief(entry.name_zh, entry.name_en or entry.name_zh)) for entry in business
        ],
        "unit": _units(page),
        "customer_level": _named(CUSTOMER_LEVELS),
        "group": [(group, group_name(organisation, group)) for group in page.caller.groups]
        if name == "queue"
        else [],
        "assignee": [(UNCLAIMED, brief("未认领", "unclaimed")), *people] if name == "team" else [],
        "priority": [(value, value) for value in PRIORITIES],
        "returned": _named(YES_NO),
        "key": _named(YES_NO),
        "awake": _named(YES_NO),
    }
    for box, value in asked.kept.items():
        if found.get(box) and value not in dict(found[box]):
            found[box].append((value, value))
    return {box: choices for box, choices in found.items() if choices}


def chips(asked: Narrowed, choices: Mapping[str, Sequence[Option]], endpoint: str) -> list[dict[str, Any]]:
    """What is set, each with the address of the same list without it."""
    return [
        {
            "label": NAMES[name],
            "value": dict(choices.get(name, ())).get(value, value),
            "without": url_for(
                endpoint,
                **cast(Any, replace(asked, kept={k: v for k, v in asked.kept.items() if k != name}).address),
            ),
        }
        for name, value in asked.kept.items()
    ]


def _named(words: Mapping[str, tuple[str, str]]) -> list[Option]:
    return [(value, brief(*names)) for value, names in words.items()]


def _units(page: Page) -> list[Option]:
    """The units in the caller's reach, and those right below."""
    organisation = page.deps.office.current(page.session).organisation
    places = sorted(set(page.caller.standing.reach))
    found = [
        unit
        for unit in organisation.units
        if any(
            unit.path.startswith(place) and unit.path.count("/") <= place.count("/") + 1 for place in places
        )
    ]
    return [(unit.code, brief(unit.name, unit.name_en or unit.name)) for unit in found[:MOST_UNITS]]
