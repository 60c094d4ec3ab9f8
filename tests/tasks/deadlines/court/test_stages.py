"""Whose a stage is while an order moves on inside it, and for whom its figure counts."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine.clock import FrozenClock
from engine.dialect import SourceFile
from tasks.core import table
from tasks.deadlines.clocks import reading
from tasks.deadlines.clocks.holders import held
from tasks.deadlines.clocks.tables import STAGE, Clock
from tasks.deadlines.court.attributing import Held, attribute
from tasks.deadlines.court.tables import DONE, REFUSED, Holding
from tasks.deadlines.outcomes import outcomes
from tasks.deadlines.supervision.ladder import holders_of
from tasks.deadlines.supervision.log import now_pressing
from tests.tasks.deadlines.clocks.timekeeping import register
from tests.tasks.deadlines.court.dispatching import order_files
from tests.tasks.deadlines.court.test_holdings import a_clock
from tests.tasks.office import FACTS, TestOffice

HOUR = timedelta(hours=1)
HENAN = "/hq/henan/"
CENTRE, BILLING, NETWORK = (f"{HENAN}henan_{name}/" for name in ("centre", "billing", "network"))
ORDER = '<bpmn:subProcess id="order_work" name="承办">'
LIMIT = (
    "<bpmn:extensionElements><camunda:properties>"
    '<camunda:property name="sla.policy" value="T.stage"/></camunda:properties></bpmn:extensionElements>'
)


def staged() -> list[SourceFile]:
    """The regime `order` with its work in one stage that has a limit of ten hours."""
    drawing, *forms = order_files()
    text = drawing.content.decode()
    begin, end = text.index("<bpmn:startEvent"), text.index("</bpmn:process>")
    around = (
        '<bpmn:startEvent id="filed"/><bpmn:endEvent id="over"/>'
        f"{ORDER}{LIMIT}{text[begin:end]}</bpmn:subProcess>"
        '<bpmn:sequenceFlow id="g1" sourceRef="filed" targetRef="order_work"/>'
        '<bpmn:sequenceFlow id="g2" sourceRef="order_work" targetRef="over"/>'
    )
    return [SourceFile(drawing.name, (text[:begin] + around + text[end:]).encode()), *forms]


@pytest.fixture
def number(office: TestOffice) -> str:
    register(office, {"code": "T.stage", "limit": "10", "unit": "h"})
    office.deploy(*staged())
    return office.file(regime="order", facts=FACTS).number


def work(office: TestOffice, login: str, step: str, answers: dict[str, str], hours: float) -> None:
    office.clock.advance(hours * HOUR)
    task = office.task(step)
    office.claim(login, task.id)
    office.complete(login, task.id, answers)


def stage(office: TestOffice) -> Any:
    with office.deps.sessions.begin() as session:
        return session.execute(sa.select(Clock).where(Clock.code == "T.stage")).scalar_one()


def seen(office: TestOffice, number: str) -> str:
    with office.acting("wang_lei") as (session, caller):
        clocks = reading.clocks_of_case(session, office.deps, caller, number)
    (found,) = [one.row.held_by for one in clocks if one.row.code == "T.stage"]
    return str(found)


def counted(office: TestOffice) -> dict[str, tuple[int, int]]:
    """By unit: how many stages, and how many of them late."""
    with office.acting("sun_qiang") as (session, caller):
        rows = outcomes(session, office.deps, caller, code="T.stage", by=["unit"])
    return {one.unit: (one.count, one.late) for one in rows}


def test_a_stage_is_whoevers_the_order_is_now(office: TestOffice, number: str) -> None:
    assert seen(office, number) == f"provincial_centre@{CENTRE}"
    work(office, "wang_lei", "send_order", {"unit": "henan_billing"}, 1)
    assert seen(office, number) == f"department@{BILLING}"
    work(office, "deng_li", "sign", {"outcome": "refused"}, 1)
    work(office, "wang_lei", "send_order", {"unit": "henan_network"}, 1)
    assert seen(office, number) == f"department@{NETWORK}"
    with office.deps.sessions.begin() as session:
        told = holders_of(session, stage(office))
    assert [one.group for one in told] == [f"department@{NETWORK}"]
    office.clock.advance(8 * HOUR)
    with office.acting("sun_qiang") as (session, caller):
        at_network, at_billing = (
            now_pressing(session, office.deps, caller, unit=unit).overdue
            for unit in ("henan_network", "henan_billing")
        )
    assert ([row.held_by for row in at_network], list(at_billing)) == ([f"department@{NETWORK}"], [])


def test_a_stage_kept_is_whoevers_it_was_at_its_end(office: TestOffice, number: str) -> None:
    work(office, "wang_lei", "send_order", {"unit": "henan_billing"}, 1)
    work(office, "deng_li", "sign", {"outcome": "refused"}, 1)
    work(office, "wang_lei", "send_order", {"unit": "henan_network"}, 1)
    work(office, "feng_bo", "sign", {"outcome": "signed"}, 6)
    assert counted(office) == {NETWORK: (1, 0)}
    assert seen(office, number) == f"department@{NETWORK}"


def test_who_gets_an_order_too_late_is_not_late_with_it(office: TestOffice, number: str) -> None:
    work(office, "wang_lei", "send_order", {"unit": "henan_billing"}, 1)
    work(office, "deng_li", "sign", {"outcome": "refused"}, 10)  # due an hour ago
    work(office, "wang_lei", "send_order", {"unit": "henan_network"}, 1)
    work(office, "feng_bo", "sign", {"outcome": "signed"}, 1)
    assert counted(office) == {BILLING: (1, 1)}


def test_what_became_late_while_it_was_dispatched_again_is_late_by_who_refused(
    office: TestOffice, number: str
) -> None:
    work(office, "wang_lei", "send_order", {"unit": "henan_billing"}, 1)
    work(office, "deng_li", "sign", {"outcome": "refused"}, 1)
    assert seen(office, number) == f"provincial_centre@{CENTRE}"  # whose superiors are told meanwhile
    work(office, "wang_lei", "send_order", {"unit": "henan_network"}, 9)
    work(office, "feng_bo", "sign", {"outcome": "signed"}, 1)
    assert counted(office) == {BILLING: (1, 1)}


def test_assistants_never_hold_a_stage(office: TestOffice, number: str) -> None:
    work(office, "wang_lei", "send_order", {"unit": "henan_billing"}, 1)
    with office.deps.sessions.begin() as session:
        own = table(Holding)
        mine = session.execute(sa.select(own).where(own.c.to_at.is_(None))).one()
        helping = {**mine._mapping, "task_id": uuid4(), "unit": NETWORK, "assisting": True}
        session.execute(sa.insert(own).values(helping))
        session.execute(
            sa.update(own)
            .where(own.c.task_id == mine.task_id)
            .values(to_at=mine.from_at + HOUR, outcome=DONE)
        )
    assert seen(office, number) == f"department@{BILLING}"


def test_one_instant_is_asked_by_the_same_rule_as_every_minute(
    office: TestOffice, clock: FrozenClock
) -> None:
    office.file()
    task, begun, chance = office.task("check_request"), clock.now(), Random(33)
    expected: dict[UUID, str] = {}
    with office.deps.sessions.begin() as session:
        for _ in range(400):
            case, token, hours = uuid4(), uuid4(), chance.randint(1, 8)
            holdings = [_random(chance, begun) for _ in range(chance.randint(1, 6))]
            row = {
                **a_clock(task, clock), "id": uuid4(), "kind": STAGE, "case_id": case, "token_id": token,
                "due_at": begun + hours * HOUR, "stopped_at": begun + chance.randint(hours, 9) * HOUR, "stop_reason": "done",
            }  # fmt: skip
            session.execute(sa.insert(table(Clock)).values(row))
            for one in holdings:
                session.execute(
                    sa.insert(table(Holding)).values(
                        task_id=one.task_id, turn=1, case_id=case, number="x", instance_id=task.instance_id,
                        activity_id=one.activity_id, name="", holder=f"{one.role}@{one.unit}", unit=one.unit,
                        assisting=False, from_at=one.from_at, to_at=one.to_at, outcome=one.outcome, inside=[token],
                    )
                )  # fmt: skip
            minutes = attribute(holdings, [], begun - HOUR, row["due_at"], filed_in="")
            expected[row["id"]] = minutes[-1].unit
        stage = held()
        asked = sa.select(table(Clock).c.id, stage.c.unit).select_from(
            table(Clock).outerjoin(stage, sa.true())
        )
        found = {row.id: row.unit or "" for row in session.execute(asked.where(table(Clock).c.kind == STAGE))}
    assert found == expected
    assert len(set(expected.values())) > 3


def _random(chance: Random, begun: Any) -> Held:
    start = chance.randint(0, 6)
    over = chance.choice([None, start + chance.randint(1, 4)])
    return Held(
        UUID(int=chance.getrandbits(128)),
        f"/hq/{chance.choice('abcd')}/",
        chance.choice(["centre", "department"]),
        chance.choice(["send", "sign", "work"]),
        "",
        begun + start * HOUR,
        None if over is None else begun + over * HOUR,
        "" if over is None else chance.choice([DONE, REFUSED]),
    )
