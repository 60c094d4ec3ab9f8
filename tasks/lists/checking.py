"""A saved filter, and whether it can be kept as somebody wants it: its name, what it reads, with whom it is shared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from engine.errors import InvalidInput
from tasks.core import legible
from tasks.deps import Deps
from tasks.lists.counting import size_of
from tasks.lists.filters import TaskFilter
from tasks.lists.named import LISTS, ORDERS, ListName, Order
from tasks.mistakes import ChangeRefused, FieldMistake
from tasks.organisation.assigning.routing import group_path
from tasks.people.caller import Caller
from tasks.permissions.matrix import may
from tasks.permissions.visibility import reach

MOST = 30
"""So many filters somebody keeps, and so many shared ones are shown."""
LONGEST = 40
"""Characters of a name."""
PLACES = (0, 999)


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved filter as its reader sees it. mine: the reader is the owner. count: how many tasks it finds in the reader's list,
    up to `tasks.lists.counting.COUNT_CAP`; None where it was not counted, or where the list or the filter is not for the reader.
    """

    id: UUID
    owner_id: UUID
    owner_name: str
    name: str
    list: ListName
    sort: Order
    where: TaskFilter
    shared_group: str | None
    position: int
    mine: bool
    count: int | None = None


class Mistake(FieldMistake):
    """What is wrong with a field of a filter."""

    __slots__ = ()
    names: ClassVar[Mapping[str, str]] = {
        "name": "名称",
        "list": "列表",
        "sort": "排序",
        "criteria": "条件",
        "shared_group": "共享给",
        "position": "次序",
    }


class FilterRefused(ChangeRefused[Mistake]):
    """The filter cannot be kept as it was asked for."""

    refused, refused_zh = "The filter", "没有保存筛选"


def check(deps: Deps, caller: Caller, wished: Saved, owned: Sequence[Saved]) -> None:
    """Raises FilterRefused with everything that is wrong with a filter as the caller wants to keep it. owned: all of theirs."""
    mistakes = [*_of_names(wished, owned), *_of_reading(deps, caller, wished), *_of_sharing(caller, wished)]
    if mistakes:
        raise FilterRefused(mistakes)


def _of_names(wished: Saved, owned: Sequence[Saved]) -> Iterator[Mistake]:
    if len(wished.name) > LONGEST or not legible(wished.name):
        yield Mistake(
            "name", f"has to be 1 to {LONGEST} readable characters.", f"应为 1 至 {LONGEST} 个可读的字。"
        )
    others = [each for each in owned if each.id != wished.id]
    if wished.name in {each.name for each in others}:
        yield Mistake("name", "is that of another filter of yours.", "您已有同名的筛选。")
    if len(others) >= MOST:
        yield Mistake(
            "name", f"is one too many: you keep {MOST} already.", f"您已保存 {MOST} 个筛选，请先删除。"
        )
    if not PLACES[0] <= wished.position <= PLACES[1]:
        yield Mistake(
            "position", f"has to be {PLACES[0]} to {PLACES[1]}.", f"应为 {PLACES[0]} 至 {PLACES[1]}。"
        )


def _of_reading(deps: Deps, caller: Caller, wished: Saved) -> Iterator[Mistake]:
    if wished.sort not in ORDERS:
        yield Mistake("sort", f"is none of {', '.join(ORDERS)}.", f"应为 {'、'.join(ORDERS)} 之一。")
    if wished.list not in LISTS:
        yield Mistake("list", f"is none of {', '.join(LISTS)}.", f"应为 {'、'.join(LISTS)} 之一。")
        return
    if wished.list == "team" and not may(caller, "team.read"):
        yield Mistake("list", "is that of people who lead others.", "团队列表只供主管使用。")
    try:
        size_of(caller, wished.list, wished.where, deps.clock.now())
    except InvalidInput as error:
        yield Mistake("criteria", str(error), str(error.facts.get("message_zh") or "筛选条件不可用。"))


def _of_sharing(caller: Caller, wished: Saved) -> Iterator[Mistake]:
    name = wished.shared_group
    if name is not None and name not in groups_to_share_with(caller):
        # The same for a group of others, one that reaches beyond one's own unit, and one that nobody has.
        yield Mistake(
            "shared_group",
            f"{name[:100]} is no group of yours in a unit where you sit or that you lead.",
            "不是您在所在单位或所辖单位的候选组。",
        )


def groups_to_share_with(caller: Caller) -> list[str]:
    """With which of their groups the caller may share a filter: those of units where they sit, or that they lead."""
    led = tuple(reach(caller, "team.read")) if may(caller, "team.read") else ()
    return [
        name
        for name in caller.groups
        if (path := group_path(name)) is not None and (path in caller.standing.paths or path.startswith(led))
    ]
