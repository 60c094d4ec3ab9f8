"""“Give me my next task”: the best one the caller's groups are offered, by the priority rule, for many clerks at once.

Candidates are read in the order of the rule, a few of each queue by its index; the first of them that nobody else is taking at
this moment is locked and claimed in the same statement. So nobody gets what another has, and nobody waits.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.core import table
from tasks.deadlines.clocks.writing import taken
from tasks.deps import Deps
from tasks.desk.eligible import ALLOWED, allowing
from tasks.desk.following import AT, BY, RANK, candidates
from tasks.desk.seeing import noted
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.user_task import ASSIGNED, CREATED, UserTask

LOOKED_AT = 100
"""How many candidates of each queue are read: more than take one in the same instant."""

_TASK = table(UserTask)


def next_task(session: Session, deps: Deps, caller: Caller, *, group: str | None = None) -> Any:
    """Claim and return the task that is next for the caller, of all their groups or of one; None when nothing is left.

    One statement where there is one. Tasks that are put off wait, and nobody is given again what they have returned, nor
    what they are barred from. Where all candidates are being taken by others, it waits for
    them to be sure, so that nothing is left while somebody is idle. Raises NotPermitted; InvalidInput for a group that is not
    the caller's.
    """
    require(caller, "task.claim")
    if group is not None and group not in caller.groups:
        raise InvalidInput(
            f"The next task of the group {group[:100]} was asked for; it is not one of yours.",
            message_zh="这不是您的候选组。",
        )
    given = {
        "groups": list(caller.groups) if group is None else [group],
        "at": deps.clock.now(),
        "by": caller.id,
        "by_name": caller.name,
        **allowing(caller),
    }
    row = session.execute(_TAKE, given).first() or session.execute(_TAKE_IN_TURN, given).first()
    if row is None:
        return None
    taken(session, [row.id], row.claimed_at)
    noted(session, deps, caller, "task.claim", row, CREATED, {"state": ASSIGNED, "next": True})
    return row


def _taking(*, waits: bool) -> Any:
    found = candidates(LOOKED_AT)
    # The lock looks at the row as it is now: whatever has left the queue since the candidates were read is passed over.
    best = (
        sa.select(_TASK.c.id)
        .where(_TASK.c.id.in_(sa.select(found.c.id)), _TASK.c.state == CREATED, ALLOWED)
        .order_by(*RANK)
        .limit(1)
        .with_for_update(skip_locked=not waits)
        .cte("best")
        .prefix_with("MATERIALIZED")
    )
    return (
        sa.update(_TASK)
        .where(_TASK.c.id == best.c.id)
        .values(
            state=ASSIGNED,
            assignee_id=BY,
            assignee_name=sa.bindparam("by_name", type_=sa.Text),
            claimed_at=AT,
        )
        .returning(*_TASK.c)
    )


_TAKE, _TAKE_IN_TURN = _taking(waits=False), _taking(waits=True)
