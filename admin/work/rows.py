"""One line of a list of tasks: everything a clerk decides by, on one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from admin import queries
from admin.page import Page
from admin.show.clocks import ClockFace, beside, task_words
from admin.show.filters import due, instant
from admin.show.groups import group_name
from admin.show.language import brief
from tasks.cases.facts import summary
from tasks.cases.outcomes import mark_words
from tasks.deadlines.faces.reading import clocks_of_cases, clocks_of_tasks
from tasks.deadlines.policies.words import LEVEL_NAMES
from tasks.desk import barred
from tasks.desk.eligible import on_behalf_of
from tasks.user_task import COMPLETED, CREATED, DELEGATED

URGENT = 80
"""From this priority on a line says that it is urgent; a task is born with 50."""

SIGNS = {"key": ("关", "key"), "difficult": ("难", "diff.")}
"""What a diagram marks a case as (`mark_words`) → the sign on a line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign on a line. kind: its style; sign: one character or a short word, in Chinese and English; why: the whole of it."""

    kind: str
    sign: tuple[str, str]
    why: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One task as a list shows it. due and done are already words; who: who has it, or to whom it is offered. barred: why the
    reader may not do it.
    """

    id: UUID
    name: str
    process: str
    number: str
    summary: str
    state: str
    clock: ClockFace
    left: str
    due: str
    priority: int
    level: str
    who: str
    waits: bool
    barred: tuple[str, str] | None
    marks: tuple[Mark, ...]


def lines(page: Page, name: str, tasks: Sequence[Any], names: Mapping[str, str]) -> list[Line]:
    """The lines of a page of the list. At most four statements, however many tasks there are."""
    facts = queries.case_facts(page.session, (task.case_id for task in tasks))
    faces = clocks_of_tasks(page.session, page.deps, [task.id for task in tasks])
    # Of a confidential case no list shows more than the task itself.
    shown = [task.case_id for task in tasks if facts.get(task.case_id) is not None and name != "archive"]
    of_cases = clocks_of_cases(page.session, page.deps, shown)
    now = page.deps.clock.now()
    return [
        _line(
            page,
            name,
            task,
            names.get(task.process_key, task.process_key),
            beside(task_words(task, faces.get(task.id), now), of_cases.get(task.case_id)),
            facts.get(task.case_id, {}),
            now,
        )
        for task in tasks
    ]


def _line(
    page: Page,
    name: str,
    task: Any,
    process: str,
    clock: ClockFace,
    facts: Mapping[str, Any] | None,
    now: datetime,
) -> Line:
    organisation = page.deps.office.current(page.session).organisation
    waits = task.state == CREATED
    group = group_name(organisation, task.candidate_group)
    return Line(
        id=task.id,
        name=task.name,
        process=process,
        number=task.business_key,
        summary="" if facts is None else summary(facts),
        state=task.state,
        clock=clock,
        left=brief(clock.text, clock.text_en),
        due=short_due(task.completed_at, now)
        if task.state == COMPLETED
        else short_due(clock.due, now, limit=True),
        priority=task.priority,
        level=brief(*LEVEL_NAMES.get(task.level, (task.level, task.level))) if task.level else "",
        who=group
        if waits or task.state == COMPLETED or task.assignee_id == page.caller.id
        else task.assignee_name,
        waits=waits,
        barred=_barred(page, task, name),
        marks=tuple(_marks(page, task, clock, facts, now)),
    )


def _barred(page: Page, task: Any, name: str) -> tuple[str, str] | None:
    """Why the reader may not do it; of their team's work, that nobody may to whom it is offered."""
    if name != "team":
        return barred(page.caller, task)
    nobody = task.nobody_left and task.state == CREATED
    return (
        ("所派人员都须回避，没有人能办理。", "Everybody to whom it is offered is barred from it.")
        if nobody
        else None
    )


def short_due(at: datetime | None, now: datetime, *, limit: bool = False) -> str:
    """An instant on a narrow line: without the year where it is this one. limit: midnight is 24:00 of the day it ends."""
    if at is None:
        return ""
    whole = due(at) if limit else instant(at)
    return whole.removeprefix(f"{instant(now)[:4]}-")


def _marks(
    page: Page, task: Any, clock: ClockFace, facts: Mapping[str, Any] | None, now: datetime
) -> list[Mark]:
    found = []
    if facts is None:
        found.append(Mark("confidential", ("密", "conf."), ("保密案件", "A confidential case")))
    if task.priority >= URGENT:
        found.append(
            Mark("urgent", ("急", "urgent"), (f"优先级 {task.priority}", f"Priority {task.priority}"))
        )
    if task.mark:
        zh, en = mark_words(task.mark)
        found.append(Mark("key", SIGNS.get(task.mark, ("标", "mark")), (f"{zh}投诉", f"A {en} complaint")))
    customer = (facts or {}).get("customer")
    if isinstance(customer, Mapping) and customer.get("level") == "vip":
        found.append(Mark("vip", ("贵", "VIP"), ("VIP 客户", "A VIP customer")))
    if task.returned:
        times = task.returned
        found.append(
            Mark(
                "returned",
                (f"退{times if times > 1 else ''}", f"ret. {times}"),
                (f"退回过 {times} 次", f"Returned {times}×"),
            )
        )
    if task.state == DELEGATED:
        mine = task.owner_id == page.caller.id
        zh = f"已委托{task.assignee_name}办理" if mine else f"{task.owner_name}委托{task.assignee_name}办理"
        found.append(
            Mark(
                "delegated",
                ("委", "del."),
                (zh, f"{task.owner_name} has delegated it to {task.assignee_name}"),
            )
        )
    cover = on_behalf_of(page.caller, task)
    if cover is not None:
        found.append(
            Mark("covered", ("代", "for"), (f"代{cover.name}办理", f"Done for {cover.name}, who is away"))
        )
    if task.follow_up_at is not None and task.follow_up_at > now:
        at = instant(task.follow_up_at, "short")
        found.append(Mark("asleep", ("搁", "later"), (f"搁置至 {at}", f"Put off until {at}")))
    if clock.case_due is not None:
        at = due(clock.case_due)
        kind = "late" if clock.case_late else "case"
        found.append(Mark(kind, ("全案", "case"), (f"全案时限先到期：{at}", f"The case is due first: {at}")))
    return found
