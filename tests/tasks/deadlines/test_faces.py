"""How a clock stands at a moment, and the clocks of many rows read at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine.clock import FrozenClock
from tasks.core import table
from tasks.deadlines.clocks.changing.pausing import pause_clock, resume_clock
from tasks.deadlines.clocks.reading import read_clock
from tasks.deadlines.clocks.tables import UNASSIGNED, Clock, ClockPause, ClockRevision
from tasks.deadlines.faces.face import Face, Left, binding, face_of, left_until
from tasks.deadlines.faces.reading import clocks_of_cases, clocks_of_tasks, told_of_case, told_of_task
from tests.tasks.deadlines.calendar.calendars import shipped
from tests.tasks.deadlines.clocks.timekeeping import clock_of, extend, filed, register, timed
from tests.tasks.deadlines.court.test_holdings import a_clock
from tests.tasks.drawings import drawn
from tests.tasks.office import TestOffice

STATE_COUNCIL = shipped()
NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday, nine in the morning in Shanghai."""


def row(**more: Any) -> Any:
    known = {
        "id": UUID(int=1), "kind": "task", "code": "T", "name": "办理", "case_id": None, "token_id": UUID(int=2),
        "activity_id": "work", "region": "/hq/", "amount": Decimal(10), "unit": "h", "target": None,
        "extended": Decimal(0), "rolls": True, "fixed_at": None, "started_at": NINE, "due_at": NINE + timedelta(hours=10),
        "warn_at": NINE + timedelta(hours=9), "paused_at": None, "pause_reason": "", "stopped_at": None,
        "stop_reason": "", "promised_at": None, "provisional": False, "pausable": ["customer"],
    }  # fmt: skip
    return SimpleNamespace(**(known | more))


def face(hours: float, **more: Any) -> Face:
    return face_of(row(**more), STATE_COUNCIL, NINE + timedelta(hours=hours), ())


@pytest.mark.parametrize(
    ("hours", "more", "state"),
    [
        (1, {}, "in_time"),
        (9.5, {}, "warned"),
        (11, {}, "late"),
        (11, {"paused_at": NINE, "due_at": None, "warn_at": None}, "paused"),
        (20, {"stopped_at": NINE + timedelta(hours=9)}, "met"),
        (20, {"stopped_at": NINE + timedelta(hours=10)}, "met"),
        (20, {"stopped_at": NINE + timedelta(hours=11)}, "missed"),
        (20, {"stopped_at": NINE + timedelta(hours=11), "stop_reason": "cancelled"}, "void"),
        (1, {"due_at": None, "warn_at": None}, "none"),
    ],
)
def test_a_clock_stands_as_its_instants_say(hours: float, more: dict[str, Any], state: str) -> None:
    assert face(hours, **more).state == state


def test_what_is_left_of_working_days_is_days_after_today_and_the_offices_time_today() -> None:
    due = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)  # 24:00 of Wednesday in Shanghai
    assert left_until(STATE_COUNCIL, "wd", due, NINE + timedelta(hours=2)) == Left(
        due - NINE - timedelta(hours=2), 2, timedelta(hours=6)
    )
    evening = NINE + timedelta(hours=12)
    assert left_until(STATE_COUNCIL, "wd", due, evening).office == timedelta()
    over = left_until(STATE_COUNCIL, "wd", due, due + timedelta(hours=3))
    assert over.natural == -timedelta(hours=3)


def test_what_is_left_of_hours_is_natural_time_and_so_it_is_where_no_calendar_reaches() -> None:
    due = NINE + timedelta(hours=40)
    assert left_until(STATE_COUNCIL, "h", due, NINE) == Left(timedelta(hours=40))
    far = datetime(2100, 1, 1, tzinfo=UTC)
    assert left_until(STATE_COUNCIL, "wd", far, NINE) == Left(far - NINE)


