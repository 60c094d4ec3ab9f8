"""Whose calendar somebody may change: their units' and those below; the nation's with the reach of a root unit."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.errors import NotFound, NotPermitted
from tasks.deps import Deps
from tasks.organisation.tree import Organisation, is_top
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.permissions.visibility import reach

VERB = "calendar.manage"


def require_nation(session: Session, deps: Deps, caller: Caller | None) -> None:
    """Raise NotPermitted unless the caller may change what counts everywhere. caller None: the machine itself."""
    if caller is None:
        return
    require(caller, VERB)
    if not reaches_nation(caller):
        raise NotPermitted(
            f"A change of the calendar that counts everywhere was asked for by {caller.login}, who maintains no root unit.",
            message_zh="全国的日历只能由总部一级的人员维护。",
        )


def path_of(session: Session, deps: Deps, region: str) -> str:
    """The path of the unit with this code; empty for the nation. Raises NotFound."""
    if not region:
        return ""
    path = _paths(session, deps).places.get(region)
    if path is None:
        raise NotFound(
            f"The calendar of the unit {region[:64]} was asked for; there is no such unit.",
            message_zh=f"没有单位“{region[:64]}”。",
        )
    return path


def mine(session: Session, deps: Deps, caller: Caller | None, region: str) -> str:
    """The path of a unit whose calendar the caller may change. Raises NotFound, for unknown units and others' alike."""
    if caller is not None:
        require(caller, VERB)
    path = _paths(session, deps).places.get(region)
    if path is None or (caller is not None and not reaches(caller, path)):
        raise NotFound(
            f"A change of the calendar of the unit {region[:64]} was asked for; there is none here that you maintain.",
            message_zh=f"没有您可以维护日历的单位“{region[:64]}”。",
        )
    return path


def reaches_nation(caller: Caller) -> bool:
    """Whether the caller's seats let them change what counts everywhere: one of them reaches a root unit."""
    return any(is_top(path) for path in reach(caller, VERB))


def reaches(caller: Caller, path: str) -> bool:
    """Whether the caller's seats let them change the calendar of the unit at `path`."""
    return any(path.startswith(held) for held in reach(caller, VERB))


def _paths(session: Session, deps: Deps) -> Organisation:
    return deps.office.current(session).organisation
