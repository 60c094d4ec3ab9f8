"""One piece of work for a person: the row and the printable table of its states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import TextList

CREATED, ASSIGNED, DELEGATED, COMPLETED, CANCELLED = (
    "created",
    "assigned",
    "delegated",
    "completed",
    "cancelled",
)
OPEN = (CREATED, ASSIGNED, DELEGATED)
HELD = (ASSIGNED, DELEGATED)
"""States in which somebody has the task in hand: its assignee."""

STATES = {CREATED: "待领取", ASSIGNED: "办理中", DELEGATED: "委托办理", COMPLETED: "完成", CANCELLED: "取消"}

OFFERED, HOLDER, OWNER, LEAD, ABSENT, PROCESS = "offered", "holder", "owner", "lead", "absent", "process"
TAKERS: dict[str, tuple[str, str]] = {
    OFFERED: ("候选组成员", "anybody to whose groups it is offered"),
    HOLDER: ("办理人", "whoever has it in hand; of a delegated task the delegate"),
    OWNER: ("委托人", "whoever delegated it"),
    LEAD: ("主管", "a supervisor in whose reach the unit is that answers for it"),
    ABSENT: (
        "休假人",
        "whoever is away or about to be, or a lead of theirs, handing over their desk (`docs/absence.md`)",
    ),
    PROCESS: ("流程", "the process itself"),
}
"""Who may take an edge → (Chinese, who that is)."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One line of the table of states: from which state which verb leads where, and who may do that, a key of TAKERS."""

    before: str
    verb: str
    after: str
    by: str


TRANSITIONS: tuple[Edge, ...] = (
    Edge(CREATED, "claim", ASSIGNED, OFFERED),
    Edge(ASSIGNED, "release", CREATED, HOLDER),
    Edge(ASSIGNED, "complete", COMPLETED, HOLDER),
    Edge(ASSIGNED, "delegate", DELEGATED, HOLDER),
    Edge(DELEGATED, "resolve", ASSIGNED, HOLDER),
    Edge(DELEGATED, "recall", ASSIGNED, OWNER),
    Edge(CREATED, "reassign", ASSIGNED, LEAD),
    Edge(ASSIGNED, "reassign", ASSIGNED, LEAD),
    Edge(ASSIGNED, "reassign", CREATED, LEAD),
    Edge(DELEGATED, "reassign", ASSIGNED, LEAD),
    Edge(DELEGATED, "reassign", CREATED, LEAD),
    Edge(ASSIGNED, "reassign", ASSIGNED, ABSENT),
    Edge(ASSIGNED, "reassign", CREATED, ABSENT),
    Edge(DELEGATED, "reassign", ASSIGNED, ABSENT),
    Edge(DELEGATED, "reassign", DELEGATED, ABSENT),
    Edge(CREATED, "prioritise", CREATED, LEAD),
    Edge(ASSIGNED, "prioritise", ASSIGNED, LEAD),
    Edge(DELEGATED, "prioritise", DELEGATED, LEAD),
    Edge(ASSIGNED, "follow_up", ASSIGNED, HOLDER),
    Edge(DELEGATED, "follow_up", DELEGATED, HOLDER),
    Edge(ASSIGNED, "draft", ASSIGNED, HOLDER),
    Edge(DELEGATED, "draft", DELEGATED, HOLDER),
    Edge(CREATED, "cancel", CANCELLED, PROCESS),
    Edge(ASSIGNED, "cancel", CANCELLED, PROCESS),
    Edge(DELEGATED, "cancel", CANCELLED, PROCESS),
)
"""What is not here is refused. A return is no state: it leads back to `created` with a reason."""