def test_the_target_stands_beside_the_limit_and_moves_with_pauses() -> None:
    plain = row(target=Decimal(4))
    assert face_of(plain, STATE_COUNCIL, NINE, ()).target_at == NINE + timedelta(hours=4)
    stood = [(NINE + timedelta(hours=1), NINE + timedelta(hours=3))]
    assert face_of(plain, STATE_COUNCIL, NINE, stood).target_at == NINE + timedelta(hours=6)
    assert face_of(plain, STATE_COUNCIL, NINE).target_at is None


def test_a_promise_is_kept_or_not_whatever_the_limit_says() -> None:
    promised = {"promised_at": NINE + timedelta(hours=5)}
    assert face(4, **promised).promise_kept is True
    late = face(6, **promised)
    assert (late.state, late.promise_kept) == ("in_time", False)
    done = face(20, stopped_at=NINE + timedelta(hours=5), **promised)
    assert (done.state, done.promise_kept) == ("met", True)
    assert face(1).promise_kept is None


def test_of_several_clocks_the_one_that_ends_first_binds() -> None:
    internal = row(id=UUID(int=1))
    statutory = row(id=UUID(int=2), due_at=NINE + timedelta(hours=8))
    paused = row(id=UUID(int=3), due_at=None)
    stopped = row(id=UUID(int=4), due_at=NINE, stopped_at=NINE)
    assert binding([internal, statutory, paused, stopped]) == statutory.id
    assert binding([paused, stopped]) is None


def _insert(office: TestOffice, *rows: dict[str, Any]) -> None:
    with office.deps.sessions.begin() as session:
        for one in rows:
            session.execute(sa.insert(table(Clock)).values(one))


