"""Whose absence somebody may enter, change or hand over for: their own, and that of people below a unit they lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound, WrongState
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.absence.reading import places_led, read_one, within
from tasks.people.absence.tables import PLANNED, RUNNING, STATES, state_of
from tasks.people.caller import Caller, Standing
from tasks.people.tables import Person

_PERSON = table(Person)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody here who may be absent or substitute, with what their own seats give them."""

    id: UUID
    login: str
    standing: Standing


def changeable(
    session: Session, deps: Deps, caller: Caller, absence_id: UUID, verb: str
) -> tuple[Any, Member]:
    """An absence the caller may change, and the person; NotFound for others and made-up ones alike."""
    row = read_one(session, deps, caller, absence_id, missing=True)
    person = member(session, deps, row.person) if row is not None else None
    if row is None or person is None or not may_change(caller, person):
        raise NotFound(
            f"The absence {absence_id} was asked for; there is none that you may change.",
            message_zh="没有您可以变更的这条休假。",
        )
    state = state_of(row, deps.clock.now())
    if state not in (PLANNED, RUNNING):
        chinese, english = STATES[state]
        raise WrongState(
            f"To {verb} the absence {absence_id} was asked, but it is {english}.",
            message_zh=f"该休假{chinese}，不能再改动。",
            state=state,
        )
    return row, person


def absentee(session: Session, deps: Deps, caller: Caller, login: str) -> Member:
    person = member(session, deps, login)
    if person is None or not may_change(caller, person):
        raise NotFound(
            f"The person {login[:64]} was asked for; there is nobody here whose absence you may enter.",
            message_zh=f"没有您可以登记休假的人员“{login[:64]}”。",
        )
    return person


def may_change(caller: Caller, person: Member) -> bool:
    return person.id == caller.id or within(places_led(caller), person.standing)


def member(session: Session, deps: Deps, login: str) -> Member | None:
    if not storable(login):
        return None
    row = session.execute(
        sa.select(_PERSON.c.id).where(_PERSON.c.login == login, _PERSON.c.active, _PERSON.c.kind == "person")
    ).first()
    return Member(row.id, login, deps.office.own_standing(session, row.id, login)) if row else None
