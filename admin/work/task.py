"""One task: its form on one side, the case on the other. What people do with it is in `acting`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import jsonify, request, url_for

from admin import linked, papers, queries
from admin.cases import facts_of_case
from admin.deadlines import clocks
from admin.instances import history, live_activities
from admin.page import Answer, Page, local_path
from admin.pictures import picture
from admin.show import story
from admin.show.groups import group_name
from admin.show.language import plain
from admin.stories import decided, short_story
from admin.talk import talk_of_task
from admin.work.drafts import draft_of
from admin.work.following import offered_next
from engine.errors import NotFound, NotPermitted
from tasks import desk
from tasks.cases.facts import facts_of
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.desk.eligible import complained_of
from tasks.desk.seeing import leads
from tasks.filling import ShownForm, task_form
from tasks.listener import case_facts
from tasks.lists.named import LISTS
from tasks.permissions.matrix import VERBS
from tasks.processes.instances import InstanceView, read_instance
from tasks.user_task import CANCELLED, COMPLETED, DELEGATED, HELD, OPEN, groups_in


def task(page: Page, task_id: UUID) -> Answer:
    """One task: the case beside the form; the form is read-only for whoever does not have it in hand."""
    row = desk.read_task(page.session, page.deps, page.caller, task_id)
    view = _instance(page, row.instance_id)
    barred = desk.barred(page.caller, row) if _offered(page, row) else None
    can = _can(page, row, barred=barred is not None)
    facts = case_facts(row) if row.number is not None else {}
    asked = task_form(page.session, page.deps, row, facts)
    names = papers.links(page, row.number)
    panel = clocks.task_panel(page, row, whole_case=view is not None and row.number is not None)
    running = [one for one in panel["clocks"] if one["running"]]
    back = _back(row, page)
    return page.render(
        "task.html",
        section=f"admin.{back[0]}",
        island=True,
        came_from=back[1],
        task=_shown(page, row),
        can=can,
        barred=barred,
        after=offered_next(page, row._mapping)
        if request.args.get("done") and row.completed_by == page.caller.id
        else None,
        suspended=row.instance_status == "suspended" and row.state in OPEN,
        returns=desk.returns_of(page.session, row),
        first_clock=next((one for one in running if one["binds"]), running[0] if running else None),
        form=_form(page, row, asked, can),
        words=_words(),
        rests=_rests(page.deps.clock.now()),
        now_local=_local(page.deps.clock.now()),
        case_facts=facts_of_case(
            page, queries.definition_of_case(page.session, row.number), facts_of(row), names
        )
        if row.number
        else [],
        path=url_for("admin.path", task_id=task_id) if view else None,
        history=short_story(page, view, names) if view else [],
        talk=talk_of_task(page, row),
        links=linked.links(page, row.case_id) if view and row.case_id else [],
        earlier=linked.same_customer(page, row.number, facts) if row.number else [],
        **panel,
        papers=papers.panel(
            page, row.number, task_id=task_id, closed=row.instance_status not in ("active", "suspended")
        ),
    )


def path(page: Page, task_id: UUID) -> Answer:
    """What the picture beside a task shows: the diagram the task stands in, the way taken and the token."""
    row = desk.read_task(page.session, page.deps, page.caller, task_id)
    view = _instance(page, row.instance_id)
    if view is None:
        raise NotFound(
            f"The path of the task {task_id} was asked for; its case is not for you.", task_id=str(task_id)
        )
    events, live = history(page, row.instance_id), live_activities(view)
    shown = picture(
        page,
        view.instance.definition_id,
        marks=story.marks_of(events, live, view.incidents),
        events=story.element_events(events, decided(page, events)),
    )
    inner = [row.scope] if row.scope != shown["root"] and row.scope in shown["diagrams"] else []
    return jsonify(**shown, open=[shown["root"], *inner], near=True)


def _instance(page: Page, instance_id: UUID) -> InstanceView | None:
    try:
        return read_instance(page.session, page.deps, page.caller, instance_id)
    except (NotFound, NotPermitted):
        return None  # a task may be offered to somebody to whom the rest of the case stays closed


def _can(page: Page, row: Any, *, barred: bool) -> dict[str, bool]:
    """Which verbs the caller is offered; each is checked again when it is taken. Who is barred may only give it back."""
    offered = _offered(page, row)
    holder = offered and row.state in HELD and row.assignee_id == page.caller.id
    owner = offered and row.state == DELEGATED and row.owner_id == page.caller.id
    who = {
        **dict.fromkeys(("complete", "delegate", "resolve", "follow_up"), holder and not barred),
        "release": holder,
        "claim": offered and not barred,
        "recall": owner,
        **{
            verb: leads(page.caller, row, f"task.{verb}") and complained_of(page.caller, row) is None
            for verb in ("reassign", "prioritise")
        },
    }
    can = {
        verb: theirs and page.may(f"task.{verb}") and row.state in VERBS[f"task.{verb}"].states
        for verb, theirs in who.items()
    }
    return {**can, "complete": can["complete"] and row.instance_status == "active"}


def _offered(page: Page, row: Any) -> bool:
    return not set(groups_in(row)).isdisjoint(page.caller.groups)


def _shown(page: Page, row: Any) -> dict[str, Any]:
    names = queries.process_names(page.session)
    organisation = page.deps.office.current(page.session).organisation
    asleep = row.follow_up_at and row.follow_up_at > page.deps.clock.now() and row.follow_up_at
    return {
        "id": row.id,
        "name": row.name,
        "state": row.state,
        "case_number": row.business_key,
        "has_case": row.number is not None,
        "confidential": row.confidential,
        "process_name": names.get(row.process_key, row.process_key)
        + (f" · {names.get(row.scope, row.scope)}" if row.scope != row.process_key else ""),
        "lane": row.lane,
        "assignee": row.assignee_name,
        "owner": row.owner_name,
        "mine": page.caller.id in (row.assignee_id, row.owner_id),
        "group": group_name(organisation, row.candidate_group),
        "priority": row.priority,
        "priority_by": row.priority_by_name,
        "since": row.created_at,
        "claimed_at": row.claimed_at,
        "note": row.note,
        "asleep": asleep,
        "asleep_local": _local(asleep) if asleep else "",
        "over_at": row.completed_at,
        "over_by": row.completed_by_name,
        "by_me": row.completed_by == page.caller.id,
    }


def _form(page: Page, row: Any, asked: ShownForm, can: Mapping[str, bool]) -> Mapping[str, Any] | None:
    """Boot data of the form; None where there is nothing to fill in or to read. A delegate fills it in and sends nothing:
    what they have filled in is handed over when they give the task back.
    """
    if asked.schema is None or (row.state in (COMPLETED, CANCELLED) and not row.answers):
        return None
    fills = can["complete"] or can["resolve"]
    return {
        "schema": asked.schema,
        "data": {**(row.answers or {}), **asked.context},
        "readonly": not fills,
        "action": url_for("admin.complete", task_id=row.id) if can["complete"] else None,
        "draft": draft_of(page, row.id) if fills else None,
        "papers": papers.form_papers(page, row.number),
    }


def _back(row: Any, page: Page) -> tuple[str, str]:
    """The list the task stands in for the caller, and the address to go back to: the very list they came from."""
    if row.state in (COMPLETED, CANCELLED):
        home = "archive"
    else:
        home = "inbox" if page.caller.id in (row.assignee_id, row.owner_id) else "queue"
    came = local_path((request.referrer or "").removeprefix(request.host_url.rstrip("/")))
    known = came and came.partition("?")[0] in {url_for(f"admin.{name}") for name in LISTS}
    return home, came if came and known else url_for(f"admin.{home}")


def _rests(now: datetime) -> list[tuple[str, str, str]]:
    """Ready answers to until when a task rests: as a field of the page holds them, in Chinese and English."""
    today = now.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0)
    morning = today.replace(hour=9)
    monday = morning + timedelta(days=7 - morning.weekday())
    return [
        (_local(now + timedelta(hours=2)), "2 小时后", "In 2 hours"),
        (_local(morning + timedelta(days=1)), "明天 9:00", "Tomorrow 9:00"),
        (_local(monday), "下周一 9:00", "Monday 9:00"),
    ]


def _local(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def _words() -> dict[str, str]:
    """What the page's own script says."""
    return {
        "lost": plain("没有收到服务器的答复，请再试一次。", "No answer from the server; try again."),
        "reading": plain("正在查找可以办理的同事…", "Looking for colleagues who may do it…"),
        "nobody": plain("没有其他人可以办理。", "Nobody else may do it."),
        "holds": plain("在办 {count}", "{count} in hand"),
    }
