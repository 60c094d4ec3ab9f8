"""Which row of the register a running clock has its terms from, and how the process has them chosen again (`sla.choose`).

A case is judged again on its way: a complaint is general until its first dispatch, and then the limit of its new level counts
from the same start (domain §1.10 #5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from engine.instance import ACTIVE
from tasks.core import table
from tasks.deadlines.calendar.changed import recount_clocks
from tasks.deadlines.clocks.changing.moving import Moving
from tasks.deadlines.clocks.changing.recounting import recount
from tasks.deadlines.clocks.keeping import CHOOSE, Timekeeping, codes_in
from tasks.deadlines.policies.choosing import chosen_by
from tasks.deadlines.policies.register import NoSuchPolicy, Policies, Policy
from tasks.deadlines.policies.tables import KEY, ClockPolicy

LEVEL = "level"
"""Why a clock moved whose terms were chosen again. Stored data."""

Terms = dict[UUID, tuple[Any, Policy]]
"""By clock: the row of the register it has its terms from, and the version that shall count instead."""

_POLICY = table(ClockPolicy)


def choose_again(session: Session, time: Timekeeping) -> bool:
    """Choose the terms of running clocks again whose codes an element names that the move has passed; return whether a
    clock of the instance has moved. No statement where nothing is named.

    Clocks of the case that belong to other instances are left to the job: whoever moves them holds their instances first.
    """
    move, ground = time.move, time.ground
    named = [
        (code, over.variables)
        for over in move.over
        if over.done
        for code in codes_in(over.properties.get(CHOOSE))
    ]
    if not named or move.instance.status != ACTIVE:
        return False
    facts = ground.behind.facts if ground.behind else {}
    moving = Moving(session, ground.snapshot.calendars, ground.at, SYSTEM, ground.new_id)
    rows = moving.clocks_of([move.instance.id], ground.behind.id if ground.behind else None)
    for code, variables in dict(named).items():
        chosen = chosen_by({**variables, "case": facts})
        clocks = [row for row in rows if row.code == code]
        own = [row for row in clocks if row.instance_id == move.instance.id]
        terms, problems = choose(session, ground.snapshot.policies, own, chosen)
        time.problems += problems
        for row in own:
            if row.id in terms:
                recount(moving, row, LEVEL, terms[row.id])
        others = [row.id for row in clocks if row.instance_id != move.instance.id]
        recount_clocks(session, others, LEVEL, chosen=chosen)
    return bool(moving.instances)


def choose(
    session: Session, policies: Policies, clocks: Iterable[Any], chosen: Mapping[str, str]
) -> tuple[Terms, list[str]]:
    """The terms of the clocks for which another row counts now, and the sentences about those for which there is none.

    chosen: as of `Policies.find`. Where it is the same row, the clock keeps the version it began with. No statement where all
    began with versions that still count, else one.
    """
    wanted: dict[UUID, Policy] = {}
    problems = []
    clocks = list(clocks)
    for clock in clocks:
        try:
            policy = policies.find(clock.code, **chosen)
        except NoSuchPolicy as error:
            problems.append(str(error))
        else:
            if policy.id != clock.policy_id:
                wanted[clock.id] = policy
    began = _rows(session, policies, [clock.policy_id for clock in clocks if clock.id in wanted])
    return {
        clock.id: (began[clock.policy_id], wanted[clock.id])
        for clock in clocks
        if clock.id in wanted
        and clock.policy_id in began
        and _key(began[clock.policy_id]) != _key(wanted[clock.id])
    }, problems


def today(session: Session, policies: Policies, clocks: Iterable[Any]) -> Terms:
    """The terms of the clocks by the version that counts now of the row each has its terms from. At most one statement."""
    clocks = list(clocks)
    began = _rows(session, policies, [clock.policy_id for clock in clocks])
    found: Terms = {}
    for clock in clocks:
        if (row := began.get(clock.policy_id)) is None:
            continue
        for policy in policies.by_code.get(row.code, ()):
            if _key(policy) == _key(row):
                found[clock.id] = (row, policy)
    return found


def _key(row: Any) -> list[str]:
    return [getattr(row, name) for name in KEY]


def _rows(session: Session, policies: Policies, ids: Iterable[UUID | None]) -> dict[UUID, Any]:
    """The versions with these ids: those that count now as they are known, the others as they were written."""
    wanted = {each for each in ids if each}
    found: dict[UUID, Any] = {each: policy for each in wanted if (policy := policies.by_id.get(each))}
    if older := wanted - found.keys():
        rows = session.execute(sa.select(_POLICY).where(_POLICY.c.id.in_(older)))
        found.update((row.id, row) for row in rows)
    return found
