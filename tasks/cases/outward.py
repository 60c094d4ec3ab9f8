"""A case as a body outside the company sees it: that it is there and how far, what that body said itself, and what it may
say next. No units, people, tasks, notices, comments or history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tasks.cases.letterbox import OpenMessage, open_messages
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.visibility import places_for


@dataclass(frozen=True, slots=True)
class Outward:
    """facts: the start form's answers, where that body filed the case. messages: those that body may send it now."""

    number: str
    regime: str
    status: str | None
    filed_at: datetime
    ended_at: datetime | None
    archived_at: datetime | None
    facts: Mapping[str, Any]
    messages: tuple[OpenMessage, ...]


def outward(session: Session, deps: Deps, caller: Caller, case: Any) -> Outward:
    """What a case (a row of `read_case`) shows to somebody outside."""
    return Outward(
        case.number,
        case.regime,
        case.status,
        case.filed_at,
        case.ended_at,
        case.archived_at,
        case.facts if case.org_path in places_for(caller, "case.file") else {},
        tuple(open_messages(session, deps, caller, case)),
    )
