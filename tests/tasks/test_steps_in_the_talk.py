"""What is said with a step on a task stands in its talk, in order among the comments, for whoever reads them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import NotFound, RedressError
from tasks import desk
from tasks.talk import comments
from tests.tasks.office import TestOffice
from tests.tasks.test_drafts import taken


def test_returns_and_notes_stand_among_the_comments_in_order(office: TestOffice) -> None:
    task = taken(office)
    number = office.read("li_na", task).number

    def next_minute() -> None:
        office.clock.advance(timedelta(minutes=1))

    office.delegate("li_na", task, "he_jing", "请代查话单 @he_jing")
    next_minute()
    with office.acting("he_jing") as (session, caller):
        comments.comment_task(session, office.deps, caller, task, "话单已调取")
    next_minute()
    office.resolve("he_jing", task, "已核对")
    next_minute()
    office.release("li_na", task)
    office.claim("li_na", task)
    with office.acting("li_na") as (session, caller):
        desk.release(session, office.deps, caller, task, "不属于本班组")

    expected = [
        ("delegate", "李楠", "请代查话单 @he_jing"),
        (None, "何菁", "话单已调取"),
        ("resolve", "何菁", "已核对"),
        ("release", "李楠", "不属于本班组"),
    ]
    with office.acting("he_jing") as (session, caller):
        of_task = comments.comments_of_task(session, office.deps, caller, task).items
        of_case = comments.comments_of_case(session, office.deps, caller, number).items
    assert [(one.step, one.author_name, one.text) for one in of_task] == expected
    assert [one.id for one in of_case] == [one.id for one in of_task]
    with office.acting("chen_yu") as (session, caller), pytest.raises(NotFound):
        comments.comments_of_task(session, office.deps, caller, task)


def test_a_step_that_is_refused_says_nothing(office: TestOffice) -> None:
    task = taken(office)
    for act in (
        lambda: office.delegate("li_na", task, "chen_yu", "请代查"),
        lambda: office.resolve("li_na", task, "已查"),
    ):
        with pytest.raises(RedressError, match="was asked"):
            act()
    with office.acting("li_na") as (session, caller):
        assert comments.comments_of_task(session, office.deps, caller, task).items == []
