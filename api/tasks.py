"""User tasks: the named lists, one task with its form, claim, release, complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from api.deadlines.faces import face_body
from api.edge import ApiBlueprint, Call, operation
from api.fields import who
from api.task_shapes import (
    AnswersSchema,
    CompletionSchema,
    CountsSchema,
    DelegateSchema,
    FollowUpSchema,
    NextSchema,
    NextTaskSchema,
    PrioritySchema,
    ReassignedManySchema,
    ReassignManySchema,
    ReassignSchema,
    ReleaseSchema,
    ResolveSchema,
    TaskDetailSchema,
    TaskListQuery,
    TaskPage,
    TaskSchema,
)
from engine.errors import InvalidInput
from tasks import desk
from tasks.deadlines.faces.reading import clocks_of_tasks
from tasks.filling import task_form
from tasks.listener import case_facts
from tasks.lists import counting, filters, named
from tasks.lists.next_task import next_task
from tasks.user_task import CREATED, lateness

blueprint = ApiBlueprint("tasks", __name__, description="User tasks 待办任务")


def task_body(call: Call, row: Any) -> dict[str, Any]:
    """A task row, or a mapping of its columns, as TaskSchema dumps it for the caller."""
    at = call.deps.clock.now()
    task = row if isinstance(row, dict) else row._mapping
    return {
        **task,
        "number": task["business_key"],
        "candidate_groups": [task["candidate_group"], *(task["also_groups"] or ())],
        "assignee": who(task["assignee_id"], task["assignee_name"]),
        "owner": who(task.get("owner_id"), task.get("owner_name")),
        "note": task.get("note"),
        "completed_by": who(task.get("completed_by"), task.get("completed_by_name")),
        "barred": _barred(call, task),
        "nobody_left": bool(task.get("nobody_left")) and task["state"] == CREATED,
        "lateness": lateness(
            task["due_at"],
            task["warn_at"],
            at=task.get("completed_at") or at,
            paused_at=task.get("paused_at"),
        ),
    }


def _barred(call: Call, task: Mapping[str, Any]) -> dict[str, str] | None:
    found = desk.barred(call.caller, SimpleNamespace(**task)) if task.get("barred") else None
    return found and {"message": found[1], "message_zh": found[0]}


def with_clocks(call: Call, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Task rows with their clocks, read at once."""
    faces = clocks_of_tasks(call.session, call.deps, [row.id for row in rows])
    return [{**task_body(call, row), "clock": face_body(faces.get(row.id))} for row in rows]


