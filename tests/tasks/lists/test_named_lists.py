"""The named lists: what is in them, in which order, how they are narrowed and counted, page by page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput, NotPermitted
from tasks.lists.counting import counts
from tasks.lists.filters import TaskFilter
from tasks.lists.named import ORDERS, ListName, Order, task_list
from tasks.user_task import UserTask
from tests.tasks.office import FACTS, TestOffice

VIP = {**FACTS, "customer": {**FACTS["customer"], "name": "欧阳建国", "level": "vip"}}


def listed(
    office: TestOffice,
    login: str,
    name: ListName,
    *,
    sort: Order = "due",
    limit: int = 50,
    **wanted: Any,
) -> list[str]:
    """The case numbers of a whole list, read page by page."""
    found: list[str] = []
    cursor = None
    while True:
        with office.acting(login) as (session, caller):
            page = task_list(
                session,
                office.deps,
                caller,
                name,
                where=TaskFilter(**wanted),
                sort=sort,
                limit=limit,
                cursor=cursor,
            )
        found += [row.business_key for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def change(office: TestOffice, number: str, **values: Any) -> None:
    with office.deps.sessions.begin() as session:
        session.execute(sa.update(UserTask).where(UserTask.business_key == number).values(**values))


def test_what_is_late_and_what_is_warned_of_mine_and_of_my_queue(office: TestOffice) -> None:
    held, free, vip = office.file(), office.file(), office.file(facts=VIP)  # four hours, four, one
    office.claim("li_na", held.tasks[0]["id"])
    office.clock.advance(timedelta(hours=2))
    assert listed(office, "li_na", "overdue") == [vip.number]
    assert set(listed(office, "li_na", "warned")) == {held.number, free.number}
    office.clock.advance(timedelta(hours=3))
    assert listed(office, "li_na", "overdue") == [vip.number, held.number, free.number]
    assert listed(office, "li_na", "warned") == []
    assert listed(office, "he_jing", "overdue") == [vip.number, free.number]
    assert listed(office, "xu_wen", "overdue") == []


def test_what_is_put_off_sleeps_until_its_day(office: TestOffice) -> None:
    case = office.file()
    office.claim("li_na", case.tasks[0]["id"])
    change(office, case.number, follow_up_at=office.clock.now() + timedelta(hours=1))
    assert (listed(office, "li_na", "inbox"), listed(office, "li_na", "asleep")) == ([], [case.number])
    office.clock.advance(timedelta(hours=1))
    assert (listed(office, "li_na", "inbox"), listed(office, "li_na", "asleep")) == ([case.number], [])


def test_a_lead_sees_whatever_is_open_below_and_nobody_else_does(office: TestOffice) -> None:
    held, free, far = office.file(), office.file(), office.file("chen_yu")
    office.claim("he_jing", held.tasks[0]["id"])
    assert set(listed(office, "sun_qiang", "team")) == {held.number, free.number}
    assert listed(office, "sun_qiang", "team", assignee="he_jing") == [held.number]
    assert listed(office, "sun_qiang", "team", assignee="") == [free.number]
    assert listed(office, "lin_hai", "team") == [far.number]
    with pytest.raises(NotPermitted):
        listed(office, "li_na", "team")


@pytest.mark.parametrize("sort", ORDERS)
def test_every_order_is_whole_page_by_page(office: TestOffice, sort: Order) -> None:
    numbers = []
    for hours in (3, 1, 2, 1, 3):
        number = office.file().number
        due = office.clock.now() + timedelta(hours=hours)
        change(office, number, due_at=due, sort_at=due, priority=50 + hours)
        numbers.append((number, due, office.clock.now()))
        office.clock.advance(timedelta(minutes=1))
    whole = listed(office, "he_jing", "queue", sort=sort)
    assert listed(office, "he_jing", "queue", sort=sort, limit=2) == whole
    assert sorted(whole) == sorted(number for number, _, _ in numbers)
    if sort == "created":
        assert whole == [number for number, _, _ in numbers]
    if sort == "due":
        assert whole == [number for number, due, _ in sorted(numbers, key=lambda each: each[1])]


def test_filters_narrow_and_hold_together(office: TestOffice) -> None:
    plain, vip = office.file().number, office.file(facts=VIP).number
    change(office, vip, priority=80)
    queue = {"login": "he_jing", "name": "queue"}
    for wanted in (
        {"customer": "欧阳"},
        {"customer_level": "vip"},
        {"priority": 80},
        {"q": "建国"},
        {"number": vip},
        {"due_before": office.clock.now() + timedelta(hours=2)},
        {
            "customer": "1380000",
            "clock": "today",
            "priority": 60,
            "unit": "henan",
            "activity_id": "check_request",
        },
    ):
        assert listed(office, **queue, **wanted) == [vip], wanted  # type: ignore[arg-type]
    for wanted in (
        {"customer": "退费"},  # said in the case, and not of the customer
        {"unit": "zhejiang"},
        {"unit": "nowhere"},
        {"clock": "late"},
        {"clock": "paused"},
        {"clock": "none"},
        {"business": "broadband"},
    ):
        assert listed(office, **queue, **wanted) == [], wanted  # type: ignore[arg-type]
    assert listed(office, "he_jing", "queue", due_after=office.clock.now() + timedelta(hours=2)) == [plain]


def test_a_group_that_is_not_mine_and_a_cursor_that_is_not_ours_are_refused(office: TestOffice) -> None:
    with pytest.raises(InvalidInput, match="not one of yours"):
        listed(office, "he_jing", "overdue", group="channel@/hq/zhejiang/zhejiang_hotline/")
    with office.acting("he_jing") as (session, caller), pytest.raises(InvalidInput, match="cursor"):
        task_list(
            session, office.deps, caller, "team" if caller.login == "sun_qiang" else "queue", cursor="x"
        )


def test_all_lists_are_counted_at_once(office: TestOffice) -> None:
    cases = [office.file() for _ in range(3)]
    office.claim("li_na", cases[0].tasks[0]["id"])
    office.clock.advance(timedelta(hours=2))
    with office.acting("li_na") as (session, caller):
        mine = counts(session, office.deps, caller)
    assert (mine.inbox, mine.asleep, mine.queue, mine.overdue, mine.warned, mine.team) == (
        1,
        0,
        2,
        0,
        3,
        None,
    )
    with office.acting("sun_qiang") as (session, caller):
        assert counts(session, office.deps, caller).team == 3


def test_what_i_have_given_to_somebody_waits_in_a_list_of_its_own(office: TestOffice) -> None:
    case = office.file()
    office.claim("li_na", case.tasks[0]["id"])
    office.delegate("li_na", case.tasks[0]["id"], "he_jing", "请代查话单")
    assert listed(office, "li_na", "delegated") == listed(office, "he_jing", "inbox") == [case.number]
    assert listed(office, "li_na", "inbox") == listed(office, "he_jing", "delegated") == []
    with office.acting("li_na") as (session, caller):
        assert counts(session, office.deps, caller).delegated == 1
