"""Who sees which file: the units that touched it and everybody above them. For others it does not exist.

A confidential file shrinks to those who have it in their hands (who filed it; those to whom one of its tasks is offered,
who hold one or have completed one) and to those of the same reach who may read confidential files at all
(`case.read_confidential`).
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tasks.cases.tables import Case
from tasks.core import table
from tasks.organisation.tree import upwards
from tasks.people.caller import Caller
from tasks.permissions.matrix import CASELESS, EXTERNAL, VERBS, may
from tasks.user_task import CREATED, HELD, UserTask

_CASE = table(Case).c
_TASK = table(UserTask)
_OWN = _TASK.alias("own")
"""Made once: an alias costs more than the condition it stands in."""


def with_superiors(paths: Iterable[str]) -> set[str]:
    """The paths themselves and every path above them: `/hq/henan/` gives `/hq/` too."""
    return {above for path in paths for above in upwards(path)}


def reach(caller: Caller, verb: str) -> list[str]:
    """The units whose cases, with those of all units below, the caller's seats let them do `verb` on."""
    roles = VERBS[verb].roles
    return sorted({seat.reach for seat in caller.standing.seats if not roles.isdisjoint(seat.roles)})


def places_for(caller: Caller, verb: str) -> list[str]:
    """The paths of the units where the caller's seats let them do `verb`, their own unit first."""
    roles = VERBS[verb].roles
    return [seat.path for seat in caller.standing.seats if not roles.isdisjoint(seat.roles)]


def visible_to(caller: Caller, verb: str = "case.read") -> sa.ColumnElement[bool]:
    """The condition on `case_file` under which the caller sees a case and may do `verb` on it by its units."""
    touched = _CASE.paths.overlap(reach(caller, "case.read"))
    if verb != "case.read":
        touched = sa.and_(touched, _CASE.paths.overlap(reach(caller, verb)))
    in_hands = [_CASE.filed_by == caller.id, _has_a_task(caller)]
    if may(caller, "case.read_confidential"):
        in_hands.append(_CASE.paths.overlap(reach(caller, "case.read_confidential")))
    return sa.and_(touched, sa.or_(sa.not_(_CASE.confidential), *in_hands))


def sees_without_case(caller: Caller, verb: str, started_by: str) -> bool:
    """Whether `verb` reaches an instance that runs without a case for the caller: CASELESS roles that have it, and whoever
    started it.
    """
    return bool(caller.roles & VERBS[verb].roles & CASELESS) or started_by == str(caller.id)


def inside(caller: Caller) -> sa.ColumnElement[bool]:
    """The condition on a visible `case_file` under which the caller sees it from within, with everything about it; to
    others a case shows only what `tasks.cases.outward` tells.
    """
    if EXTERNAL not in caller.roles:
        return sa.true()
    within: sa.ColumnElement[bool] = _CASE.paths.overlap(reach(caller, "comment.read"))
    return within


def task_visible_to(caller: Caller) -> sa.ColumnElement[bool]:
    """The condition on `user_task`, with `case_file` joined outside, under which the caller sees a task: offered to one
    of their groups, held or completed by them, or of a case they see. What their groups were offered once, they go on
    seeing, unless the case is confidential. What somebody completed in a post they have lost is theirs no longer.
    """
    task = _TASK.c
    return sa.or_(
        has_work(_TASK, caller),
        done_by(_TASK, caller),
        sa.and_(offered_to(_TASK, caller), sa.not_(sa.func.coalesce(_CASE.confidential, sa.false()))),
        sa.and_(task.case_id.is_not(None), visible_to(caller)),
    )


def _has_a_task(caller: Caller) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        _OWN.c.case_id == _CASE.id, sa.or_(_OWN.c.completed_by == caller.id, has_work(_OWN, caller))
    )


def done_by(task: sa.FromClause, caller: Caller) -> sa.ColumnElement[bool]:
    """The condition on `user_task` under which the caller completed it and still answers one of its groups."""
    return sa.and_(task.c.completed_by == caller.id, offered_to(task, caller))


def has_work(task: sa.FromClause, caller: Caller) -> sa.ColumnElement[bool]:
    """The condition on `user_task` under which it waits for the caller: held or delegated by them, or offered to them and free. Whoever
    holds one and answers none of its groups any more has lost it, though the job that gives it back is still to come.
    """
    free = task.c.state == CREATED
    theirs = sa.or_(task.c.assignee_id == caller.id, task.c.owner_id == caller.id)
    held = sa.and_(task.c.state.in_(HELD), theirs)
    return sa.and_(sa.or_(free, held), offered_to(task, caller))


def offered_to(task: sa.FromClause, caller: Caller) -> sa.ColumnElement[bool]:
    """The condition on `user_task` that one of its groups is the caller's, in whatever state it is."""
    groups = list(caller.groups)
    return sa.or_(
        task.c.candidate_group == sa.any_(sa.literal(groups, sa.ARRAY(sa.Text))),
        sa.and_(task.c.also_groups.is_not(None), task.c.also_groups.overlap(groups)),
    )
