"""Many cases below one master: opened once, joined by all, released together."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from engine.actor import SYSTEM
from engine.messages import Message
from tasks.audit.tables import AuditEvent
from tasks.cases.linking.links import children_of, links_of
from tasks.cases.reading import read_case
from tasks.cases.tables import Case, CaseLink
from tasks.user_task import UserTask
from tests.tasks.cases.drawings import operation, process, wait, work
from tests.tasks.office import TestOffice

JOIN = operation("join", "join_master", regime="mass", key="郑州断网", facts='={demand: "全网中断"}')
CHILD = process(
    "child", JOIN, wait("wait_for_master", "master_resolved"),
    work("after", "channel", said="=message.wait_for_master.text"), messages=("master_resolved",),
)  # fmt: skip
MASTER = process("mass", work("repair"), operation("tell", "release_children", text="已恢复"), work("close"))


@pytest.fixture
def mass(office: TestOffice) -> TestOffice:
    office.deploy(CHILD, MASTER)
    return office


def _count(office: TestOffice, what: sa.Select[tuple[int]]) -> int:
    return int(office.scalar(what))


def _masters(office: TestOffice) -> int:
    return _count(office, sa.select(sa.func.count()).select_from(Case).where(Case.regime == "mass"))


def _repair(office: TestOffice) -> None:
    task = office.task("repair")
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {})
    office.settle()


def test_children_share_one_master_and_go_on_when_it_releases_them(mass: TestOffice) -> None:
    for _ in range(3):
        mass.file(regime="child", facts={})
    mass.settle()
    assert _masters(mass) == 1
    assert mass.task("after") is None
    _repair(mass)
    waiting = sa.select(sa.func.count()).select_from(UserTask).where(UserTask.activity_id == "after")
    assert _count(mass, waiting) == 3
    assert mass.task("after").properties["said"] == "已恢复"
    assert (
        _count(mass, sa.select(sa.func.count()).select_from(Message).where(Message.settled_at.is_(None))) == 0
    )


def test_a_master_that_is_called_off_releases_those_that_wait_below_it(mass: TestOffice) -> None:
    filed = [mass.file(regime="child", facts={}) for _ in range(2)]
    mass.settle()
    with mass.deps.sessions.begin() as session:
        master = session.scalars(sa.select(Case.instance_id).where(Case.regime == "mass")).one()
        assert master is not None
        mass.deps.engine.cancel(session, master, reason="误报", actor=SYSTEM)
    mass.settle()
    for case in filed:
        assert mass.task("after", case.number).properties["said"] is None
    with mass.deps.sessions() as session:
        released = sa.select(AuditEvent.after).where(AuditEvent.verb == "case.release")
        assert session.scalars(released).all() == ['{"released":2}']


def test_who_joins_a_released_master_is_told_that_it_is_resolved(mass: TestOffice) -> None:
    mass.file(regime="child", facts={})
    mass.settle()
    _repair(mass)
    seen = work("seen", resolved="=result.join.resolved", said="=result.join.text")
    mass.deploy(process("late", JOIN, seen))
    mass.file(regime="late", facts={})
    mass.settle()
    assert mass.task("seen").properties == {"resolved": True, "said": "已恢复"}
    assert _masters(mass) == 1


def test_staff_open_the_master_before_any_case_joins_it(mass: TestOffice) -> None:
    mass.deploy(process("mass", operation("become", "become_master", key="郑州断网"), work("repair")))
    first = mass.file(regime="mass", facts={})
    mass.settle()
    mass.file(regime="child", facts={})
    mass.settle()
    assert _masters(mass) == 1
    second = mass.file(regime="mass", facts={})
    mass.settle()  # the event has its master: this one rests as an incident, for nothing catches it
    working = sa.select(UserTask.business_key).where(UserTask.activity_id == "repair")
    assert mass.scalar(working) == first.number
    assert mass.scalar(working.where(UserTask.business_key == second.number)) is None


def test_cases_that_join_at_once_open_one_master(mass: TestOffice) -> None:
    filed = [mass.file(regime="child", facts={}) for _ in range(6)]
    threads = [threading.Thread(target=mass.settle) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mass.settle()
    assert _masters(mass) == 1
    links = sa.select(sa.func.count()).select_from(CaseLink).where(CaseLink.kind == "child_of")
    assert _count(mass, links) == len(filed)


def test_a_master_says_how_many_hang_below_it_and_shows_those_one_sees(mass: TestOffice) -> None:
    mass.file(regime="child", facts={})
    mass.file("chen_yu", "child", {})
    mass.settle()
    number = mass.scalar(sa.select(Case.number).where(Case.regime == "mass"))
    with mass.acting("li_na") as (session, caller):
        master = read_case(session, mass.deps, caller, number)
        counted = children_of(session, master.id)
        shown = links_of(session, caller, master.id)
    assert (counted.all, counted.open, counted.released_at) == (2, 2, None)
    assert [(link.kind, link.earlier, link.open) for link in shown] == [("child_of", False, True)]