SEPARATE_FROM, SEPARATE_FROM_ALL = "separateFrom", "separateFrom.case"
"""Properties by which a diagram has a task done by somebody else than others (`tasks.desk.eligible`)."""

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Where a task without a due time sorts: after everything that has one."""


def possible_in(verb: str) -> tuple[str, ...]:
    """The states in which a task takes the verb."""
    return tuple(dict.fromkeys(edge.before for edge in TRANSITIONS if edge.verb == verb))


def transitions_text() -> str:
    """The table of states for people: one line per allowed transition, with who may take it."""
    return "\n".join(f"{edge.before:10} --{edge.verb}--> {edge.after} ({edge.by})" for edge in TRANSITIONS)


class UserTask(Base):
    """`id` is the engine's token. `completed_at` is also when a task was cancelled; then nobody completed it. `sort_at` is due_at or NEVER, so that lists page by a key that is never
    null.
    """

    __tablename__ = "user_task"
    __table_args__ = (
        sa.CheckConstraint(
            "state in ('created', 'assigned', 'delegated', 'completed', 'cancelled')", name="state"
        ),
        sa.Index(
            "ix_user_task_queue",
            "candidate_group",
            "sort_at",
            "id",
            postgresql_where=sa.text("state = 'created'"),
        ),
        sa.Index(
            "ix_user_task_also",
            "also_groups",
            postgresql_using="gin",
            postgresql_where=sa.text("state = 'created' and also_groups is not null"),
        ),
        sa.Index(
            "ix_user_task_inbox",
            "assignee_id",
            "sort_at",
            "id",
            postgresql_where=sa.text("state in ('assigned', 'delegated')"),
        ),
        sa.Index(
            "ix_user_task_archive",
            "completed_by",
            "completed_at",
            "id",
            postgresql_where=sa.text("state = 'completed'"),
        ),
        sa.Index(
            "ix_user_task_owner",
            "owner_id",
            "sort_at",
            "id",
            postgresql_where=sa.text("state = 'delegated'"),
        ),
        sa.Index(
            "ix_user_task_rank",
            "candidate_group",
            "rank_at",
            "id",
            postgresql_where=sa.text("state = 'created'"),
        ),
        sa.Index(
            "ix_user_task_created",
            "candidate_group",
            "created_at",
            "id",
            postgresql_where=sa.text("state = 'created'"),
        ),
        sa.Index(
            "ix_user_task_warned",
            "candidate_group",
            "warn_at",
            postgresql_where=sa.text("state = 'created' and warn_at is not null"),
        ),
        sa.Index(
            "ix_user_task_returned",
            "candidate_group",
            "sort_at",
            "id",
            postgresql_where=sa.text("state = 'created' and returned > 0"),
        ),
        sa.Index(
            "ix_user_task_open",
            "sort_at",
            "id",
            postgresql_where=sa.text("state in ('created', 'assigned', 'delegated')"),
        ),
        sa.Index(
            "ix_user_task_open_rank",
            "rank_at",
            "id",
            postgresql_where=sa.text("state in ('created', 'assigned', 'delegated')"),
        ),
        sa.Index(
            "ix_user_task_open_created",
            "created_at",
            "id",
            postgresql_where=sa.text("state in ('created', 'assigned', 'delegated')"),
        ),
        sa.Index(
            "ix_user_task_team",
            "unit_path",
            "sort_at",
            postgresql_where=sa.text("state in ('created', 'assigned', 'delegated')"),
        ),
        sa.Index(
            "ix_user_task_barred",
            "id",
            postgresql_where=sa.text(
                "barred is not null and nobody_left is null and state in ('created', 'assigned', 'delegated')"
            ),
        ),
        sa.Index("ix_user_task_case", "case_id", "created_at"),
        sa.Index("ix_user_task_instance", "instance_id"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(sa.Uuid)
    case_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    # No foreign key: checking one locks the case's row for every new task, and the same transaction has just read it.
    business_key: Mapped[str] = mapped_column(sa.Text)
    process_key: Mapped[str] = mapped_column(sa.Text)
    deployment_id: Mapped[UUID] = mapped_column(sa.Uuid)
    activity_id: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    scope: Mapped[str] = mapped_column(sa.Text)
    lane: Mapped[str] = mapped_column(sa.Text, default="")
    form_key: Mapped[str | None] = mapped_column(sa.Text)
    form_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    candidate_group: Mapped[str] = mapped_column(sa.Text)
    also_groups: Mapped[list[str] | None] = mapped_column(TextList)
    asked: Mapped[list[str] | None] = mapped_column(TextList)
    """What the diagram asks for (`tasks.organisation.assigning.routing.asked_for`), from which the groups are worked out again."""
    routed: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    """The office revision by which the groups were worked out."""
    state: Mapped[str] = mapped_column(sa.Text, default=CREATED)
    assignee_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    assignee_name: Mapped[str | None] = mapped_column(sa.Text)
    owner_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    """Who delegated it and gets it back; the assignee is the delegate meanwhile. Null of any task that is not delegated."""
    owner_name: Mapped[str | None] = mapped_column(sa.Text)
    note: Mapped[str | None] = mapped_column(sa.Text)
    """What was written when it was last delegated, or last given back by a delegate."""
    priority: Mapped[int] = mapped_column(sa.Integer, default=50)
    priority_by: Mapped[UUID | None] = mapped_column(sa.Uuid)
    """Which lead set the priority; null of what the diagram says."""
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    claimed_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    due_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    warn_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    paused_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """Since when its clock stands still; due_at and warn_at are null meanwhile."""
    follow_up_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """Until when it may rest: what the diagram says, then what its holder says; whoever has it next begins without."""
    sort_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), default=NEVER)
    rank_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    """By when it should be done, all things weighed (`tasks.lists.weights`). This and unit_path are kept by a trigger."""
    unit_path: Mapped[str] = mapped_column(sa.Text(collation="C"))
    """The unit of its first group; the login where that is one person's."""
    level: Mapped[str | None] = mapped_column(sa.Text)
    mark: Mapped[str | None] = mapped_column(sa.Text)
    """Those of its case (`Case.level`, `Case.mark`), as they are while it is open."""
    business: Mapped[str | None] = mapped_column(sa.Text)
    customer_level: Mapped[str | None] = mapped_column(sa.Text)
    """The codes that its case says of both (`tasks.cases.judging.carried`)."""
    completed_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    completed_by: Mapped[UUID | None] = mapped_column(sa.Uuid)
    completed_by_name: Mapped[str | None] = mapped_column(sa.Text)
    completed_for: Mapped[UUID | None] = mapped_column(sa.Uuid)
    """Somebody absent for whom it was completed."""
    helped_by: Mapped[list[UUID] | None] = mapped_column(sa.ARRAY(sa.Uuid))
    """Who did the work on it as a delegate, and somebody absent for whom they did."""
    barred: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Who may not do it and by what rule (`tasks.desk.eligible`). Kept by triggers."""
    nobody_left: Mapped[bool | None] = mapped_column(sa.Boolean)
    """Whether everybody to whom it is offered is barred; null: nobody has looked since that changed."""
    end_reason: Mapped[str | None] = mapped_column(sa.Text)
    """The outcome of its case that cancelled it."""
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    properties: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    returned: Mapped[int] = mapped_column(sa.SmallInteger, default=0, server_default="0")
    """How often somebody gave it back with a reason (`tasks.desk.returns`)."""


def groups_in(row: Any) -> tuple[str, ...]:
    """All candidate groups of a task row."""
    return (row.candidate_group, *(row.also_groups or ()))


def lateness(
    due_at: datetime | None,
    warn_at: datetime | None,
    *,
    at: datetime,
    paused_at: datetime | None = None,
) -> str:
    """`late`, `warned`, `in_time`, `paused` while the clock stands still, or `none`: asked of the stored instants, never
    stored.
    """
    if paused_at is not None:
        return "paused"
    if due_at is None:
        return "none"
    if at > due_at:
        return "late"
    return "warned" if warn_at is not None and at >= warn_at else "in_time"
