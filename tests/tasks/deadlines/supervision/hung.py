"""A case with one quiet task, and clocks hung on it by hand: what rings is only what a test has hung up."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from engine.dialect import SourceFile
from tasks.cases.filing import Filed
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deadlines.calendar.limits import Limit, Pause, reckon
from tasks.deadlines.clocks.arming import next_rung, rung_instants
from tasks.deadlines.clocks.tables import Clock, ClockPause
from tasks.deadlines.policies.rungs import LADDER
from tasks.deadlines.supervision.tables import ClockRing, Supervision
from tasks.people.tables import Person
from tasks.talk.tables import Notice
from tasks.user_task import UserTask
from tests.bpmn.drawing import CONTENT
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice

CLOCK, RING = table(Clock), table(ClockRing)


def quiet_case(office: TestOffice, login: str = "li_na", group: str = "provincial_centre") -> Filed:
    """A case with one open task that has no clock of its own."""
    office.deploy(
        one_task(
            "quiet",
            f'camunda:candidateGroups="{group}"',
            '<camunda:property name="sla.policy" value="none"/>',
        )
    )
    return office.file(login, "quiet", {})


def hang(
    office: TestOffice,
    filed: Filed,
    *,
    hours: float = 10,
    rungs: str = LADDER,
    kind: str = "task",
    **other: Any,
) -> UUID:
    """A clock of so many hours that runs from now on the case's newest task, its stage or itself."""
    task = office.task("work", filed.number)
    clock_id, now = uuid4(), office.clock.now()
    limit = Limit(Decimal(str(hours)), "h")
    with office.deps.sessions.begin() as session:
        calendar = office.deps.office.current(session).calendars.of()
        session.execute(
            sa.insert(CLOCK).values(
                {
                    "id": clock_id,
                    "kind": kind,
                    "code": "S.work",
                    "name": "处理时限",
                    "case_id": filed.id,
                    "number": filed.number,
                    "instance_id": filed.instance_id,
                    "token_id": task.id if kind == "task" else filed.instance_id,
                    "activity_id": "work",
                    "region": "/hq/henan/",
                    "holder": task.candidate_group,
                    "amount": limit.amount,
                    "unit": "h",
                    "rolls": True,
                    "extended": 0,
                    "rungs": rungs,
                    "pausable": ["customer"],
                    "stops_on": "done",
                    "started_at": now,
                    "due_at": reckon(calendar, limit, now).at,
                    "provisional": False,
                    "revision": 1,
                    "next_rung": 0,
                    "next_at": rung_instants(calendar, limit, rungs, now)[0],
                    "pause_reason": "",
                    "stop_reason": "",
                    **other,
                }
            )
        )
    return clock_id


def change(office: TestOffice, clock_id: UUID, **values: Any) -> None:
    """Write columns of a clock, as the room that keeps clocks does."""
    with office.deps.sessions.begin() as session:
        session.execute(sa.update(CLOCK).where(CLOCK.c.id == clock_id).values(values))


def stop(office: TestOffice, clock_id: UUID, reason: str = "done") -> None:
    change(office, clock_id, stopped_at=office.clock.now(), stop_reason=reason, next_rung=None, next_at=None)


def pause(office: TestOffice, clock_id: UUID) -> None:
    now = office.clock.now()
    with office.deps.sessions.begin() as session:
        session.execute(
            sa.insert(table(ClockPause)).values(
                id=uuid4(),
                clock_id=clock_id,
                reason="customer",
                note="",
                from_at=now,
                begun_by="t",
                ended_by="",
                held_by=[],
            )
        )
    change(office, clock_id, paused_at=now, next_at=None, due_at=None)