@operation(
    blueprint,
    "GET",
    "/tasks",
    id="listTasks",
    permission="task.read",
    query=TaskListQuery,
    answer=TaskPage,
    summary="My inbox or what is put off, my groups' queue, what of both is overdue or warned, my team's work, my archive",
)
def list_tasks(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    limit, cursor, which = query.pop("limit"), query.pop("cursor", None), query.pop("list")
    sort = query.pop("sort")
    where = filters.TaskFilter(**query)
    page = named.task_list(
        call.session, call.deps, call.caller, which, where=where, sort=sort, limit=limit, cursor=cursor
    )
    return {"items": with_clocks(call, page.items), "next_cursor": page.next_cursor}


@operation(
    blueprint,
    "GET",
    "/tasks/counts",
    id="countTasks",
    permission="task.read",
    answer=CountsSchema,
    summary="How many tasks wait in each of my lists",
)
def count_tasks(call: Call) -> counting.Counts:
    return counting.counts(call.session, call.deps, call.caller)


@operation(
    blueprint,
    "POST",
    "/tasks/next",
    id="nextTask",
    permission="task.claim",
    body=NextSchema,
    answer=NextTaskSchema,
    summary="Claim the task that is next for me by the priority rule",
)
def take_next(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    row = next_task(call.session, call.deps, call.caller, group=body.get("group"))
    if row is None:
        return {
            "task": None,
            "detail": "The next task was asked for; nothing is left in your queues. 队列中没有可以领取的工单。",
        }
    return {"task": task_body(call, row)}


@operation(
    blueprint,
    "GET",
    "/tasks/<uuid:task_id>",
    id="readTask",
    permission="task.read",
    answer=TaskDetailSchema,
    summary="One task with its form and the facts of its case",
)
def read_task(call: Call, task_id: UUID) -> dict[str, Any]:
    row = desk.read_task(call.session, call.deps, call.caller, task_id)
    (body,) = with_clocks(call, [row])
    case = case_facts(row) if row.number is not None else None
    form = task_form(call.session, call.deps, row, case or {})
    returns = [
        {"person": who(each.person_id, each.person_name), "reason": each.reason, "at": each.at}
        for each in desk.returns_of(call.session, row)
    ]
    return {
        **body,
        "form": form.schema,
        "context": form.context,
        "case": case,
        "returns": returns,
        "priority_by": who(row.priority_by, row.priority_by_name),
    }


@operation(
    blueprint,
    "GET",
    "/tasks/<uuid:task_id>/following",
    id="followingTask",
    permission="task.read",
    answer=NextTaskSchema,
    summary="What I would do after this task: of the same case, else by the priority rule; nothing is claimed",
)
def read_following(call: Call, task_id: UUID) -> dict[str, Any]:
    task = desk.read_task(call.session, call.deps, call.caller, task_id)
    row = desk.following(call.session, call.deps, call.caller, task)
    if row is None:
        return {
            "task": None,
            "detail": "What follows the task was asked for; nothing is left for you. 没有可以接着办理的工单。",
        }
    return {"task": task_body(call, row._asdict())}


@operation(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/claim",
    id="claimTask",
    permission="task.claim",
    answer=TaskSchema,
    summary="Take a task from the queue",
)
def claim_task(call: Call, task_id: UUID) -> dict[str, Any]:
    return task_body(call, desk.claim(call.session, call.deps, call.caller, task_id))


@operation(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/release",
    id="releaseTask",
    permission="task.release",
    body=ReleaseSchema,
    answer=TaskSchema,
    summary="Give a claimed task back to its queue, with a reason or without",
)
def release_task(call: Call, body: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    row = desk.release(call.session, call.deps, call.caller, task_id, body.get("reason"))
    return task_body(call, row)


@operation(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/delegate",
    id="delegateTask",
    permission="task.delegate",
    body=DelegateSchema,
    answer=TaskSchema,
    summary="Have a colleague do the work on a task one holds",
)
def delegate_task(call: Call, body: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    row = desk.delegate(call.session, call.deps, call.caller, task_id, body["to"], body["note"])
    return task_body(call, row)


@operation(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/resolve",
    id="resolveTask",
    permission="task.resolve",
    body=ResolveSchema,
    answer=TaskSchema,
    summary="Give a delegated task back to its owner, who completes it",
)
def resolve_task(call: Call, body: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    row = desk.resolve(call.session, call.deps, call.caller, task_id, body["note"], body["answers"])
    return task_body(call, row)


@operation(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/recall",
    id="recallTask",
    permission="task.recall",
    answer=TaskSchema,
    summary="Take a task one has delegated back",
)
def recall_task(call: Call, task_id: UUID) -> dict[str, Any]:
    return task_body(call, desk.recall(call.session, call.deps, call.caller, task_id))


@operation(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/reassign",
    id="reassignTask",
    permission="task.reassign",
    body=ReassignSchema,
    answer=TaskSchema,
    summary="Give a task to somebody, whoever holds it, or take it back to its queue",
)
def reassign_task(call: Call, body: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    row = desk.reassign(call.session, call.deps, call.caller, task_id, body["to"], body["reason"])
    return task_body(call, row)


@operation(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/prioritise",
    id="prioritiseTask",
    permission="task.prioritise",
    body=PrioritySchema,
    answer=TaskSchema,
    summary="Set how urgent a task is",
)
def prioritise_task(call: Call, body: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    row = desk.prioritise(call.session, call.deps, call.caller, task_id, body["priority"], body["reason"])
    return task_body(call, row)


@operation(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/follow_up",
    id="followUpTask",
    permission="task.follow_up",
    body=FollowUpSchema,
    answer=TaskSchema,
    summary="Let a task one holds rest until an instant",
)
def follow_up_task(call: Call, body: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    row = desk.follow_up(call.session, call.deps, call.caller, task_id, body["at"])
    return task_body(call, row)


@operation(
    blueprint,
    "POST",
    "/tasks/reassign",
    id="reassignTasks",
    permission="task.reassign",
    body=ReassignManySchema,
    answer=ReassignedManySchema,
    summary="Distribute several tasks or a whole desk; each task is answered for itself",
)
def reassign_tasks(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    ids = body.get("ids", ())
    if "found" in body and "ids" not in body and "held_by" not in body:
        found = body["found"]
        where = filters.TaskFilter(**found["criteria"])
        ids = named.task_ids(call.session, call.deps, call.caller, found["list"], where, desk.MOST)
        if not ids:
            return {"items": []}
    elif "found" in body:
        raise InvalidInput(
            "To reassign tasks was asked with a list beside ids or who holds them; one of them is needed.",
            message_zh="请只给出工单、办理人或列表中的一种。",
        )
    done = desk.reassign_many(
        call.session,
        call.deps,
        call.caller,
        ids=ids,
        held_by=body.get("held_by"),
        to=body["to"],
        reason=body["reason"],
    )
    return {"items": [reassigned_body(call, each) for each in done]}


def reassigned_body(call: Call, each: desk.Reassigned) -> dict[str, Any]:
    """What became of one of many tasks."""
    refused = each.refused
    return {
        "id": each.task_id,
        "done": refused is None,
        "task": None if refused else task_body(call, each.task),
        "refused": refused and {"detail": str(refused), "message_zh": refused.facts.get("message_zh")},
    }


@operation(
    blueprint,
    "POST",
    "/tasks/<uuid:task_id>/complete",
    id="completeTask",
    permission="task.complete",
    body=AnswersSchema,
    answer=CompletionSchema,
    summary="Complete a claimed task with the form's answers",
)
def complete_task(call: Call, body: dict[str, Any], task_id: UUID) -> dict[str, Any]:
    done = desk.complete(call.session, call.deps, call.caller, task_id, body.get("answers") or {})
    now = call.deps.clock.now()
    finished = {
        **done.task,
        "state": "completed",
        "completed_at": done.move.at or now,
        "completed_by": call.caller.id,
        "completed_by_name": call.caller.name,
    }
    ref = done.move.instance
    return {
        "task": task_body(call, finished),
        "instance": {"id": ref.id, "status": ref.status, "ended": done.move.ended},
        "next": [task_body(call, dict(row)) for row in done.next],
    }
