"""A host whose function `due` says what the test wants: another instant, or that it pauses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.history import HistoryEvent
from engine.instance import ProcessInstance
from engine.ports import Asked, Move
from engine.testing import Harness
from engine.timers import Timer


class Host:
    """`due(code)`: what `at` holds under the code, else `hours` after the timer began to wait; codes in `paused` pause."""

    def __init__(self) -> None:
        self.at: dict[str, Any] = {}
        self.hours = 10
        self.paused: set[str] = set()
        self.asked: list[Asked] = []

    def due(self, context: Any, code: str) -> Any:
        """Answer an expression, and keep who asked."""
        asked: Asked = context.asked
        self.asked.append(asked)
        if code in self.paused:
            asked.paused = True
        if self.at.get(code) == "broken":
            raise ValueError("the register is gone")
        return self.at.get(code, (asked.since or context.now()) + timedelta(hours=self.hours))


class Bound(Harness):
    """The harness with such a host."""

    def __init__(self, sessions: sessionmaker[Session], clock: FrozenClock, **options: Any) -> None:
        self.host = Host()
        super().__init__(sessions, clock, functions={"due": self.host.due}, **options)

    def rearm(self, instance: Any) -> Move | None:
        """Let the engine look at the bound timers again."""
        with self.sessions.begin() as session:
            return self.engine.rearm(session, instance)

    def due(self) -> dict[str, list[datetime]]:
        """Return the instants of the timers that have not fired, by element."""
        rows = self.rows(
            sa.select(Timer.activity_id, Timer.due_at).where(Timer.fired_at.is_(None)).order_by(Timer.due_at)
        )
        found: dict[str, list[datetime]] = {}
        for row in rows:
            found.setdefault(row.activity_id, []).append(row.due_at)
        return found

    def told(self, kind: str = "timer_moved") -> list[Any]:
        """Return the data of the lines of history of one kind."""
        return [
            row.data
            for row in self.rows(
                sa.select(HistoryEvent.data).where(HistoryEvent.kind == kind).order_by(HistoryEvent.id)
            )
        ]

    def writes(self) -> tuple[int, int]:
        """Return the instance's revision and how many lines of history there are."""
        return (
            self.scalar(sa.select(sa.func.max(ProcessInstance.revision))),
            self.scalar(sa.select(sa.func.count()).select_from(HistoryEvent)),
        )
