"""Who decides on a request about a clock of a case: the supervisors of the centre that manages it (domain §1.14 #10 [D]).

Which unit that is says the organisation: the one that answers the role APPROVING nearest to where the clock's work is, so in a
province its complaint centre and at headquarters headquarters. The limit of a whole case is the centre's of the customer's home
province, which answers them (003§2.4.5).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotPermitted
from tasks.cases.facts import EARLIER, facts_of
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deadlines.clocks.tables import CASE
from tasks.deps import Deps
from tasks.organisation.assigning.routing import UNIT, group_path, groups_for, is_unrouted
from tasks.organisation.superiors import superiors_of_unit
from tasks.organisation.tree import Organisation, code_of
from tasks.people.caller import Caller
from tasks.permissions.matrix import may
from tasks.permissions.visibility import reach

APPROVING = "limit_approval"
"""The role of the units whose supervisors decide. Where none answers it, those over the unit of the clock do."""
DECIDE = "clock.decide"

_CASE = table(Case)
WHERE_FROM = (*_CASE.c["facts", "org_code", "province"], EARLIER)
"""The columns of a case that say where it belongs."""


def centre_over(organisation: Organisation, kind: str, region: str, case: Any) -> str:
    """The path of the unit whose supervisors, and those above them, decide about a clock of this kind and region.

    case: its row, read with WHERE_FROM.
    """
    of_case = kind == CASE and organisation.province_of(region) is not None
    facts = {"province": case.province, **facts_of(case), "org": case.org_code}
    near = {} if of_case else {UNIT: code_of(region)}
    (found, *_) = groups_for(organisation, [APPROVING], properties=near, facts=facts)
    return region if is_unrouted(found) else group_path(found) or region


def decides(caller: Caller, centre: str) -> bool:
    """Whether the caller supervises the unit with this path, or one above it."""
    return may(caller, DECIDE) and any(centre.startswith(place) for place in reach(caller, DECIDE))


def may_decide(session: Session, deps: Deps, caller: Caller, clock: Any) -> bool:
    """The same for a clock (a row); of an instance without a case everybody who may decide does."""
    if clock.case_id is None or not may(caller, DECIDE):
        return may(caller, DECIDE)
    return decides(caller, _centre_of(session, deps, clock))


def require_deciding(session: Session, deps: Deps, caller: Caller, clock: Any) -> None:
    """Raise NotPermitted, naming who decides about the clock (a row), unless the caller does."""
    if may_decide(session, deps, caller, clock):
        return
    centre = _centre_of(session, deps, clock)
    name = deps.office.current(session).organisation.names.get(centre, centre)
    raise NotPermitted(
        f"A decision about the clock {clock.code} of {clock.number} was sent by {caller.login}; those decide who supervise "
        f"{name} or a unit above it.",
        message_zh=f"{clock.number} 的时钟 {clock.code} 由{name}或其上级单位的主管审批。",
        permission=DECIDE,
        unit=code_of(centre),
    )


def to_be_told(session: Session, deps: Deps, caller: Caller, clock: Any) -> list[UUID]:
    """Who hears that the caller asks for a decision about the clock: who leads the centre, else the next above, of those who
    see the case; nobody without a case.
    """
    if clock.case_id is None:
        return []
    snapshot = deps.office.current(session)
    organisation = snapshot.organisation
    paths = set(session.scalar(sa.select(_CASE.c.paths).where(_CASE.c.id == clock.case_id)) or ())
    for found in superiors_of_unit(session, snapshot, _centre_of(session, deps, clock)):
        unit = organisation.by_code.get(found.unit)
        if found.person_id != caller.id and unit is not None and organisation.reach(unit) in paths:
            return [found.person_id]
    return []


def _centre_of(session: Session, deps: Deps, clock: Any) -> str:
    case = session.execute(sa.select(*WHERE_FROM).where(_CASE.c.id == clock.case_id)).one()
    return centre_over(deps.office.current(session).organisation, clock.kind, clock.region, case)
