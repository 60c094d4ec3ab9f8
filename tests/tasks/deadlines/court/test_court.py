"""The ledger of a real case, worked through at the desk."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from engine.clock import FrozenClock
from engine.errors import NotFound
from engine.instance import ProcessInstance
from tasks.core import table
from tasks.deadlines.clocks.tables import Clock, ClockPause
from tasks.deadlines.court.reading import Court, read_court
from tasks.deadlines.supervision.tables import Supervision
from tests.tasks.deadlines.court.dispatching import refused_twice
from tests.tasks.deadlines.court.test_holdings import a_clock
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice

HENAN = "/hq/henan/"
CENTRE, BILLING, NETWORK = (f"{HENAN}henan_{name}/" for name in ("centre", "billing", "network"))


def court(office: TestOffice, number: str, login: str = "wang_lei") -> Court:
    with office.acting(login) as (session, caller):
        return read_court(session, office.deps, caller, number)


def told(found: Court) -> list[tuple[int, str, str, str]]:
    """Whole hours, charged unit, reason, holder."""
    return [
        (line.minutes // 60, line.segment.unit, line.segment.reason, line.segment.holder)
        for line in found.lines
    ]


def test_each_refusal_counts_against_who_refused(office: TestOffice, clock: FrozenClock) -> None:
    found = court(office, refused_twice(office, clock))
    assert told(found) == [
        (1, CENTRE, "handling", CENTRE),
        (2, BILLING, "refusal", BILLING),
        (3, BILLING, "refusal", CENTRE),
        (4, NETWORK, "refusal", NETWORK),
        (5, NETWORK, "refusal", CENTRE),
        (6, NETWORK, "handling", NETWORK),
    ]
    assert (found.running, found.minutes) == (True, 21 * 60)
    by_unit = {one.key: (one.minutes // 60, one.refusals, one.reasons) for one in found.by_unit}
    assert by_unit == {
        NETWORK: (15, 1, (("refusal", 540), ("handling", 360))),
        BILLING: (5, 1, (("refusal", 300),)),
        CENTRE: (1, 0, (("handling", 60),)),
    }
    assert {one.key: one.minutes for one in found.by_reason} == {"refusal": 14 * 60, "handling": 7 * 60}
    assert {one.key: one.minutes // 60 for one in found.by_stage} == {"send_order": 9, "sign": 12}
    # From nine on Monday: the first hour is office time, of the six from midnight on Tuesday none is.
    assert (found.lines[0].working, found.lines[-1].working) == (60, 0)


def test_a_case_that_has_ended_ends_its_ledger(office: TestOffice, clock: FrozenClock) -> None:
    number = refused_twice(office, clock)
    task = office.task("sign")
    office.claim("feng_bo", task.id)
    office.complete("feng_bo", task.id, {"outcome": "signed"})
    clock.advance(timedelta(days=3))
    found = court(office, number)
    assert (found.running, found.minutes) == (False, 21 * 60)


def test_a_pause_of_the_case_is_nobodys_time_and_that_of_a_task_its_holders(
    office: TestOffice, clock: FrozenClock
) -> None:
    number = refused_twice(office, clock)
    task = office.task("sign")
    of_case = {**a_clock(task, clock), "kind": "case", "token_id": task.instance_id}
    of_task = a_clock(task, clock)
    stood = [
        (
            of_case,
            "customer",
            clock.now() - timedelta(hours=21),
            clock.now() - timedelta(hours=20, minutes=30),
        ),
        (of_task, "regulator", clock.now() - timedelta(hours=6), clock.now() - timedelta(hours=5)),
        (of_task, "mass_event", clock.now() - timedelta(hours=1), None),
    ]
    with office.deps.sessions.begin() as session:
        session.execute(sa.insert(table(Clock)), [of_case, of_task])
        for owner, reason, begun, over in stood:
            session.execute(
                sa.insert(table(ClockPause)).values(
                    id=uuid4(), clock_id=owner["id"], reason=reason, note="", from_at=begun, to_at=over,
                    begun_by="李楠", held_by=["customer:x"], ended_by="",
                )
            )  # fmt: skip
    found = court(office, number)
    assert {one.key: one.minutes for one in found.by_reason} == {
        "customer": 30, "regulator": 60, "mass_event": 60, "refusal": 14 * 60, "handling": 7 * 60 - 150,
    }  # fmt: skip
    assert found.lines[0].segment.unit == ""


def test_supervision_is_beside_the_case(office: TestOffice, clock: FrozenClock) -> None:
    number = refused_twice(office, clock)
    before = told(court(office, number))
    pressed = office.scalar(sa.select(ProcessInstance.id).where(ProcessInstance.business_key == number))
    office.deploy(one_task("watching", 'camunda:candidateGroups="headquarters"'))
    office.start("watching", number)
    watching = office.task("work")
    with office.deps.sessions.begin() as session:
        session.execute(
            sa.insert(table(Supervision)).values(
                instance_id=watching.instance_id,
                about_id=pressed,
                number=number,
                reason="urge",
                key=str(watching.instance_id),
                opened_at=clock.now(),
            )
        )
    assert told(court(office, number)) == before


def test_who_does_not_see_the_case_is_told_nothing_of_it(office: TestOffice, clock: FrozenClock) -> None:
    number = refused_twice(office, clock)
    told = []
    for asked in (number, "TS0000"):
        with pytest.raises(NotFound) as refused:
            court(office, asked, "chen_yu")
        told.append(str(refused.value).replace(asked, "…"))
    assert told[0] == told[1]
