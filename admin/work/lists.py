"""The lists of the desk: what waits for me, what my groups are offered, what runs late, what my team has, what I have done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any, cast

from flask import flash, make_response, redirect, render_template, request, url_for

from admin import queries
from admin.errors import sentence_of
from admin.page import Answer, Page
from admin.show.language import plain
from admin.work.narrowing import NAMES, ORDER_NAMES, Narrowed, boxes, chips, narrowed
from admin.work.rows import lines
from admin.work.saved import groups_to_share_with, kept
from engine.errors import InvalidInput
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.lists.counting import Counts, counts
from tasks.lists.named import ListName, Order, task_list
from tasks.lists.next_task import next_task
from tasks.paging import PAGE
from tasks.paging import Page as Found

Words = tuple[str, str]

LISTS: dict[ListName, tuple[Words, str, Words]] = {
    "inbox": (("待办", "Inbox"), "i", ("手上没有待办", "Nothing is waiting for you.")),
    "queue": (("队列", "Queue"), "q", ("队列是空的", "Nothing is offered to your groups.")),
    "warned": (("预警", "Warned"), "w", ("没有预警的工单", "No clock of yours has warned.")),
    "overdue": (("逾期", "Overdue"), "o", ("没有逾期的工单", "Nothing of yours is overdue.")),
    "delegated": (("委托", "Delegated"), "d", ("没有委托出去的工单", "You have delegated nothing.")),
    "asleep": (("搁置", "Put off"), "s", ("没有搁置的工单", "You have put nothing off.")),
    "team": (("团队", "Team"), "t", ("本单位没有在办工单", "No work is open in your units.")),
    "archive": (("已办", "Archive"), "a", ("还没有办结的工单", "You have completed nothing yet.")),
}
"""list → its name, the key that follows g, and what an empty one says; in the order of the tabs."""


def view(name: ListName) -> Any:
    """The page of a list."""
    return partial(_list, name=name)


def _list(page: Page, *, name: ListName) -> Answer:
    asked = narrowed()
    try:
        found, problem = _found(page, name, asked), None
    except InvalidInput as error:
        found, problem = Found((), None), (sentence_of(error)[2], str(error))
    names = queries.process_names(page.session)
    items = lines(page, name, found.items, names)
    endpoint = f"admin.{name}"
    more = (
        url_for(endpoint, cursor=found.next_cursor, **cast(Any, asked.address)) if found.next_cursor else None
    )
    if request.headers.get("HX-Request") and request.args.get("cursor") and not problem:
        return render_template("parts/task_rows.html", items=items, more=more, list=name, me=page.caller)
    waiting = counts(page.session, page.deps, page.caller)
    choices = boxes(
        page,
        name,
        asked,
        processes=names,
        steps=((task.activity_id, task.name) for task in found.items),
        people=queries.colleagues_below(page.session, page.deps, page.caller) if name == "team" else [],
    )
    heading, _, empty = LISTS[name]
    now = page.deps.clock.now()
    answer = page.render(
        "tasks.html",
        section=endpoint,
        waiting=waiting,
        capped=waiting.queue == waiting.capped_at,
        list=name,
        tabs=tabs(page, waiting),
        heading=heading,
        empty=empty if not asked.kept else ("没有符合条件的工单", "Nothing matches these filters."),
        asked=asked,
        boxes=choices,
        names=NAMES,
        orders=ORDER_NAMES,
        kept=kept(page, name, asked),
        groups=groups_to_share_with(page),
        chips=chips(asked, choices, endpoint),
        items=items,
        more=more,
        problem=problem,
        as_of=now,
        tomorrow=f"{(now + timedelta(days=1)).astimezone(SHANGHAI):%Y-%m-%d}T09:00",
    )
    return make_response(answer, 422) if problem else answer


def _found(page: Page, name: ListName, asked: Narrowed) -> Found:
    return task_list(
        page.session,
        page.deps,
        page.caller,
        name,
        where=asked.where,
        sort=cast(Order, asked.sort),
        limit=PAGE,
        cursor=request.args.get("cursor"),
    )


def tabs(page: Page, waiting: Counts) -> Sequence[dict[str, Any]]:
    """The lists there are for the caller, each with how many tasks wait in it."""
    return [
        {
            "list": name,
            "address": url_for(f"admin.{name}"),
            "name": words,
            "key": key,
            "count": getattr(waiting, name, None),
            "capped": getattr(waiting, name, 0) == waiting.capped_at,
        }
        for name, (words, key, _) in LISTS.items()
        if name != "team" or waiting.team is not None
    ]


def claim_next(page: Page) -> Answer:
    """Take the task of the queue that is next by the priority rule."""
    row = next_task(page.session, page.deps, page.caller)
    if row is not None:
        return redirect(url_for("admin.task", task_id=row.id), 303)
    flash(plain("队列中没有可以领取的工单。", "Nothing is left in your queue."), "wait")
    return redirect(url_for("admin.queue"), 303)
