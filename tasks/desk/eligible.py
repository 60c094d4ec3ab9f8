"""Who may hold a task: one question for everything that gives work to somebody."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import storable
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.people.identity import caller_of
from tasks.people.tables import Person
from tasks.permissions.matrix import may
from tasks.user_task import groups_in


def people_named(session: Session, deps: Deps, logins: Collection[str]) -> list[Caller]:
    """Those of the logins who have an active account, in the order they were named, each once. One statement, and one more
    for the seats of whoever has not called lately.
    """
    wanted = [login for login in dict.fromkeys(logins) if storable(login)]
    if not wanted:
        return []
    rows = session.execute(
        sa.select(Person.id, Person.login, Person.name, Person.kind).where(
            Person.active, Person.login.in_(wanted)
        )
    )
    found = {row.login: row for row in rows}
    return [caller_of(session, deps, found[login]) for login in wanted if login in found]


def may_hold(person: Caller, task: Any) -> bool:
    """Whether the task (its row) is offered to one of the person's groups, and their posts let them work on it."""
    return may(person, "task.complete") and not set(groups_in(task)).isdisjoint(person.groups)
