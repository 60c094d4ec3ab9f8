"""Open user tasks take over what another version draws of them: form, name, groups, priority, properties, four eyes.

Who holds a task keeps it where they still may; clocks that run go on, and one begins where there was none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.ports import Move, TakenOver
from tasks.core import table
from tasks.deadlines.clocks.beginning import Ground
from tasks.deadlines.clocks.keeping import NONE, POLICY, Timekeeping, given_back
from tasks.deadlines.court.tables import Holding
from tasks.deps import Deps
from tasks.desk.eligible import bar_of, people_with
from tasks.listener import case_behind
from tasks.organisation.assigning.rerouting import route_again
from tasks.organisation.assigning.routing import asked_for
from tasks.organisation.revision import work_revision
from tasks.user_task import CREATED, NEVER, OPEN, UserTask, groups_in

_TASK, _HOLDING = table(UserTask), table(Holding)
_ASKED = frozenset({"assignee", "candidate_users", "candidate_groups", "lane"})
_BARRED = sa.text("UPDATE user_task t SET barred = barred_from(t), nobody_left = NULL WHERE id = ANY(:ids)")


def lock_tasks(session: Session, instance_id: UUID) -> None:
    """Lock the open tasks of an instance before the instance itself, in the order in which completing does."""
    session.execute(
        sa.select(_TASK.c.id)
        .where(_TASK.c.instance_id == instance_id, _TASK.c.state.in_(OPEN))
        .order_by(_TASK.c.id)
        .with_for_update()
    )


def take_over(session: Session, deps: Deps, move: Move) -> None:
    """Write what the other version draws of the open tasks of a moved instance, whose rows are locked."""
    taken = {one.id: one for one in move.taken_over}
    rows = session.execute(sa.select(_TASK).where(_TASK.c.id.in_(taken), _TASK.c.state.in_(OPEN))).all()
    routed, properties = [], []
    for row in rows:
        one = taken[row.id]
        values = _values(row, one, move)
        session.execute(sa.update(_TASK).where(_TASK.c.id == row.id).values(**values))
        if one.changed & {"name", "activity_id"}:
            session.execute(
                sa.update(_HOLDING)
                .where(_HOLDING.c.task_id == row.id, _HOLDING.c.to_at.is_(None))
                .values({name: values[name] for name in ("name", "activity_id") if name in values})
            )
        if one.changed & (_ASKED | {"properties"}):
            routed.append(row)
        if "properties" in one.changed:
            properties.append(row)
    if properties:
        session.execute(_BARRED, {"ids": [row.id for row in properties]})
        _give_back_what_is_barred(session, deps, [row.id for row in properties])
    if routed:
        route_again(session, deps, work_revision(session), routed)
    for row in properties:
        _begin_clock(session, deps, move, row, taken[row.id])


def _values(row: Any, one: TakenOver, move: Move) -> dict[str, Any]:
    values: dict[str, Any] = {
        "deployment_id": move.instance.deployment_id,
        "form_key": one.form,
        "form_id": one.form_id,
    }
    drawn = one.activity
    if drawn is None:
        return values
    if one.changed & {"name", "activity_id"}:
        values |= {"activity_id": drawn.activity_id, "name": drawn.name or drawn.activity_id}
    if "lane" in one.changed:
        values["lane"] = drawn.lane
    if "priority" in one.changed and row.priority_by is None:
        values["priority"] = drawn.priority
    if "properties" in one.changed:
        said = {name: text for name, text in row.properties.items() if name.startswith("sla.problem")}
        values["properties"] = {**drawn.properties, **said}
    if one.changed & _ASKED:
        values["asked"] = asked_for(
            drawn.candidate_users,
            drawn.candidate_groups,
            assignee=drawn.assignee,
            lanes=(drawn.lane, drawn.lane_id),
        )
    return values


def _give_back_what_is_barred(session: Session, deps: Deps, ids: Sequence[UUID]) -> None:
    """Whoever holds a task they may not do by its new rules has it no more: it waits in its queue."""
    rows = session.execute(
        sa.select(_TASK).where(
            _TASK.c.id.in_(ids), _TASK.c.assignee_id.is_not(None), _TASK.c.barred.is_not(None)
        )
    ).all()
    people = people_with(session, deps, {row.assignee_id for row in rows}) if rows else {}
    for row in rows:
        person = people.get(row.assignee_id)
        if person is None or bar_of(person, row) is None:
            continue
        session.execute(
            sa.update(_TASK)
            .where(_TASK.c.id == row.id)
            .values(
                state=CREATED,
                assignee_id=None,
                assignee_name=None,
                owner_id=None,
                owner_name=None,
                claimed_at=None,
                follow_up_at=None,
                note=None,
            )
        )
        behind = case_behind(session, row.business_key) if row.case_id else None
        office = deps.office.current(session)
        ground = Ground(
            office, row.instance_id, row.business_key, behind, deps.clock.now(), deps.engine.new_id
        )
        given_back(session, ground, row, row.candidate_group)


def _begin_clock(session: Session, deps: Deps, move: Move, row: Any, one: TakenOver) -> None:
    """A task without a clock gets the one it has in the other version, from now on."""
    drawn = one.activity
    if drawn is None or row.properties.get(POLICY) or drawn.properties.get(POLICY) in (None, "", NONE):
        return
    quiet = replace(
        move, entered=(), completed=(), cancelled=(), began=(), over=(), ended=False, taken_over=()
    )
    behind = case_behind(session, move.instance.business_key)
    time = Timekeeping.of(
        quiet, deps.office.current(session), behind, move.at or deps.clock.now(), deps.engine.new_id
    )
    now = session.execute(sa.select(_TASK).where(_TASK.c.id == row.id)).one()
    limit = time.task(drawn, groups_in(now), taken=True)
    problem = limit.problem
    said = {"sla.problem": problem.text, "sla.problem_zh": problem.zh} if problem else {}
    session.execute(
        sa.update(_TASK)
        .where(_TASK.c.id == row.id)
        .values(
            due_at=limit.due_at,
            warn_at=limit.warn_at,
            paused_at=limit.paused_at,
            sort_at=limit.due_at or NEVER,
            properties={**now.properties, **said},
        )
    )
    time.write(session)