def test_a_page_of_tasks_and_cases_reads_its_clocks_in_one_statement_each(
    office: TestOffice, clock: FrozenClock
) -> None:
    filed = [office.file() for _ in range(3)]
    tasks = [office.task("check_request", one.number) for one in filed]
    for task, hours in zip(tasks, (30, 20, 10), strict=True):
        of_case = {
            "kind": "case",
            "token_id": task.instance_id,
            "due_at": clock.now() + timedelta(hours=hours),
        }
        stage = {"kind": "stage", "token_id": uuid4(), "due_at": clock.now() + timedelta(hours=15)}
        waiting = {"code": UNASSIGNED, "due_at": clock.now() + timedelta(hours=1)}
        _insert(
            office, *({**a_clock(task, clock), "id": uuid4(), **more} for more in (of_case, stage, waiting))
        )
    sent: list[str] = []
    engine = office.deps.sessions.kw["bind"]
    sa.event.listen(engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    with office.deps.sessions() as session:
        office.deps.office.current(session)
        del sent[:]
        of_tasks = clocks_of_tasks(session, office.deps, [task.id for task in tasks])
        of_cases = clocks_of_cases(session, office.deps, [one.id for one in filed])
    assert len(sent) == 2
    assert [of_tasks[task.id].code for task in tasks] == ["T.check"] * 3
    assert [of_cases[one.id].kind for one in filed] == ["stage", "stage", "case"]


def test_a_case_that_is_over_shows_the_clock_it_missed(office: TestOffice, clock: FrozenClock) -> None:
    filed = office.file()
    task = office.task("check_request")
    over = {"kind": "case", "stopped_at": clock.now() + timedelta(hours=9)}
    kept = {"due_at": clock.now() + timedelta(hours=10), "code": "kept"}
    _insert(office, *({**a_clock(task, clock), "id": uuid4(), **over, **more} for more in ({}, kept)))
    with office.deps.sessions() as session:
        assert clocks_of_cases(session, office.deps, [filed.id])[filed.id].state == "missed"


def test_a_case_without_a_clock_of_its_own_keeps_showing_those_of_its_stages_when_it_is_over(
    office: TestOffice, clock: FrozenClock
) -> None:
    filed = office.file()
    task = office.task("check_request")
    over = {"kind": "stage", "due_at": clock.now() + timedelta(hours=9)}
    for hours, code in ((1, "first"), (3, "last")):
        stopped = {"token_id": uuid4(), "code": code, "stopped_at": clock.now() + timedelta(hours=hours)}
        _insert(office, {**a_clock(task, clock), "id": uuid4(), **over, **stopped})
    with office.deps.sessions() as session:
        shown = clocks_of_cases(session, office.deps, [filed.id])[filed.id]
        assert (shown.code, shown.state) == ("last", "met")
        codes = [told.face.code for told in told_of_case(session, office.deps, filed.id)]
        assert codes[-2:] == ["last", "first"]
        beside_task = told_of_case(session, office.deps, filed.id, task_id=task.id)
        assert not {"first", "last"} & {told.face.code for told in beside_task}


@pytest.mark.parametrize(("promised", "shown"), [("yes", ("T.all", "met")), ("", ("T.check", "missed"))])
def test_a_case_that_is_over_shows_an_overall_limit_that_was_drawn_on_a_stage(
    office: TestOffice, promised: str, shown: tuple[str, str]
) -> None:
    """As R02.all is: the register promises its end to the customer, so that it goes before a stage that was late."""
    register(office, {"code": "T.all", "limit": "30", "unit": "h", "promised": promised})
    office.deploy(
        drawn(
            "staged",
            '<bpmn:startEvent id="s"/><bpmn:subProcess id="stage">'
            '<bpmn:extensionElements><camunda:properties><camunda:property name="sla.policy" value="T.all T.check"/>'
            '</camunda:properties></bpmn:extensionElements><bpmn:startEvent id="s2"/>'
            '<bpmn:userTask id="work" name="办理" camunda:candidateGroups="channel"/><bpmn:endEvent id="e2"/>'
            '<bpmn:sequenceFlow id="f2" sourceRef="s2" targetRef="work"/>'
            '<bpmn:sequenceFlow id="f3" sourceRef="work" targetRef="e2"/></bpmn:subProcess><bpmn:endEvent id="e"/>'
            '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="stage"/>'
            '<bpmn:sequenceFlow id="f4" sourceRef="stage" targetRef="e"/>',
        )
    )
    filed = office.file("li_na", "staged", {})
    task = office.task("work", filed.number)
    office.claim("li_na", task.id)
    office.clock.advance(timedelta(hours=5))
    office.complete("li_na", task.id, {})
    with office.deps.sessions() as session:
        of_case = clocks_of_cases(session, office.deps, [filed.id])
        told = told_of_case(session, office.deps, filed.id)
    assert [(each.code, each.state) for each in of_case.values()] == [shown]
    assert told[0].face.code == shown[0]


def test_of_two_limits_that_ended_together_the_one_that_was_due_first_is_shown(
    office: TestOffice, clock: FrozenClock
) -> None:
    filed = office.file()
    task = office.task("check_request")
    over = {"kind": "case", "stopped_at": clock.now() + timedelta(hours=2)}
    two = (("R03.reg", 9), ("R03.all", 5))
    _insert(
        office,
        *(
            {
                **a_clock(task, clock),
                "id": uuid4(),
                **over,
                "code": code,
                "due_at": clock.now() + timedelta(hours=hours),
            }
            for code, hours in two
        ),
    )
    with office.deps.sessions() as session:
        assert clocks_of_cases(session, office.deps, [filed.id])[filed.id].code == "R03.all"
        told = [each.face.code for each in told_of_case(session, office.deps, filed.id)]
    assert told[-2:] == ["R03.all", "R03.reg"]


def test_the_ledgers_of_a_clock_come_with_the_names_of_who_wrote_them(
    office: TestOffice, clock: FrozenClock
) -> None:
    filed = office.file()
    task = office.task("check_request")
    one = {**a_clock(task, clock), "kind": "case", "token_id": task.instance_id}
    _insert(office, one)
    with office.acting("li_na") as (session, caller):
        session.execute(
            sa.insert(table(ClockPause)).values(
                id=uuid4(), clock_id=one["id"], reason="customer", note="等话单", from_at=clock.now(), to_at=None,
                begun_by=str(caller.id), held_by=[f"customer:{caller.id}"], ended_by="",
            )
        )  # fmt: skip
        for revision, hours, cause in (
            (1, 4, "start"),
            (2, None, "pause:customer"),
            (3, 6, "resume:customer"),
            (4, 6, "policy"),
        ):
            session.execute(
                sa.insert(table(ClockRevision)).values(
                    clock_id=one["id"], revision=revision, cause=cause, at=clock.now(), by="system", provisional=False,
                    due_at=None if hours is None else clock.now() + timedelta(hours=hours),
                )
            )  # fmt: skip
        of_case = told_of_case(session, office.deps, filed.id)
        of_task = told_of_task(session, office.deps, task.id)
        told = next(each for each in of_case if each.face.id == one["id"])
        assert told.names == {str(caller.id): "李楠"}
    assert [pause.note for pause in told.pauses] == ["等话单"]
    assert [move.cause for move in told.moves] == ["resume:customer"]
    assert {each.face.kind for each in of_case} == {"case", "task"}
    assert [each.face.code for each in of_task] == ["T.check"]


def test_a_task_that_is_due_with_the_clock_around_it_shows_that_one_and_moves_with_it(
    office: TestOffice, clock: FrozenClock
) -> None:
    office.deploy(
        drawn(
            "staged",
            '<bpmn:startEvent id="s"/><bpmn:subProcess id="stage">'
            '<bpmn:extensionElements><camunda:properties><camunda:property name="sla.policy" value="T.working"/>'
            '</camunda:properties></bpmn:extensionElements><bpmn:startEvent id="s2"/>'
            '<bpmn:userTask id="work" name="办理" camunda:candidateGroups="channel"'
            ' camunda:dueDate="=due(&quot;T.working&quot;)"/><bpmn:endEvent id="e2"/>'
            '<bpmn:sequenceFlow id="f3" sourceRef="s2" targetRef="work"/>'
            '<bpmn:sequenceFlow id="f4" sourceRef="work" targetRef="e2"/></bpmn:subProcess><bpmn:endEvent id="e"/>'
            '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="stage"/>'
            '<bpmn:sequenceFlow id="f2" sourceRef="stage" targetRef="e"/>',
        )
    )
    filed = office.file()
    office.start("staged", filed.number)
    begun = office.task("work")
    stage = office.scalar(sa.select(Clock).where(Clock.kind == "stage"))
    assert begun.due_at == stage.due_at

    def shown() -> Face:
        with office.deps.sessions() as session:
            return clocks_of_tasks(session, office.deps, [begun.id])[begun.id]

    assert (shown().id, shown().state) == (stage.id, "in_time")
    with office.deps.sessions.begin() as session:
        session.execute(sa.update(Clock).values(pausable=["customer"]))
    clock.advance(timedelta(hours=1))
    with office.acting("li_na") as (session, caller):
        pause_clock(session, office.deps, caller, stage.id, reason="customer")
    waiting = office.task("work")
    assert (waiting.due_at, waiting.paused_at) == (None, clock.now())
    assert (shown().id, shown().pause_reason) == (stage.id, "customer")
    clock.advance(timedelta(days=1))
    with office.acting("li_na") as (session, caller):
        resume_clock(session, office.deps, caller, stage.id)
    moved = office.task("work")
    assert (moved.due_at, moved.paused_at) == (begun.due_at + timedelta(days=1), None)
    assert moved.sort_at == moved.due_at
    assert office.task("check_request", filed.number).due_at == NINE + timedelta(hours=4)


def test_more_time_moves_the_aim_too_and_pages_and_api_tell_the_same(office: TestOffice) -> None:
    register(office, {"code": "A.aim", "limit": "10", "target": "6", "unit": "h"})
    number = filed(office, timed("aimed", "A.aim"))
    clock = clock_of(office, number, "A.aim")
    extend(office, clock.id, 2)
    with office.acting("li_na") as (session, caller):
        told = told_of_task(session, office.deps, clock.token_id)
        read = read_clock(session, office.deps, caller, clock.id)
    assert told[0].face.target_at == read.clock.target_at == clock.started_at + timedelta(hours=8)
