"""Telling people: writing notices, in the transaction of what caused them, each once per cause and receiver.

The statement that writes a notice also queues it for `tasks.notices`, which brings it to people outside the pages.

Nobody is told of what they did themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.clock import Clock
from engine.db import Statement
from engine.ids import NewId, time_ordered
from engine.ports import Move
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.people.tables import ApiToken, SigningKey
from tasks.talk.causes import ASSIGNED, CANCELLED, EXPIRING, TOLD

EXPIRING_WITHIN = timedelta(days=7)
"""How long before its end the owner of a token or key hears of it. One that lives no longer is not told of at all."""

_WRITE = Statement(
    """WITH told AS (
           INSERT INTO notice SELECT * FROM jsonb_populate_recordset(NULL::notice, %(rows)s::jsonb)
           ON CONFLICT (key) DO NOTHING RETURNING id, audience)
       INSERT INTO notice_to_send (notice_id) SELECT id FROM told WHERE audience <> 'customer'"""
)
"""A customer is reached by letters, never by what goes to staff: `tasks.notices` is left out."""

_TASKS_GONE = Statement(
    """WITH told AS (INSERT INTO notice (id, key, cause, business_key, instance_id, activity_id, audience, to_group, to_person, task_id,
                           template, text, fields, created_at)
       SELECT held.notice_id, %(cause)s || ':' || task.id || ':' || held.person, %(cause)s, task.business_key,
              task.instance_id, task.activity_id, 'person', '', held.person, task.id, '', '',
              jsonb_build_object('task', task.name), %(at)s
       FROM unnest(%(ids)s::uuid[], %(notices)s::uuid[], %(others)s::uuid[]) AS gone (task_id, notice_id, other_id)
       JOIN user_task task ON task.id = gone.task_id
       CROSS JOIN LATERAL (VALUES (task.assignee_id, gone.notice_id), (task.owner_id, gone.other_id))
         AS held (person, notice_id)
       WHERE task.state = 'cancelled' AND held.person IS NOT NULL AND held.person IS DISTINCT FROM %(by)s::uuid
       ON CONFLICT (key) DO NOTHING RETURNING id)
       INSERT INTO notice_to_send (notice_id) SELECT id FROM told""",
    {"cause": CANCELLED},
)
"""Only the rows know who held what was cancelled, or had delegated it."""


def tell(
    session: Session,
    clock: Clock,
    cause: str,
    about: object,
    *,
    people: Collection[UUID] = (),
    group: str = "",
    number: str = "",
    instance_id: UUID | None = None,
    activity_id: str = "",
    task_id: UUID | None = None,
    fields: Mapping[str, Any] | None = None,
) -> None:
    """Tell people or a candidate group of `cause`. `about` names the single event that caused it, such as a comment's id:
    whoever has heard of it from this cause is not told again. `fields` fill the cause's sentence. One statement, sent
    with the next one or with the COMMIT; none when there is nobody to tell.
    """
    receivers: list[tuple[UUID | None, str]] = [(person, "") for person in people]
    if group:
        receivers.append((None, group))
    new_id = _ids(clock)
    _write(
        session,
        [
            _row(
                id=new_id(),
                key=f"{cause}:{about}:{person or to_group}",
                cause=cause,
                business_key=number,
                instance_id=instance_id,
                activity_id=activity_id,
                audience="person" if person else "unit",
                to_group=to_group,
                to_person=person,
                task_id=task_id,
                fields=dict(fields or {}),
                created_at=clock.now(),
            )
            for person, to_group in receivers
        ],
    )


def tell_in_words(
    session: Session,
    clock: Clock,
    *,
    key: str,
    audience: str,
    to_group: str,
    number: str,
    instance_id: UUID,
    activity_id: str,
    template: str,
    text: str,
) -> None:
    """Write what a diagram tells a unit or the customer. key: the activation, so that a repeated job never tells twice."""
    _write(
        session,
        [
            _row(
                id=_ids(clock)(),
                key=key,
                cause=TOLD,
                business_key=number,
                instance_id=instance_id,
                activity_id=activity_id,
                audience=audience,
                to_group=to_group,
                template=template,
                text=text,
                created_at=clock.now(),
            )
        ],
    )


def tell_of_move(
    session: Session, clock: Clock, move: Move, rows: Collection[Mapping[str, Any]], by: UUID | None
) -> None:
    """Tell holders what a step of a process did to them: what was assigned to them, and what they held and is gone.

    rows: the task rows the step made; by: who acted. No statement unless the step assigned or cancelled something.
    """
    for row in rows:
        if row["assignee_id"] is not None and row["assignee_id"] != by:
            tell(
                session,
                clock,
                ASSIGNED,
                row["id"],
                people=[row["assignee_id"]],
                number=row["business_key"],
                instance_id=row["instance_id"],
                activity_id=row["activity_id"],
                task_id=row["id"],
                fields={"task": row["name"]},
            )
    if move.cancelled:
        new_id = _ids(clock)
        _TASKS_GONE.later(
            session,
            {
                "ids": list(move.cancelled),
                "notices": [new_id() for _ in move.cancelled],
                "others": [new_id() for _ in move.cancelled],
                "at": clock.now(),
                "by": by,
            },
        )


def tell_of_expiring(session: Session, clock: Clock) -> None:
    """Tell owners, and whoever issued it for them, of tokens and signing keys that end within EXPIRING_WITHIN."""
    now = clock.now()
    for kind in (ApiToken, SigningKey):
        each = table(kind).c
        rows = session.execute(
            sa.select(each.id, each.person_id, each.issued_by, each.label, each.expires_at).where(
                each.revoked_at.is_(None),
                each.expires_at > now,
                each.expires_at <= now + EXPIRING_WITHIN,
                each.expires_at > each.created_at + EXPIRING_WITHIN,
            )
        ).all()
        for row in rows:
            tell(
                session,
                clock,
                EXPIRING,
                row.id,
                people={row.person_id, row.issued_by} - {None},
                fields={"label": row.label or str(row.id), "day": _day(row.expires_at)},
            )


def _ids(clock: Clock) -> NewId:
    """One maker for a clock: of two notices of the same millisecond, the later one sorts later."""
    return _maker(cast(Hashable, clock))


_maker = lru_cache(maxsize=4)(time_ordered)


def _day(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _row(**values: Any) -> dict[str, Any]:
    return {"template": "", "text": "", "to_group": "", "fields": {}, **values}


def _write(session: Session, rows: list[dict[str, Any]]) -> None:
    if rows:
        _WRITE.later(session, {"rows": orjson.dumps(rows).decode()})
