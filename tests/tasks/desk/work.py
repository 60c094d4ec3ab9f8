"""One task and its case, as the rules tell them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

CREATED, ASSIGNED, DELEGATED, COMPLETED, CANCELLED = (
    "created", "assigned", "delegated", "completed", "cancelled",
)  # fmt: skip
OPEN, HELD = (CREATED, ASSIGNED, DELEGATED), (ASSIGNED, DELEGATED)
UNSEEN, NOT_PERMITTED, WRONG_STATE, INVALID = "NotFound", "NotPermitted", "WrongState", "InvalidInput"
DONE = ""

HOUR = timedelta(hours=1)
LIMIT, WAITS, WITHOUT_LIMIT = 4 * HOUR, HOUR, 72 * HOUR
"""Of a clocked task; until somebody should have taken it; by when one without a limit ranks."""
FIRST, SECOND, THIRD = "draft_answer", "check_answer", "file_answer"
FOLLOWS = {FIRST: SECOND, SECOND: THIRD, THIRD: None}
APART: dict[str, tuple[str, ...]] = {FIRST: (), SECOND: (FIRST,), THIRD: (FIRST, SECOND)}
"""What a task is checked against: who has done that may not do it."""
CLOCKED = {FIRST: True, SECOND: True, THIRD: False}


@dataclass(frozen=True, slots=True)
class Line:
    """What the trail has to say of a step: the verb, from which state to which, by whom."""

    verb: str
    before: str
    after: str
    by: str


@dataclass(slots=True)
class Matter:
    number: str
    filed_by: str
    paths: set[str]
    complained_of: str | None = None
    status: str = "active"
    confidential: bool = False


@dataclass(slots=True)
class Work:
    id: UUID
    matter: Matter
    activity: str
    group: str
    created_at: datetime
    state: str = CREATED
    holder: str | None = None
    owner: str | None = None
    note: str | None = None
    priority: int = 50
    priority_by: str | None = None
    returned: int = 0
    returners: set[str] = field(default_factory=set)
    claimed_at: datetime | None = None
    follow_up: datetime | None = None
    completed_by: str | None = None
    completed_at: datetime | None = None
    helpers: set[str] = field(default_factory=set)
    """Delegates who worked on it, and those in whose place they did."""
    doers: set[str] = field(default_factory=set)
    """By whom it was completed, they and those helpers."""
    waits: bool = False
    """Whether a clock runs of how long it waits for somebody to take it."""
    drafts: dict[str, int] = field(default_factory=dict)
    trail: list[Line] = field(default_factory=list)

    @property
    def due(self) -> datetime | None:
        return self.created_at + LIMIT if CLOCKED[self.activity] else None

    @property
    def rank(self) -> datetime:
        return (self.due or self.created_at + WITHOUT_LIMIT) - HOUR * (self.priority - 50)

    def asleep(self, now: datetime) -> bool:
        return self.follow_up is not None and self.follow_up > now
