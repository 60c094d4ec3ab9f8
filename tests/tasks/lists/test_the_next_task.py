"""The next task: by the rule, and for many clerks at once each task once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput
from tasks import desk
from tasks.audit.tables import AuditEvent
from tasks.lists.next_task import next_task
from tasks.lists.weights import load_weights
from tasks.user_task import UserTask
from tests.tasks.lists.test_named_lists import VIP, change, listed
from tests.tasks.office import TestOffice

CLERKS = 20
WEIGHTS = [
    {"factor": "priority", "fact": "", "value": "", "hours": "1"},
    {"factor": "unlimited", "fact": "", "value": "", "hours": "72"},
    {"factor": "fact", "fact": "customer.level", "value": '"vip"', "hours": "8"},
]


def take(office: TestOffice, login: str = "he_jing", **more: Any) -> Any:
    with office.acting(login) as (session, caller):
        return next_task(session, office.deps, caller, **more)


def weigh(office: TestOffice, rows: list[dict[str, str]]) -> int:
    with office.deps.sessions.begin() as session:
        return load_weights(session, rows)


def test_what_is_due_first_comes_first_unless_something_weighs_more(office: TestOffice) -> None:
    first, second, third = (office.file().number for _ in range(3))
    change(office, third, priority=60)
    assert listed(office, "he_jing", "queue", sort="priority") == [third, first, second]
    taken = take(office)
    assert (taken.business_key, taken.state, taken.assignee_name) == (third, "assigned", "何菁")
    assert listed(office, "he_jing", "inbox") == [third]
    assert [take(office).business_key, take(office).business_key, take(office)] == [first, second, None]


def test_the_weights_are_the_offices_own(office: TestOffice) -> None:
    vip = office.file(facts=VIP).number
    due = office.clock.now() + timedelta(hours=6)
    change(office, vip, due_at=due, sort_at=due)
    plain = office.file().number  # due in four hours
    assert listed(office, "he_jing", "queue", sort="priority") == [plain, vip]
    assert weigh(office, WEIGHTS) == 3
    assert weigh(office, WEIGHTS) == 0
    assert listed(office, "he_jing", "queue", sort="priority") == [vip, plain]


def test_what_stands_still_or_has_no_clock_waits_its_turn(office: TestOffice) -> None:
    still, without, due = (office.file().number for _ in range(3))
    change(office, still, due_at=None, sort_at=sa.text("'9999-01-01+00'"), paused_at=office.clock.now())
    change(office, without, due_at=None, sort_at=sa.text("'9999-01-01+00'"))
    assert listed(office, "he_jing", "queue", sort="priority") == [due, without, still]


def test_what_is_put_off_or_of_another_group_is_not_given(office: TestOffice) -> None:
    case = office.file()
    change(office, case.number, follow_up_at=office.clock.now() + timedelta(hours=1))
    assert take(office) is None
    assert take(office, "chen_yu") is None
    office.clock.advance(timedelta(hours=1))
    with pytest.raises(InvalidInput, match="not one of yours"):
        take(office, group="department@/hq/henan/henan_network/")
    assert take(office, group="channel@/hq/henan/henan_hotline/").id == case.tasks[0]["id"]


def test_who_has_returned_it_is_not_given_it_again(office: TestOffice) -> None:
    returned, other = office.file(), office.file()
    taken = take(office)
    assert taken.business_key == returned.number
    with office.acting("he_jing") as (session, caller):
        desk.release(session, office.deps, caller, taken.id, "不属于本班组")
    assert listed(office, "he_jing", "queue", returned=True) == [returned.number]
    assert take(office).business_key == other.number
    assert take(office) is None
    assert take(office, "li_na").business_key == returned.number


def test_taking_it_leaves_a_line(office: TestOffice) -> None:
    office.file()
    task = take(office)
    line = sa.select(AuditEvent).where(AuditEvent.verb == "task.claim", AuditEvent.subject_id == str(task.id))
    with office.deps.sessions() as session:
        found = session.scalars(line).one()
    assert (found.chain, found.actor_name) == (task.business_key, "何菁")


def test_twenty_clerks_at_once_get_every_task_once_and_nobody_is_idle(office: TestOffice) -> None:
    tasks = {office.file().tasks[0]["id"] for _ in range(2 * CLERKS)}
    together = Barrier(CLERKS)

    def work(index: int) -> list[UUID]:
        together.wait()
        mine: list[UUID] = []
        while (row := take(office, "li_na" if index % 2 else "he_jing")) is not None:
            mine.append(row.id)
        return mine

    with ThreadPoolExecutor(CLERKS) as pool:
        given = [task for mine in pool.map(work, range(CLERKS)) for task in mine]
    assert Counter(given) == Counter(tasks)
    assert office.scalar(sa.select(sa.func.count()).where(UserTask.state == "created")) == 0


def test_the_last_task_goes_to_somebody_while_another_gives_it_up(office: TestOffice) -> None:
    task = office.file().tasks[0]["id"]
    with ThreadPoolExecutor(1) as pool:
        with office.deps.sessions() as held:
            held.execute(sa.select(UserTask.id).where(UserTask.id == task).with_for_update())
            waiting = pool.submit(take, office)
            held.rollback()
        assert waiting.result(60).id == task


@pytest.mark.parametrize(
    "row",
    [
        {"factor": "luck", "fact": "", "value": "", "hours": "1"},
        {"factor": "fact", "fact": "", "value": "", "hours": "1"},
        {"factor": "fact", "fact": "tags", "value": "media", "hours": "1"},
        {"factor": "priority", "fact": "tags", "value": '"x"', "hours": "1"},
        {"factor": "priority", "fact": "", "value": "", "hours": "inf"},
        {"factor": "unlimited", "fact": "", "value": "", "hours": "soon"},
    ],
)
def test_a_weight_that_means_nothing_is_refused(office: TestOffice, row: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="row 2"):
        weigh(office, [WEIGHTS[0] if row["factor"] != "priority" else WEIGHTS[1], row])
