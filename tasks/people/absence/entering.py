"""Entering, changing and calling off an absence: by the absent person, or by a lead of theirs.

Changes of the organisation and of absences happen one at a time (`lock_office`), so that two that would only be wrong
together cannot both be entered. Every verb is whole or leaves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, WrongState
from tasks.audit.digests import digest
from tasks.audit.recording import record
from tasks.core import table
from tasks.deps import Deps
from tasks.organisation.revision import bump_office, lock_office
from tasks.people.absence.checking import Wish, mistakes_in
from tasks.people.absence.handing import hand_over_due
from tasks.people.absence.mistakes import AbsenceRefused
from tasks.people.absence.reading import places_led, read_one, within
from tasks.people.absence.settling import look_now, next_look
from tasks.people.absence.tables import CALLED_OFF, RUNNING, Absence, state_of
from tasks.people.absence.whose import Member, absentee, changeable, member
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import require

_ABSENCE, _PERSON = table(Absence), table(Person)


def enter(session: Session, deps: Deps, caller: Caller, values: Mapping[str, Any]) -> Any:
    """Enter an absence and return it as `read_one` does.

    values: `until` (aware instant) and, if wanted, `person` (login, else the caller), `from` (else now; one that lies
    behind counts from now), `substitute` (login), `roles` (keys or names of candidate roles; without: all work),
    `approvals`, `hand_over` (a key of HANDED_TO: where their desk goes when it begins, now if it has), `reason`. Raises NotFound for a person who is neither the caller nor somebody below a unit they lead,
    AbsenceRefused with every mistake.
    """
    require(caller, "absence.enter")
    lock_office(session)
    person = absentee(session, deps, caller, values.get("person") or caller.login)
    now = deps.clock.now()
    wish = _wish(
        session, deps, caller, person, deps.engine.new_id(),
        {"from": now, "substitute": None, "roles": None, "approvals": False, "hand_over": None,
         "reason": "", **values},
        begins_after=now,
    )  # fmt: skip
    _check(session, deps, wish, person)
    session.execute(
        sa.insert(_ABSENCE).values(
            id=wish.id, person_id=wish.person_id, entered_by=caller.id, entered_by_name=caller.name, entered_at=now,
            **_columns(wish, now),
        )
    )  # fmt: skip
    record(
        session,
        caller.actor,
        "absence.enter",
        at=now,
        subject="absence",
        subject_id=wish.id,
        after=_told(wish),
    )
    _takes_effect(session, wish.id)
    if wish.hand_over:
        hand_over_due(session, deps, wish.id, caller.actor)
    return read_one(session, deps, caller, wish.id)


def change(session: Session, deps: Deps, caller: Caller, absence_id: UUID, values: Mapping[str, Any]) -> Any:
    """Change what `values` names of an absence that is not over, and return it; see `enter`.

    Raises NotFound likewise, WrongState for one that is over, InvalidInput for nothing to change, AbsenceRefused with
    every mistake: the begin of one that is under way stays as it is.
    """
    require(caller, "absence.change")
    lock_office(session)
    row, person = changeable(session, deps, caller, absence_id, "change")
    if not values:
        raise InvalidInput(
            f"Changing the absence {absence_id} was asked for; nothing to change was named.",
            message_zh="没有要变更的内容。",
        )
    now = deps.clock.now()
    before = {
        "from": row.from_at, "until": row.until_at, "substitute": row.substitute, "roles": row.roles,
        "approvals": row.approvals, "hand_over": row.hand_over, "reason": row.reason,
    }  # fmt: skip
    if state_of(row, now) == RUNNING and values.get("from", row.from_at) != row.from_at:
        raise WrongState(
            f"Another begin of the absence {absence_id} was asked for; it is under way.",
            message_zh="休假已经开始，不能再改开始时间。",
            state=RUNNING,
        )
    begins_after = row.from_at if "from" not in values else now
    was = _wish(session, deps, None, person, row.id, before, begins_after=row.from_at)
    # Whom somebody else has named stays named, also where the caller could not have named them.
    judge = caller if values.get("substitute", row.substitute) != row.substitute else None
    wish = _wish(session, deps, judge, person, row.id, {**before, **values}, begins_after=begins_after)
    _check(session, deps, wish, person)
    # Asking for it again, or naming somebody else, hands over what is held then.
    anew = {"handed_over_at": None} if {"hand_over", "substitute"} & values.keys() else {}
    session.execute(sa.update(_ABSENCE).where(_ABSENCE.c.id == row.id).values(**_columns(wish, now), **anew))
    record(
        session, caller.actor, "absence.change", at=now, subject="absence", subject_id=row.id,
        before=_told(was), after=_told(wish),
    )  # fmt: skip
    _takes_effect(session, row.id, also=was.substitute_id)
    if wish.hand_over:
        hand_over_due(session, deps, wish.id, caller.actor)
    return read_one(session, deps, caller, row.id)


def cancel(session: Session, deps: Deps, caller: Caller, absence_id: UUID) -> Any:
    """Call an absence off and return it: one still to begin never happens, one under way ends now.

    Raises NotFound and WrongState as `change` does.
    """
    require(caller, "absence.cancel")
    lock_office(session)
    row, _ = changeable(session, deps, caller, absence_id, "cancel")
    now = deps.clock.now()
    before = state_of(row, now)
    until = now if before == RUNNING else row.until_at
    session.execute(
        sa.update(_ABSENCE)
        .where(_ABSENCE.c.id == row.id)
        .values(until_at=until, called_off_at=now, look_at=None)
    )
    record(
        session, caller.actor, "absence.cancel", at=now, subject="absence", subject_id=row.id,
        before={"state": before}, after={"state": CALLED_OFF},
    )  # fmt: skip
    _takes_effect(session, row.id)
    return read_one(session, deps, caller, row.id)


def _wish(
    session: Session,
    deps: Deps,
    judge: Caller | None,
    person: Member,
    absence_id: UUID,
    values: Mapping[str, Any],
    *,
    begins_after: datetime,
) -> Wish:
    """What is asked for. judge: who names the substitute, and may name only those within what they lead or, for
    themself, see; None: whoever is named already.
    """
    substitute = values["substitute"]
    found = member(session, deps, substitute) if substitute else None
    if found is not None and judge is not None:
        places = (*places_led(judge), *(person.standing.reach if judge.id == person.id else ()))
        found = found if within(places, found.standing) else None
    keys = deps.office.current(session).organisation.roles.key
    roles = values["roles"]
    return Wish(
        absence_id,
        person.id,
        person.login,
        max(values["from"], begins_after),
        values["until"],
        substitute or None,
        found.id if found else None,
        None if roles is None else tuple(dict.fromkeys(keys(role) for role in roles)),
        values["approvals"],
        values["hand_over"],
        values["reason"],
    )


def _check(session: Session, deps: Deps, wish: Wish, person: Member) -> None:
    now = deps.clock.now()
    others = session.execute(
        sa.select(_ABSENCE).where(
            _ABSENCE.c.id != wish.id, _ABSENCE.c.until_at > now, _ABSENCE.c.called_off_at.is_(None)
        )
    ).all()
    found = member(session, deps, wish.substitute) if wish.substitute_id and wish.substitute else None
    mistakes = mistakes_in(
        wish,
        now=now,
        own=person.standing,
        substitutes=found.standing if found else None,
        others=others,
        name_of=partial(_name_of, session),
    )
    if mistakes:
        raise AbsenceRefused(mistakes)


def _name_of(session: Session, person_id: UUID) -> str:
    return session.scalar(sa.select(_PERSON.c.name).where(_PERSON.c.id == person_id)) or ""


def _columns(wish: Wish, now: datetime) -> dict[str, Any]:
    return {
        "from_at": wish.from_at, "until_at": wish.until_at, "substitute_id": wish.substitute_id,
        "roles": None if wish.roles is None else list(wish.roles), "approvals": wish.approvals,
        "hand_over": wish.hand_over, "reason": wish.reason, "look_at": next_look(wish.from_at, wish.until_at, now),
    }  # fmt: skip


def _told(wish: Wish) -> dict[str, Any]:
    """What the trail keeps: the reason, which may speak of somebody's health, only as a digest."""
    return {
        "person": wish.login,
        "from_at": wish.from_at.isoformat(),
        "until_at": wish.until_at.isoformat(),
        "substitute": wish.substitute,
        "roles": None if wish.roles is None else list(wish.roles),
        "approvals": wish.approvals,
        **({"hand_over": wish.hand_over} if wish.hand_over else {}),
        **({"reason": digest(wish.reason)} if wish.reason else {}),
    }


def _takes_effect(session: Session, absence_id: UUID, *, also: UUID | None = None) -> None:
    """Every process reads who is away again, and what somebody holds and may not go on with is given back."""
    bump_office(session, moves_work=False)
    look_now(session, absence_id, also=also)
