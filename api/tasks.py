"""User tasks: the named lists, one task with its form, claim, release, complete."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api.deadlines.faces import FaceSchema, face_body
from api.edge import ApiBlueprint, Call, OptionalBody, operation
from api.fields import Instant, Paged, Who, name, plain, text, who
from api.showing import Shown
from tasks import desk
from tasks.deadlines.faces.reading import clocks_of_tasks
from tasks.desk.reasons import LONGEST as LONGEST_REASON
from tasks.filling import task_form
from tasks.listener import case_facts
from tasks.lists import counting, filters, named
from tasks.lists.next_task import next_task
from tasks.search.finding import LONGEST, SEARCHED
from tasks.user_task import STATES, lateness

blueprint = ApiBlueprint("tasks", __name__, description="User tasks 待办任务")


class TaskSchema(Shown):
    """A task as lists show it. `lateness`: none, in_time, warned, late, or paused while its clock stands still; then it is
    due at no instant. `clock`: its own clock, in lists and where it is read.
    """

    id = fields.UUID()
    number = fields.String(metadata={"description": "The case number, or the business key without a case."})
    instance_id = fields.UUID()
    process_key = fields.String()
    activity_id = fields.String()
    name = fields.String()
    scope = fields.String()
    lane = fields.String()
    state = fields.String(validate=validate.OneOf(list(STATES)))
    candidate_groups = fields.List(fields.String())
    assignee = fields.Nested(Who, allow_none=True)
    owner = fields.Nested(
        Who, allow_none=True, metadata={"description": "Who delegated it to the assignee and gets it back"}
    )
    note = fields.String(
        allow_none=True, metadata={"description": "What was written when it was last delegated or resolved"}
    )
    priority = fields.Integer()
    created_at = Instant()
    claimed_at = Instant(allow_none=True)
    due_at = Instant(allow_none=True)
    warn_at = Instant(allow_none=True)
    paused_at = Instant(allow_none=True)
    follow_up_at = Instant(allow_none=True)
    completed_at = Instant(allow_none=True)
    completed_by = fields.Nested(Who, allow_none=True)
    end_reason = fields.String(
        allow_none=True, metadata={"description": "The outcome of its case that cancelled it"}
    )
    lateness = fields.String()
    returned = fields.Integer(metadata={"description": "How often somebody gave it back with a reason"})
    clock = fields.Nested(FaceSchema, allow_none=True)
    form_key = fields.String(allow_none=True)


class ReturnSchema(Shown):
    """Who gave a task back to its queue, when and why."""

    person = fields.Nested(Who)
    reason = fields.String()
    at = Instant()


class TaskDetailSchema(TaskSchema):
    """A task with its form, what the diagram says about it, and the facts of its case.

    `form`: its default values are worked out for this task. `context`: what its expressions read besides the answers, such
    as `result.x.options`, and nothing else of what the process knows.
    """

    form = fields.Dict(allow_none=True)
    context = fields.Dict()
    answers = fields.Dict(allow_none=True)
    properties = fields.Dict()
    case = fields.Dict(allow_none=True)
    returns = fields.List(fields.Nested(ReturnSchema))


class TaskListQuery(Paged):
    list = fields.String(load_default="inbox", validate=validate.OneOf(named.LISTS))
    sort = fields.String(
        load_default="due",
        validate=validate.OneOf(named.ORDERS),
        metadata={
            "description": "due first, by the priority rule, or the oldest first; the archive: always the latest first"
        },
    )
    number = name(60)
    q = text(LONGEST, required=False, metadata={"description": SEARCHED})
    process_key = name()
    activity_id = name()
    group = name(300)
    due_before = Instant()
    due_after = Instant()
    clock = fields.String(validate=validate.OneOf(filters.CLOCKS))
    customer = text(
        LONGEST, required=False, metadata={"description": "1 to 5 words in the name or phone of the customer"}
    )
    business = text(100, required=False)
    customer_level = text(60, required=False)
    unit = name(60, metadata={"description": "The unit that filed the case or has the task, or one above"})
    assignee = fields.String(
        validate=validate.Length(max=100), metadata={"description": "A login; empty for unclaimed"}
    )
    priority = fields.Integer(
        strict=False, validate=validate.Range(0, 100), metadata={"description": "This or higher"}
    )
    returned = fields.Boolean(metadata={"description": "Whether somebody has given it back with a reason"})


class TaskPage(Shown):
    items = fields.List(fields.Nested(TaskSchema))
    next_cursor = fields.String(allow_none=True)


class CountsSchema(Shown):
    inbox = fields.Integer()
    asleep = fields.Integer()
    queue = fields.Integer()
    overdue = fields.Integer()
    warned = fields.Integer()
    delegated = fields.Integer()
    team = fields.Integer(allow_none=True, metadata={"description": "null for whoever leads nobody"})
    capped_at = fields.Integer()


class NextSchema(Schema):
    group = name(300, metadata={"description": "One of my groups; without it, all of them"})


class NextTaskSchema(Shown):
    """The task that was claimed; null, with a sentence, when nothing is left in my queues."""

    task = fields.Nested(TaskSchema, allow_none=True)
    detail = fields.String()


class AnswersSchema(Schema):
    answers = plain()


class ReleaseSchema(OptionalBody):
    """`reason` makes it a return: kept with the task and told to the lead of the unit that answers for it."""

    reason = text(LONGEST_REASON, required=False, allow_none=True)


class DelegateSchema(Schema):
    """`to`: the login of a colleague to whom the task is offered too."""

    to = name(required=True)
    note = text(LONGEST_REASON)


class ResolveSchema(Schema):
    note = text(LONGEST_REASON)


class PrioritySchema(Schema):
    """`priority`: from 0 to 100, the most urgent."""

    priority = fields.Integer(required=True, strict=True, validate=validate.Range(*desk.PRIORITIES))
    reason = text(LONGEST_REASON)


class FollowUpSchema(Schema):
    """`at`: until when the task rests; null: no longer."""

    at = Instant(required=True, allow_none=True)


class ReassignSchema(Schema):
    """`to`: a login, or null for back to the queue."""

    to = name(required=True, allow_none=True)
    reason = text(LONGEST_REASON)


class ReassignManySchema(Schema):
    """Which tasks: `ids`, or with `from` whatever the person with that login holds, the most urgent first. `to`: logins,
    among whom the tasks are distributed evenly; none: back to the queues.
    """

    ids = fields.List(fields.UUID(), validate=validate.Length(min=1, max=desk.MOST))
    held_by = name(data_key="from")
    to = fields.List(name(), required=True, validate=validate.Length(max=100))
    reason = text(LONGEST_REASON)


class RefusedSchema(Shown):
    detail = fields.String()
    message_zh = fields.String(allow_none=True)


class ReassignedSchema(Shown):
    """One task: as it is now, or why it stayed where it was."""

    id = fields.UUID()
    done = fields.Boolean()
    task = fields.Nested(TaskSchema, allow_none=True)
    refused = fields.Nested(RefusedSchema, allow_none=True)


class ReassignedManySchema(Shown):
    items = fields.List(fields.Nested(ReassignedSchema))


class MovedInstanceSchema(Shown):
    id = fields.UUID()
    status = fields.String()
    ended = fields.Boolean()


class CompletionSchema(Shown):
    """What completing did, and the tasks the same person could do next, most urgent first."""

    task = fields.Nested(TaskSchema)
    instance = fields.Nested(MovedInstanceSchema)
    next = fields.List(fields.Nested(TaskSchema))


def task_body(row: Any, at: datetime) -> dict[str, Any]:
    """A task row, or a mapping of its columns, as TaskSchema dumps it."""
    task = row if isinstance(row, dict) else row._mapping
    return {
        **task,
        "number": task["business_key"],
        "candidate_groups": [task["candidate_group"], *(task["also_groups"] or ())],
        "assignee": who(task["assignee_id"], task["assignee_name"]),
        "owner": who(task.get("owner_id"), task.get("owner_name")),
        "note": task.get("note"),
        "completed_by": who(task.get("completed_by"), task.get("completed_by_name")),
        "lateness": lateness(
            task["due_at"],
            task["warn_at"],
            at=task.get("completed_at") or at,
            paused_at=task.get("paused_at"),
        ),
    }


def with_clocks(call: Call, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Task rows with their clocks, read at once."""
    now = call.deps.clock.now()
    faces = clocks_of_tasks(call.session, call.deps, [row.id for row in rows])
    return [{**task_body(row, now), "clock": face_body(faces.get(row.id))} for row in rows]


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
    return {"task": task_body(row, call.deps.clock.now())}


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
    return {**body, "form": form.schema, "context": form.context, "case": case, "returns": returns}


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
    return task_body(desk.claim(call.session, call.deps, call.caller, task_id), call.deps.clock.now())


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
    return task_body(row, call.deps.clock.now())


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
    return task_body(row, call.deps.clock.now())


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
    row = desk.resolve(call.session, call.deps, call.caller, task_id, body["note"])
    return task_body(row, call.deps.clock.now())


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
    return task_body(desk.recall(call.session, call.deps, call.caller, task_id), call.deps.clock.now())


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
    return task_body(row, call.deps.clock.now())


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
    return task_body(row, call.deps.clock.now())


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
    return task_body(row, call.deps.clock.now())


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
    done = desk.reassign_many(
        call.session,
        call.deps,
        call.caller,
        ids=body.get("ids", ()),
        held_by=body.get("held_by"),
        to=body["to"],
        reason=body["reason"],
    )
    return {"items": [_reassigned(each, call.deps.clock.now()) for each in done]}


def _reassigned(each: desk.Reassigned, now: datetime) -> dict[str, Any]:
    refused = each.refused
    return {
        "id": each.task_id,
        "done": refused is None,
        "task": None if refused else task_body(each.task, now),
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
        "task": task_body(finished, now),
        "instance": {"id": ref.id, "status": ref.status, "ended": done.move.ended},
        "next": [task_body(dict(row), now) for row in done.next],
    }
