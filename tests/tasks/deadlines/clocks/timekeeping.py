"""Diagrams with clocks and bound timers, and short verbs that move clocks, for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.actor import SYSTEM
from engine.dialect import SourceFile
from engine.timers import Timer
from tasks.deadlines.calendar.changed import calendar_changed
from tasks.deadlines.calendar.keeping import set_day
from tasks.deadlines.calendar.tables import CalendarYear, Workday
from tasks.deadlines.clocks.changing import extending, pausing, promising
from tasks.deadlines.clocks.tables import Clock, ClockPause, ClockRequest, ClockRevision
from tasks.deadlines.policies.loading import load_policies
from tests.tasks.drawings import drawn
from tests.tasks.office import CLOCKS, FACTS, TestOffice

PAUSABLE = "customer mass_event"


def properties(**named: str) -> str:
    """`sla_policy="T.check"` as camunda properties; the first `_` is the point."""
    rows = "".join(
        f'<camunda:property name="{name.replace("_", ".", 1)}" value="{value}"/>'
        for name, value in named.items()
    )
    return (
        f"<bpmn:extensionElements><camunda:properties>{rows}</camunda:properties></bpmn:extensionElements>"
        if rows
        else ""
    )


def timed(key: str, code: str = "T.check", *, asks: str = "", **more: str) -> SourceFile:
    """A user task `work` with a clock, and a boundary timer bound to it that leads to the task `late`."""
    when = (asks or f'=due("{code}")').replace('"', "&quot;")
    return drawn(
        key,
        '<bpmn:startEvent id="s"/><bpmn:userTask id="work" name="办理" camunda:candidateGroups="channel">'
        f"{properties(sla_policy=code, **more)}</bpmn:userTask>"
        '<bpmn:boundaryEvent id="over" attachedToRef="work"><bpmn:timerEventDefinition id="t">'
        f'<bpmn:timeDate xsi:type="bpmn:tFormalExpression">{when}</bpmn:timeDate>'
        '</bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:userTask id="late" name="超时处理"/>'
        '<bpmn:endEvent id="e"/><bpmn:endEvent id="e2"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="e"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="over" targetRef="late"/>'
        '<bpmn:sequenceFlow id="f4" sourceRef="late" targetRef="e2"/>',
    )


def register(office: TestOffice, *rows: dict[str, str]) -> None:
    """The office's register with more rows."""
    with office.deps.sessions.begin() as session:
        load_policies(session, [*CLOCKS, *rows], now=office.clock.now())


def filed(office: TestOffice, source: SourceFile | None = None, *, login: str = "li_na") -> str:
    """The number of a new case, under the regime `request` or under a diagram of its own."""
    if source is None:
        return office.file(login, facts=FACTS).number
    office.deploy(source)
    return office.file(login, source.name.removesuffix(".bpmn"), {}).number


def clock_of(office: TestOffice, number: str, code: str = "T.check") -> Any:
    """The newest clock of a code."""
    with office.deps.sessions() as session:
        wanted = sa.select(Clock).where(Clock.number == number, Clock.code == code)
        return session.scalars(wanted.order_by(Clock.started_at.desc(), Clock.id.desc())).first()


def timer_of(office: TestOffice, number: str) -> datetime | None:
    """When the one timer of the case fires; None where there is no row."""
    with office.deps.sessions() as session:
        rows = session.scalars(
            sa.select(Timer.due_at)
            .join(Clock, Clock.instance_id == Timer.instance_id)
            .where(Clock.number == number, Timer.fired_at.is_(None))
            .distinct()
        ).all()
    assert len(rows) <= 1
    return rows[0] if rows else None


def ledger(office: TestOffice, clock_id: UUID) -> list[Any]:
    with office.deps.sessions() as session:
        wanted = sa.select(ClockPause).where(ClockPause.clock_id == clock_id).order_by(ClockPause.from_at)
        return list(session.scalars(wanted))


def revisions(office: TestOffice, clock_id: UUID) -> list[Any]:
    with office.deps.sessions() as session:
        wanted = sa.select(ClockRevision).where(ClockRevision.clock_id == clock_id)
        return list(session.scalars(wanted.order_by(ClockRevision.revision)))


def requests(office: TestOffice, clock_id: UUID) -> list[Any]:
    with office.deps.sessions() as session:
        wanted = sa.select(ClockRequest).where(ClockRequest.clock_id == clock_id)
        return list(session.scalars(wanted.order_by(ClockRequest.asked_at, ClockRequest.id)))


def pause(
    office: TestOffice, what: str | UUID, reason: str = "customer", *, login: str = "li_na", **more: Any
) -> None:
    """Pause a case by its number, or a clock by its id."""
    with office.acting(login) as (session, caller):
        if isinstance(what, str):
            pausing.pause_case(session, office.deps, caller, what, reason=reason, **more)
        else:
            pausing.pause_clock(session, office.deps, caller, what, reason=reason, **more)


def resume(office: TestOffice, what: str | UUID, *, login: str = "li_na") -> None:
    with office.acting(login) as (session, caller):
        if isinstance(what, str):
            pausing.resume_case(session, office.deps, caller, what)
        else:
            pausing.resume_clock(session, office.deps, caller, what)


def ask(office: TestOffice, clock_id: UUID, amount: Any, *, login: str = "li_na", **more: Any) -> UUID:
    with office.acting(login) as (session, caller):
        return extending.ask_extension(
            session, office.deps, caller, clock_id, amount=amount, reason="等厂家", **more
        )


def decide(
    office: TestOffice, clock_id: UUID, request_id: UUID, *, approve: bool = True, login: str = "sun_qiang"
) -> None:
    with office.acting(login) as (session, caller):
        extending.decide(session, office.deps, caller, clock_id, request_id, approve=approve)


def extend(office: TestOffice, clock_id: UUID, amount: Any) -> None:
    decide(office, clock_id, ask(office, clock_id, amount))


def promise(office: TestOffice, clock_id: UUID, until: datetime, *, login: str = "li_na") -> None:
    with office.acting(login) as (session, caller):
        promising.promise(session, office.deps, caller, clock_id, until=until, text="三日内答复")


def send(office: TestOffice, message: str, number: str) -> None:
    with office.deps.sessions.begin() as session:
        office.deps.engine.correlate(session, message, business_key=number, actor=SYSTEM)


def decide_day(office: TestOffice, region: str, day: date, kind: str) -> None:
    """A unit rests or works on a day; running clocks are counted again at once."""
    with office.deps.sessions.begin() as session:
        set_day(session, office.deps, None, region, day, kind, reason="台风")
    office.settle()


def publish(office: TestOffice, year: int, rest: Iterable[date] = ()) -> None:
    """The notice of a year, with these days of rest on weekdays; running clocks are counted again at once."""
    now = office.clock.now()
    with office.deps.sessions.begin() as session:
        session.execute(
            sa.insert(CalendarYear).values(year=year, source="notice", imported_at=now, imported_by="test")
        )
        rows = [{"day": day, "region": "", "kind": "rest", "year": year, "changed_at": now} for day in rest]
        if rows:
            session.execute(sa.insert(Workday), rows)
        calendar_changed(session, date(year, 1, 1), date(year, 12, 31), "")
    office.settle()
