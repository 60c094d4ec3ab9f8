"""Timers bound to what the host says are looked at again: pauses, extensions and new calendars move the waiting row."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.instance import ACTIVE, SUSPENDED, Locked, locked
from engine.ports import Move
from engine.spiff import timers

if TYPE_CHECKING:
    from engine.acting import Acting
    from engine.spiff.task import Token
    from engine.spiff.workflow import Instance


def rearm(acting: Acting, session: Session, instance_id: UUID, *, actor: Actor) -> Move | None:
    """Evaluate the bound timers of an instance that wait, and move token and row of those whose instant is another.

    A row the sweep has queued goes too: its job finds nothing, and the new row waits for the next sweep. Nothing else of the
    instance moves, so a suspended one is moved as well and the listener is not told; the Move returned only says when. None,
    and nothing is written, where nothing has changed or the instance is over. Raises NotFound.
    """
    return look_again(acting, session, locked(session, instance_id), actor=actor)


def look_again(acting: Acting, session: Session, row: Locked, *, actor: Actor) -> Move | None:
    """The same of an instance whose row is locked already, and holds what has been saved of it since."""
    if row.status not in (ACTIVE, SUSPENDED):
        return None
    instance = acting.restore(session, row)
    bound = bound_timers(instance)
    moved = [token for token in bound if timers.move(token)]
    if not moved:
        return None
    return acting.keep(session, row, instance, actor)


def bound_timers(instance: Instance) -> list[Token]:
    """Return the waiting timers of an instance that are bound to what the host says."""
    return [token for token in instance.waiting("timer") if timers.is_bound(token)]
