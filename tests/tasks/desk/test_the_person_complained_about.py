"""Nobody does a task of a case that complains about them, whenever and wherever the case has said so."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import NotPermitted
from tasks import desk
from tasks.cases.tables import Case, CaseLink
from tasks.forms import AnswersRefused
from tests.tasks.cases.drawings import answering, asking, operation, process, work
from tests.tasks.desk.test_four_eyes import away, hotline, listed, refused, take_next
from tests.tasks.office import FACTS, TestOffice

__all__ = ["hotline"]


def about(office: TestOffice, said: Any, regime: str = "aimed") -> str:
    """A case of one task with this in its facts."""
    office.deploy(process(regime, work(f"{regime}_work")), asking(regime))
    number = office.file(regime=regime).number
    say(office, number, said)
    return number


def say(office: TestOffice, number: str, said: Any) -> None:
    """What a correction of the facts does to them."""
    with office.deps.sessions.begin() as session:
        facts = {**FACTS, **({} if said is None else {"staff_complained_of": said})}
        session.execute(sa.update(Case).where(Case.number == number).values(facts=facts))


@pytest.mark.parametrize("said", ["li_na", "LI_NA；he_jing", ["li_na", "he_jing"]])
def test_who_is_complained_about_does_nothing_in_the_case_and_still_reads_it(
    hotline: TestOffice, said: Any
) -> None:
    about(hotline, said)
    task = hotline.task("aimed_work").id
    error = refused(lambda: hotline.claim("li_na", task))
    assert str(error).endswith("李楠 may not do the task aimed_work: the case complains about 李楠.")
    assert (error.facts["rule"], error.facts["person"]) == ("staff", "li_na")
    assert take_next(hotline, "li_na") is None
    refused(lambda: hotline.reassign("sun_qiang", task, "li_na"))
    assert hotline.read("li_na", task).id == task
    assert listed(hotline, "li_na")[0].said[0] == "“aimed_work”不能由李楠办理：本案投诉的就是李楠。"
    hotline.claim("zhou_min", task)


def test_a_lead_who_is_complained_about_steers_none_of_its_tasks(hotline: TestOffice) -> None:
    about(hotline, "sun_qiang")
    task = hotline.task("aimed_work").id
    hotline.claim("li_na", task)
    error = refused(lambda: hotline.reassign("sun_qiang", task, "he_jing"))
    assert (error.facts["rule"], error.facts["person"]) == ("staff", "sun_qiang")
    with hotline.acting("sun_qiang") as (session, caller):
        refused(lambda: desk.prioritise(session, hotline.deps, caller, task, 0, "不急"))
        (many,) = desk.reassign_many(session, hotline.deps, caller, ids=[task], reason="退回")
    assert many.refused is not None and many.refused.facts["rule"] == "staff"
    assert hotline.task("aimed_work").assignee_name == "李楠"


def test_no_substitute_stands_in_for_them_nor_they_for_anybody(hotline: TestOffice) -> None:
    about(hotline, "li_na feng_bo")
    task = hotline.task("aimed_work").id
    away(hotline, "li_na", "deng_li")
    away(hotline, "he_jing", "feng_bo")
    refused(lambda: hotline.claim("deng_li", task))
    refused(lambda: hotline.claim("feng_bo", task))
    assert hotline.claim("zhou_min", task).assignee_name == "周敏"


def test_facts_that_change_while_it_is_held_count_at_once_and_back(hotline: TestOffice) -> None:
    number = about(hotline, None)
    task = hotline.task("aimed_work").id
    hotline.claim("li_na", task)
    say(hotline, number, "li_na")
    assert listed(hotline, "li_na", "inbox")[0].said is not None
    with (
        hotline.acting("li_na") as (session, caller),
        pytest.raises(NotPermitted, match="complains about 李楠"),
    ):
        desk.complete(session, hotline.deps, caller, task, {})
    say(hotline, number, "he_jing")
    hotline.complete("li_na", task, {})


def test_what_an_answer_to_a_task_says_bars_from_all_that_follow(hotline: TestOffice) -> None:
    hotline.deploy(
        process("accepted", work("accept", form="accept"), work("handle")),
        answering("accept", "staff_complained_of"),
        asking("accepted"),
    )
    hotline.file(regime="accepted")
    task = hotline.task("accept").id
    hotline.claim("li_na", task)
    with pytest.raises(AnswersRefused, match="names no account: 李楠"):
        hotline.complete("li_na", task, {"staff_complained_of": "li_na、李楠"})
    after = hotline.complete("li_na", task, {"staff_complained_of": "li_na、He_Jing"})
    assert after.next == ()
    for login in ("li_na", "he_jing"):
        refused(lambda login=login: hotline.claim(login, hotline.task("handle").id))
    hotline.claim("zhou_min", hotline.task("handle").id)


def test_it_is_read_through_in_the_later_cases_of_the_same_matter(hotline: TestOffice) -> None:
    opening = operation(
        "upgrade", "open_case", regime="second", kind="upgraded_from", refers="=true", facts="={}"
    )
    hotline.deploy(
        process("first", opening), asking("first", "staff_complained_of"), process("second", work("again"))
    )
    facts = {**FACTS, "staff_complained_of": "li_na"}
    first = hotline.file(regime="first", facts=facts).number
    hotline.settle()
    second = hotline.task("again").business_key
    refused(lambda: hotline.claim("li_na", hotline.task("again").id))
    say(hotline, second, "he_jing")  # a later case that names somebody else hides nobody
    for login in ("li_na", "he_jing"):
        refused(lambda login=login: hotline.claim(login, hotline.task("again").id))
    say(hotline, first, None)
    hotline.claim("li_na", hotline.task("again").id)


@pytest.mark.parametrize(("kind", "turned"), [("prior", False), ("merged_into", True), ("related", None)])
def test_a_link_that_is_made_later_brings_it_along(
    hotline: TestOffice, kind: str, turned: bool | None
) -> None:
    about(hotline, "li_na", "one")
    about(hotline, None, "two")
    with hotline.deps.sessions.begin() as session:
        one, two = (
            session.scalars(sa.select(Case.id).where(Case.regime == regime)).one()
            for regime in ("one", "two")
        )
        later, earlier = (one, two) if turned else (two, one)
        session.add(CaseLink(from_id=later, to_id=earlier, kind=kind, created_at=hotline.clock.now()))
    task = hotline.task("two_work").id
    if turned is None:
        hotline.claim("li_na", task)
    else:
        refused(lambda: hotline.claim("li_na", task))
