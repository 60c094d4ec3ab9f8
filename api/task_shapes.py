"""What the operations on user tasks take and answer."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from api.deadlines.faces import FaceSchema
from api.edge import OptionalBody
from api.fields import Instant, Paged, Who, name, plain, text
from api.showing import Shown
from tasks import desk
from tasks.desk.reasons import LONGEST as LONGEST_REASON
from tasks.lists import filters, named
from tasks.search.finding import LONGEST, SEARCHED
from tasks.user_task import STATES


class BarredSchema(Shown):
    """Why the caller may not do a task although it may be offered to them (`tasks.desk.eligible`)."""

    message = fields.String()
    message_zh = fields.String()


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
    level = fields.String(allow_none=True, metadata={"description": "The level of its case"})
    mark = fields.String(
        allow_none=True,
        metadata={"description": "What its case is marked as: key, difficult, or as its diagram says"},
    )
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
    barred = fields.Nested(
        BarredSchema, allow_none=True, metadata={"description": "Why I may not do it; null: I may"}
    )
    nobody_left = fields.Boolean(
        metadata={"description": "Everybody to whom it is offered is barred from it"}
    )
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
    priority_by = fields.Nested(
        Who, allow_none=True, metadata={"description": "Which lead has set the priority"}
    )


class CriteriaSchema(Schema):
    """What a list is narrowed by; everything that is given has to hold."""

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
    level = text(60, required=False, metadata={"description": "The level of the case"})
    key = fields.Boolean(metadata={"description": "Whether the case is marked as a key or a difficult one"})
    awake = fields.Boolean(metadata={"description": "Whether it is not put off"})


class TaskListQuery(Paged, CriteriaSchema):
    """One page of a list."""

    list = fields.String(load_default="inbox", validate=validate.OneOf(named.LISTS))
    sort = fields.String(
        load_default="due",
        validate=validate.OneOf(named.ORDERS),
        metadata={
            "description": "due first, by the priority rule, or the oldest first; the archive: always the latest first"
        },
    )


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
    """The task that is next; null, with a sentence, when nothing is left."""

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
    """`answers`: what was filled in of the form, which becomes the owner's draft; without them, one's own draft does."""

    note = text(LONGEST_REASON)
    answers = fields.Dict(keys=fields.String(), load_default=None)


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


class FoundSchema(Schema):
    """The tasks of one of the caller's lists, narrowed; what is due first first."""

    list = fields.String(load_default="team", validate=validate.OneOf(named.LISTS))
    criteria = fields.Nested(CriteriaSchema, load_default=dict)


class ReassignManySchema(Schema):
    """Which tasks, one of three: `ids`; with `from` whatever the person with that login holds; with `found` what a list finds; of
    these two the most urgent, as many as are reassigned at once. `to`: logins, among whom the tasks are distributed evenly;
    none: back to the queues.
    """

    found = fields.Nested(FoundSchema)
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
    """What completing did. `next`: the new tasks of the case that the same person could do, most urgent first; whatever else they
    would do next is told by `followingTask`.
    """

    task = fields.Nested(TaskSchema)
    instance = fields.Nested(MovedInstanceSchema)
    next = fields.List(fields.Nested(TaskSchema))