def move(office: TestOffice, clock_id: UUID, *, extended: Decimal | None = None) -> None:
    """Count a clock again, after an extension or the end of its pause: a new revision, armed anew."""
    clock, now = read(office, clock_id), office.clock.now()
    with office.deps.sessions.begin() as session:
        session.execute(
            sa.update(table(ClockPause))
            .where(ClockPause.clock_id == clock_id, ClockPause.to_at.is_(None))
            .values(to_at=now, ended_by="t")
        )
        pauses: list[Pause] = [
            (row.from_at, row.to_at)
            for row in session.execute(sa.select(table(ClockPause)).where(ClockPause.clock_id == clock_id))
        ]
        calendar = office.deps.office.current(session).calendars.of()
        more = clock.extended if extended is None else extended
        limit = Limit(clock.amount, "h").plus(more)
        instants = rung_instants(calendar, limit, clock.rungs, clock.started_at, pauses)
        ever = set(session.scalars(sa.select(RING.c.rung).where(RING.c.clock_id == clock_id)))
        coming = next_rung(instants, behind=-1, now=now, ever=ever) or (None, None)
        session.execute(
            sa.update(CLOCK)
            .where(CLOCK.c.id == clock_id)
            .values(
                extended=more,
                paused_at=None,
                revision=CLOCK.c.revision + 1,
                due_at=reckon(calendar, limit, clock.started_at, pauses).at,
                next_rung=coming[0],
                next_at=coming[1],
            )
        )


def read(office: TestOffice, clock_id: UUID) -> Any:
    with office.deps.sessions() as session:
        return session.execute(sa.select(CLOCK).where(CLOCK.c.id == clock_id)).one()


def rings(office: TestOffice, clock_id: UUID) -> list[Any]:
    """The rings of a clock, in the order they rang."""
    with office.deps.sessions() as session:
        found = sa.select(RING).where(RING.c.clock_id == clock_id).order_by(RING.c.id)
        return list(session.execute(found))


def rung(office: TestOffice, clock_id: UUID) -> list[str]:
    """The steps that have rung, in order."""
    return [ring.step for ring in rings(office, clock_id)]


def told(office: TestOffice, clock_id: UUID) -> list[list[str]]:
    """Who was told at each ring."""
    return [[one["group"] for one in ring.told] for ring in rings(office, clock_id)]


def orders(office: TestOffice, number: str) -> list[Any]:
    """The supervision work orders of a case, oldest first."""
    with office.deps.sessions() as session:
        return list(
            session.execute(
                sa.select(table(UserTask))
                .where(UserTask.business_key == number, UserTask.activity_id == "answer_supervision")
                .order_by(UserTask.created_at, UserTask.id)
            )
        )


def supervisions(office: TestOffice, number: str) -> list[Any]:
    with office.deps.sessions() as session:
        return list(
            session.execute(
                sa.select(table(Supervision))
                .where(Supervision.number == number)
                .order_by(Supervision.opened_at, Supervision.instance_id)
            )
        )


def notices(office: TestOffice, number: str) -> list[tuple[str, str]]:
    """What was told about a case: cause and receiver, in order."""
    with office.deps.sessions() as session:
        rows = session.execute(
            sa.select(table(Notice)).where(Notice.business_key == number).order_by(Notice.id)
        )
        return [(row.cause, row.to_group or str(row.to_person)) for row in rows]


def at(text: str) -> datetime:
    """An instant written in Shanghai time."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def supervision_files() -> list[SourceFile]:
    """The process `supervision` as the office ships it, with its work order, decision table and form."""
    names = (
        "shared/supervision.bpmn",
        "shared/supervision_order.bpmn",
        "decisions/supervise.dmn",
        "forms/answer_supervision.form",
    )
    return [SourceFile(name, (CONTENT / name).read_bytes()) for name in names]


ANSWER = {
    "progress": "已联系承办人核实进展。",
    "measure": "今日内办结并回复。",
    "expected_at": "2026-03-04T10:00+08:00",
}


def answer(office: TestOffice, login: str, task_id: UUID) -> None:
    """Take a work order and answer it."""
    office.claim(login, task_id)
    office.complete(login, task_id, ANSWER)


def person(office: TestOffice, login: str) -> str:
    return str(office.scalar(sa.select(Person.id).where(Person.login == login)))
