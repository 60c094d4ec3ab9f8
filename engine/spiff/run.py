"""What one action needs and what it leaves behind: the services specs call, and the journal the engine writes down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from engine.dialect.model import Assignment, Call, DecisionCall, Value
from engine.spiff.warned import Tell, Warned

if TYPE_CHECKING:
    from engine.spiff.task import Token


class ActivityFailed(Exception):
    """A node cannot go on: an expression, a decision, a callee or an operation failed.

    kind: expression, condition, timer, decision, call, operation, conflict or error. expression: the text that failed, where
    it was one expression; position: the character of it that is meant, counted from 1, 0 for none.
    """

    def __init__(
        self, kind: str, message: str, message_zh: str = "", *, expression: str = "", position: int = 0
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.message_zh = message_zh
        """The sentence in Chinese, or empty where it has none yet."""
        self.expression = expression
        self.position = position


class Evaluator(Protocol):
    """Evaluates what a diagram says. `variables` is everything the expression may see; `tell` hears every warning that
    the incident of a failing evaluation does not quote.
    """

    def value(self, feel: str, variables: Mapping[str, Any], tell: Tell) -> Any:
        """Return plain data. Raises ActivityFailed."""

    def condition(self, feel: str, variables: Mapping[str, Any], tell: Tell) -> bool:
        """Return the truth of a condition. Raises ActivityFailed when it is neither true nor false."""

    def met(self, feel: str, variables: Mapping[str, Any], tell: Tell) -> bool:
        """Return whether the condition of an event holds; what is not there yet keeps it from holding. Raises
        ActivityFailed.
        """

    def due(self, kind: str, value: Value, variables: Mapping[str, Any], tell: Tell) -> TimerPlan:
        """Return when a timer fires. Raises ActivityFailed."""

    def moment(self, value: Any) -> datetime:
        """Read a due or follow-up date: a date-time, or a duration from now. Raises ActivityFailed."""

    def next_round(self, last: datetime, every: str) -> datetime:
        """Return the next instant of a repeating timer after now; rounds missed meanwhile are skipped."""


@dataclass(frozen=True, slots=True)
class TimerPlan:
    """When a timer fires next; `every` is an ISO 8601 duration and `left` how often it fires (None: without end).

    since: when a timer began to wait whose value asks the host: it is bound to what the host says, and is looked at again
    whenever that may have changed. Only a bound one may be without an instant: it pauses.
    """

    due_at: datetime | None
    every: str | None = None
    left: int | None = 1
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal: something happened to one activity."""

    kind: str
    token: UUID
    activity_id: str
    activity_type: str
    name: str
    scope: str
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class HeldActivity:
    """An activity that failed and rests."""

    token: UUID
    activity_id: str
    name: str
    kind: str
    message: str
    message_zh: str
    expression: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class ArmedTimer:
    """A timer that now waits; without an instant where it pauses."""

    token: UUID
    activity_id: str
    due_at: datetime | None
    kind: str


@dataclass(frozen=True, slots=True)
class Began:
    """A passage that began (see engine.ports.Passage); the root token of the instance stands for the process itself.

    inside: the tokens it stands in, innermost first, without the instance.
    """

    token: Token
    inside: tuple[UUID, ...]
    properties: Mapping[str, Any]
    timer: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """A passage, or a user activity with watched properties, that is over: left, or taken away (not `done`)."""

    token: Token
    done: bool
    drawn: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Awaited:
    """A message or signal (kind) that is now awaited by a token."""

    token: UUID
    activity_id: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Thrown:
    """A message or signal (kind) a diagram throws; it is delivered by a job."""

    token: UUID
    activity_id: str
    kind: str
    name: str
    payload: Mapping[str, Any]
    awaited: int
    """How many messages and signals had begun to be awaited in this action when it was thrown: the later ones are for the
    next signal."""


@dataclass(slots=True)
class Run:
    """One action on one instance: the services it may use, and everything that happened."""

    evaluator: Evaluator
    outside: Callable[[], Mapping[str, Any]]
    """The read-only facts every expression sees: `case` and `clock`."""
    decide: Callable[[str, DecisionCall, Mapping[str, Any], Tell], tuple[Any, Mapping[str, Any]]]
    """(definition id, call, variables, tell) -> (result, evidence of the rules that fired)."""
    callee: Callable[[str, Call], tuple[str, Any]]
    """(definition id of the caller, call) -> (definition id, process spec)."""
    new_id: Callable[[], UUID]
    now: Callable[[], datetime]
    """The instant of the action: the same whenever it is asked for."""
    journal: list[Entry] = field(default_factory=list)
    entered: list[Any] = field(default_factory=list)
    left: list[tuple[UUID, bool]] = field(default_factory=list)
    """User activities that are over: (token, completed?)."""
    began: list[Began] = field(default_factory=list)
    over: list[Ended] = field(default_factory=list)
    armed: list[ArmedTimer] = field(default_factory=list)
    moved: list[ArmedTimer] = field(default_factory=list)
    """Timers that waited already and wait for another instant now, or for none."""
    disarmed: list[UUID] = field(default_factory=list)
    awaited: list[Awaited] = field(default_factory=list)
    unawaited: list[tuple[str, UUID]] = field(default_factory=list)
    """What nobody awaits any more: (message or signal, token)."""
    thrown: list[Thrown] = field(default_factory=list)
    work: list[Any] = field(default_factory=list)
    held: list[HeldActivity] = field(default_factory=list)
    dropped: list[UUID] = field(default_factory=list)
    """Held activities that were cancelled: nobody has to retry them any more."""
    warned: Warned = field(default_factory=Warned)
    steps: int = 0
    made: int = 0
    """How many tokens the action has made."""

    def assignments(
        self, token: Token, what: str, items: tuple[Assignment, ...], variables: Mapping[str, Any]
    ) -> list[tuple[str, Any]]:
        """Evaluate every assignment before any is written, so that a failing one leaves nothing half-done."""
        return [
            (
                item.target,
                item.value.literal
                if item.value.feel is None
                else self.evaluator.value(
                    item.value.feel, variables, self.warned.by(token, what, item.target)
                ),
            )
            for item in items
        ]
