"""Running instances for those who keep them running: open incidents, where an instance is, and steering it.

Who sees the case reads it on the case's own page; here it is enough to run the installation.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for

from admin import queries
from admin.page import Answer, Page
from admin.pictures import picture
from admin.running.instance import older, panels
from admin.show import story
from admin.show.language import plain
from admin.show.warned import lines_of
from engine.errors import InvalidInput
from tasks.processes.instances import InstanceView, open_incidents, read_history, read_instance
from tasks.processes.steering import cancel_instance, resume_instance, retry_incident, suspend_instance

LONGEST_STORY = 5_000


def incidents(page: Page) -> Answer:
    """What rests on an incident nobody has resolved, oldest first."""
    names = queries.process_names(page.session)
    found = open_incidents(page.session, page.caller)
    items = [{"row": one, "process_name": names.get(one.process_key, one.process_key)} for one in found]
    return page.render("incidents.html", section="admin.incidents", items=items)


def instance(page: Page, instance_id: UUID) -> Answer:
    """Where an instance is, what it waits for and rests on, and its steering."""
    view = read_instance(page.session, page.deps, page.caller, instance_id)
    rows = older(page, view)
    if rows is not None:
        return rows
    events = history(page, instance_id)
    live = live_activities(view)
    return page.render(
        "instance.html",
        section="admin.instances",
        island=True,
        **panels(page, view),
        view=view,
        instance=view.instance,
        incidents=[one for one in view.incidents if one.resolved_at is None],
        warnings=lines_of(view.warnings),
        may_open_case=view.contents and view.number is not None and page.may("case.read"),
        diagram=picture(
            page,
            view.instance.definition_id,
            marks=story.marks_of(events, live, view.incidents),
            events={},
        ),
    )


def operate(page: Page, instance_id: UUID) -> Answer:
    """Suspend, resume or cancel an instance, with a reason."""
    reason, verb = request.form.get("reason", ""), request.form.get("verb")
    if verb == "suspend":
        suspend_instance(page.session, page.deps, page.caller, instance_id, reason=reason)
        done = plain("已挂起。", "Suspended.")
    elif verb == "resume":
        resume_instance(page.session, page.deps, page.caller, instance_id, reason=reason)
        done = plain("已恢复。", "Resumed.")
    elif verb == "cancel":
        cancel_instance(page.session, page.deps, page.caller, instance_id, reason=reason)
        done = plain("流程已撤销。", "Cancelled.")
    else:
        raise InvalidInput(
            f"To {str(verb)[:20]!r} an instance was asked; it can be suspended, resumed or cancelled."
        )
    flash(done, "done")
    return _back_to(page, instance_id)


def retry(page: Page, incident_id: UUID) -> Answer:
    """Ask for a failing activity to be run again."""
    instance_id = retry_incident(page.session, page.deps, page.caller, incident_id)
    flash(
        plain("已重新提交执行，稍后刷新查看结果。", "The activity will be run again by the job worker."),
        "done",
    )
    return _back_to(page, instance_id)


def history(page: Page, instance_id: UUID) -> list[Any]:
    """The lines of an instance's history, oldest first, as far as the caller may read them."""
    events: list[Any] = []
    while len(events) < LONGEST_STORY:
        batch = read_history(
            page.session,
            page.deps,
            page.caller,
            instance_id,
            after=events[-1].id if events else 0,
            limit=1000,
        )
        events += batch
        if len(batch) < 1000:
            break
    return events


def live_activities(view: InstanceView) -> list[Any]:
    """Where the instance is. A task given to several people is in as many places as there are people; the token that
    holds them together is nobody's work.
    """
    tasks = {one.id for one in view.tasks}
    return [one for one in view.activities if one.activity_type != "userTask" or one.token_id in tasks]


def _back_to(page: Page, instance_id: UUID) -> Answer:
    view = read_instance(page.session, page.deps, page.caller, instance_id)
    if view.contents and view.number and page.may("case.read"):
        return redirect(url_for("admin.case", number=view.number), 303)
    return redirect(url_for("admin.instance", instance_id=instance_id), 303)
