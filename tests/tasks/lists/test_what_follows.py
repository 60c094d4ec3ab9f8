"""After completing: the next task of the same case, else what the rule would give, and nothing is claimed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tasks import desk
from tasks.user_task import UserTask
from tests.tasks.deadlines.clocks.timekeeping import filed
from tests.tasks.lists.test_levels_and_marks import judging
from tests.tasks.lists.test_named_lists import change
from tests.tasks.office import TestOffice


def after(office: TestOffice, login: str, task: Any) -> Any:
    """What follows a task, once somebody has completed it."""
    office.claim(login, task.id)
    office.complete(login, task.id, {"outcome": "close"} if task.activity_id == "check_request" else {})
    return following(office, login, task)


def following(office: TestOffice, login: str, task: Any) -> Any:
    with office.acting(login) as (session, caller):
        row = desk.following(
            session, office.deps, caller, desk.read_task(session, office.deps, caller, task.id)
        )
    return row and (row.business_key, row.activity_id, row.state)


def test_the_same_case_goes_first_then_what_the_rule_would_give(office: TestOffice) -> None:
    first, second = office.file().number, office.file().number
    change(office, second, priority=60)
    number = filed(office, judging("judged", ""))
    assert after(office, "li_na", office.task("before", number)) == (number, "beside", "created")
    assert after(office, "li_na", office.task("beside", number)) == (number, "after", "created")
    assert after(office, "li_na", office.task("after", number)) == (second, "check_request", "created")
    assert after(office, "li_na", office.task("check_request", second))[0] == first
    assert after(office, "li_na", office.task("check_request", first)) is None
    assert office.scalar(sa.select(sa.func.count()).where(UserTask.state == "assigned")) == 0


def test_neither_what_is_put_off_nor_what_was_given_back_nor_what_others_hold_follows(
    office: TestOffice,
) -> None:
    number = filed(office, judging("judged", ""))
    done, beside = office.task("before", number), office.task("beside", number)
    office.claim("li_na", beside.id)
    assert after(office, "he_jing", done) == (number, "after", "created")
    office.follow_up("li_na", beside.id, office.clock.now() + timedelta(hours=1))
    assert following(office, "li_na", done) == (number, "after", "created")
    office.clock.advance(timedelta(hours=1))
    assert following(office, "li_na", done) == (number, "beside", "assigned")
    last = office.task("after", number)
    office.claim("he_jing", last.id)
    with office.acting("he_jing") as (session, caller):
        desk.release(session, office.deps, caller, last.id, "不属于本班组")
    assert following(office, "he_jing", done) is None


def test_nothing_follows_for_whoever_is_offered_nothing(office: TestOffice) -> None:
    office.file("chen_yu")
    number = filed(office, judging("judged", ""))
    task = office.task("before", number)
    with office.acting("sun_qiang") as (session, caller):
        assert (
            desk.following(
                session, office.deps, caller, desk.read_task(session, office.deps, caller, task.id)
            )
            is None
        )
