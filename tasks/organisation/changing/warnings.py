"""What an edit leaves to be looked after: it may be done, and somebody should know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.organisation.changing.changes import Change
from tasks.organisation.changing.chart import Chart
from tasks.organisation.changing.mistakes import Mistake
from tasks.user_task import OPEN, UserTask


def warnings_of(session: Session, after: Chart, changes: Iterable[Change], today: date) -> list[Mistake]:
    """Units that are closed while people sit there longer, or while open work is offered to them."""
    closed = [change for change in changes if change.subject == "unit" and change.kind == "ended"]
    return [
        warning
        for change in closed
        for warning in (*_seated(after, change), *_offered(session, after, change))
    ]


def _seated(after: Chart, change: Change) -> Iterator[Mistake]:
    last = after.units[change.key].valid_until
    staying = sorted(
        {
            person.login
            for person in after.people.values()
            for seat in person.seats
            if person.active
            and seat.unit == change.key
            and (seat.valid_until or date.max) > (last or date.max)
        }
    )
    if staying:
        named = ", ".join(staying[:5]) + (" …" if len(staying) > 5 else "")
        yield Mistake(
            change.where,
            f"unit {change.key}",
            "until",
            f"{len(staying)} still sit there afterwards: {named}.",
            f"关闭后仍有 {len(staying)} 人任职：{named}。",
        )


def _offered(session: Session, after: Chart, change: Change) -> Iterator[Mistake]:
    task = table(UserTask).c
    offered = session.scalar(
        sa.select(sa.func.count()).where(
            task.state.in_(OPEN),
            sa.func.split_part(task.candidate_group, "@", 2).startswith(
                after.path(change.key), autoescape=True
            ),
        )
    )
    if offered:
        yield Mistake(
            change.where,
            f"unit {change.key}",
            "until",
            f"{offered} open tasks are offered to it or below it.",
            f"尚有 {offered} 件待办派给该单位或其下级。",
        )
