"""The only ways the engine speaks upwards. `redress.bootstrap` hands the implementations in.

The engine never imports what stands above it. It says, once per action, what has moved (Listener); it runs a
service activity by calling a named function (Operation); it reads the facts of the file a process works on (Facts);
it offers named pure functions to FEEL (Function).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.clock import Clock
from engine.expressions.feel import Warning


@dataclass(frozen=True, slots=True)
class InstanceRef:
    """What the outside may know of an instance: its id, the business key (the case number) and what it runs."""

    id: UUID
    business_key: str
    process_key: str
    definition_id: UUID
    deployment_id: UUID
    status: str
    """active, suspended, completed, cancelled or terminated."""


@dataclass(frozen=True, slots=True)
class UserActivity:
    """A user or manual task that now waits for a person. All expressions of its attributes are already evaluated.

    id: the token's id; it becomes the user task's id. activity_id: the BPMN id. scope: the process key the activity
    is drawn in (a call activity's callee, not the caller). lane, lane_id: name and id of the innermost lane it stands in;
    in a called process without lanes, of the lane of the activity that calls it. properties: the `camunda:property` values; one that starts with
    "=" has been evaluated. variables: what the scope holds, the item of a multi-instance activity and the task's input
    mapping on top; read-only.
    """

    id: UUID
    activity_id: str
    name: str
    scope: str
    lane: str = ""
    lane_id: str = ""
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    form: str | None = None
    form_id: UUID | None = None
    """The form's resource: exactly the version this instance is bound to."""
    priority: int = 50
    due_at: datetime | None = None
    follow_up_at: datetime | None = None
    inside: tuple[UUID, ...] = ()
    """The tokens it stands in, as those of a Passage."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passage:
    """Something that time is kept of besides user activities has begun: the process itself, an activity or event that
    carries properties beginning with `sla.` or `ball.`, or a timer whose value asks a function of the host.

    A user or manual task is told in `Move.entered` instead. Of a repeated activity each item or round is a passage, the
    whole is none. A boundary event, and the start event of an event sub-process, begins when it begins to listen, and again
    as another token where it listens on after it has happened. What rests as an incident on entering has not begun.

    id: the token's id; for the process itself (kind `process`) the instance's. inside: the tokens it stands in, innermost
    first (the activity a boundary event is attached to, the repeated activity around its items, the sub-processes and call
    activities around) and last the instance's id; empty for the process. properties: evaluated, as those of a user task;
    those of a call activity with the watched ones of the process it calls, of which its own go first. timer: it is such a
    timer, in its first round. An event or activity that is over in the move in which it began has begun and is over.
    """

    id: UUID
    activity_id: str
    name: str
    kind: str
    scope: str
    lane: str = ""
    inside: tuple[UUID, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    timer: bool = False


@dataclass(frozen=True, slots=True)
class Over:
    """A passage, or a user activity with properties beginning with `sla.` or `ball.`, is over: `done` (left, happened, fired)
    or taken away: withdrawn, cancelled, gone with what it stood in. Told once of each that has begun.
    """

    id: UUID
    done: bool
    properties: Mapping[str, str] = field(default_factory=dict)
    """As they are drawn, not evaluated."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """What the scope it stood in holds when the move is over; read-only."""


@dataclass(frozen=True, slots=True)
class FormWarning:
    """What an expression of a form warned of while the answers to it were checked."""

    expression: str
    warning: Warning


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A user activity that goes on waiting, by another version of its process.

    changed: which of its attributes are drawn differently there, by their names in UserActivity. activity: with all of them
    evaluated anew, where any is; what the others are now is not said. form, form_id: what it is filled in with from now on.
    """

    id: UUID
    form: str | None
    form_id: UUID | None
    changed: frozenset[str] = frozenset()
    activity: UserActivity | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """What one action did to one instance: which user activities appeared, were completed or were cancelled, and what else
    began or is over.

    at: the instant of the action; everything that was evaluated in it saw the same. taken_over: those that another version
    of the process has from now on; an instance that was moved to it tells all of them.
    """

    instance: InstanceRef
    entered: tuple[UserActivity, ...] = ()
    completed: tuple[UUID, ...] = ()
    cancelled: tuple[UUID, ...] = ()
    began: tuple[Passage, ...] = ()
    over: tuple[Over, ...] = ()
    ended: bool = False
    at: datetime | None = None
    actor: Actor | None = None
    taken_over: tuple[TakenOver, ...] = ()


class Listener(Protocol):
    """Hears of every move, in the transaction that makes it; it may write rows and defer jobs, never commit.

    It answers whether what timers were told in the move has become something else by it: then the engine looks at the
    instance's bound timers again before the action ends.
    """

    def instance_moved(self, session: Session, move: Move) -> bool | None: ...


class Facts(Protocol):
    """Gives the read-only facts of an instance: what expressions see as `case`. Called at most once per action.

    always: the facts there are besides the answers to a start form; a deployment is checked against both.
    """

    always: frozenset[str]

    def facts(self, session: Session, instance: InstanceRef) -> Mapping[str, Any]: ...

    def limits(self, session: Session, instance: InstanceRef) -> Any:
        """What the host's own functions are handed as `Asked.limits`. Called at most once per action, when one asks."""


@dataclass(slots=True)
class Asked:
    """What a function of the host learns, as `context.asked`, of who asks it.

    `context.asked` is None where nobody asks on behalf of an instance: a timer that starts a process, a trial.

    instance: the instance the expression belongs to. inside: as of Passage, with the asking token itself in front. since:
    when a timer began to wait (all rounds of a repeating one since the first); None when it begins now. limits: what `Facts.limits` gives. paused: the function sets it to
    say that the instant it returned does not come for now; a timer then waits without one until the instance's timers are
    looked at again (`ProcessEngine.rearm`).
    """

    instance: InstanceRef
    inside: tuple[UUID, ...] = ()
    since: datetime | None = None
    limits: Callable[[], Any] = lambda: None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class OperationCall:
    """What an operation is given: the instance, the activity, its evaluated inputs, the facts and the clock.

    key: unique per activation of the activity; an outside effect carries it as its idempotency key. variables: what the
    activity's scope holds; read-only. start: starts another process in the same transaction: `ProcessEngine.start`
    without its session; it waits for no other instance.
    """

    session: Session
    instance: InstanceRef
    activity_id: str
    key: str
    inputs: Mapping[str, Any]
    case: Mapping[str, Any]
    clock: Clock
    actor: Actor
    start: Callable[..., Move]
    variables: Mapping[str, Any] = field(default_factory=dict)


Operation = Callable[[OperationCall], Mapping[str, Any] | None]
"""A named function a service, send or script task calls. It returns plain data; raising makes an incident."""

Function = Callable[..., Any]
"""A named pure function offered to FEEL: `f(context, *args)`, where context has `now` and `variables`."""


class BpmnError(Exception):
    """Raised by an operation to take the error boundary of its activity instead of making an incident."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
