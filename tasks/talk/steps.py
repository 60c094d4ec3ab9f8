"""What people say with a step on a task stands in its talk, among the comments: why it was given back, what a delegate is asked
to do, what they did. It is told to whom it concerns and recorded by the step itself, and is as little changed as a comment.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from engine.db import Statement
from tasks.deps import Deps
from tasks.people.caller import Caller

RELEASE, DELEGATE, RESOLVE = "release", "delegate", "resolve"
STEPS: dict[str, tuple[str, str]] = {
    RELEASE: ("退回", "returned it"),
    DELEGATE: ("委托", "delegated it"),
    RESOLVE: ("交回", "gave it back"),
}
"""The verb of the step → (Chinese, what its author did)."""

_SAY = Statement(
    """INSERT INTO comment (id, case_id, task_id, text, author_id, author_name, author_unit, step, at)
       VALUES (%(id)s, %(case_id)s, %(task_id)s, %(text)s, %(author_id)s, %(author_name)s, %(author_unit)s, %(step)s,
               %(at)s)"""
)


def say(session: Session, deps: Deps, caller: Caller, task: Any, step: str, text: str) -> None:
    """Keep what the caller said with a step of STEPS on the task (its row). Sent with the next statement or the COMMIT."""
    _SAY.later(
        session,
        {
            "id": deps.engine.new_id(),
            "case_id": task.case_id,
            "task_id": task.id,
            "text": text,
            "author_id": caller.id,
            "author_name": caller.name,
            "author_unit": caller.standing.unit_name,
            "step": step,
            "at": deps.clock.now(),
        },
    )
