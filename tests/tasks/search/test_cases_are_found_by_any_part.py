"""A case is found by any part of what was written in it, at once, and only by who may read it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput
from tasks.cases.confiding import confide_case
from tasks.cases.reading import case_list
from tasks.cases.tables import Case
from tasks.lists.filters import TaskFilter
from tasks.lists.named import ListName, task_list
from tests.tasks.office import FACTS, TestOffice

LETTER = {
    "customer": {"name": "欧阳建国", "phone": "13912345678", "level": "vip"},
    "demand": "家里的宽带断断续续，ADSL 修了三次仍未修好，要求退费。",
}


def found(office: TestOffice, text: str, login: str = "li_na") -> set[str]:
    with office.acting(login) as (session, caller):
        return {row.number for row in case_list(session, caller, q=text).items}


def tasks_found(office: TestOffice, text: str, login: str, name: ListName = "queue") -> set[str]:
    with office.acting(login) as (session, caller):
        page = task_list(session, office.deps, caller, name, where=TaskFilter(q=text))
        return {row.business_key for row in page.items}


@pytest.mark.parametrize(
    "text",
    [
        "阳建",
        "欧阳建国",
        "断断续续",
        "12345",
        "139-1234 5678",
        "adsl",
        "ＡＤＳＬ",
        "宽带 退费",
        "三次仍未修好",
    ],
)
def test_any_part_of_name_phone_and_description_finds_it_and_no_other(office: TestOffice, text: str) -> None:
    number = office.file(facts=LETTER).number
    office.file()
    assert found(office, text) == {number}
    assert tasks_found(office, text, "he_jing") == {number}


@pytest.mark.parametrize("text", ["国建", "阳建欧", "宽带 漫游", "仍修好", "续家", "13912345679"])
def test_what_is_not_written_there_in_this_order_finds_nothing(office: TestOffice, text: str) -> None:
    office.file(facts=LETTER)
    assert found(office, text) == set()
    assert tasks_found(office, text, "he_jing") == set()


def test_it_is_found_by_the_end_of_its_number(office: TestOffice) -> None:
    numbers = [office.file().number for _ in range(2)]
    assert found(office, numbers[1][-6:]) == {numbers[1]}


def test_what_is_corrected_in_the_facts_is_searched_as_it_is_now(office: TestOffice) -> None:
    number = office.file(facts=LETTER).number
    with office.deps.sessions.begin() as session:
        corrected = {**LETTER, "demand": "话费有争议"}
        session.execute(sa.update(Case).where(Case.number == number).values(facts=corrected))
        with office.acting("li_na") as (other, caller):
            assert case_list(other, caller, q="争议").items == []  # nobody else sees it before the commit
    assert found(office, "争议") == {number}
    assert found(office, "断断续续") == set()


def test_a_case_out_of_reach_is_not_found(office: TestOffice) -> None:
    number = office.file(facts=LETTER).number
    assert found(office, "欧阳", "chen_yu") == set()
    assert found(office, number, "chen_yu") == set()
    assert found(office, "欧阳", "shen_yun") == {number}


def test_a_confidential_case_is_found_only_by_who_may_read_it(office: TestOffice) -> None:
    mine = office.file("he_jing", facts=LETTER)
    number = mine.number
    assert found(office, "欧阳", "li_na") == {number}
    with office.acting("sun_qiang") as (session, caller):
        confide_case(session, office.deps, caller, number, confidential=True, reason="涉及员工本人")
    assert found(office, "欧阳", "li_na") == {number}  # still offered to her
    office.claim("he_jing", mine.tasks[0]["id"])
    assert found(office, "欧阳", "li_na") == set()
    assert found(office, number[-6:], "li_na") == set()
    assert found(office, "欧阳", "sun_qiang") == {number}
    assert found(office, "欧阳", "he_jing") == {number}
    assert tasks_found(office, "欧阳", "he_jing", "inbox") == {number}


def test_the_cases_it_continues_are_searched_through_it(office: TestOffice) -> None:
    earlier, later = office.file(facts=LETTER), office.file(facts={**FACTS, "demand": "申诉"})
    with office.deps.sessions.begin() as session:
        session.execute(sa.update(Case).where(Case.number == later.number).values(refers_to=earlier.id))
    assert found(office, "断断续续") == {earlier.number, later.number}


@pytest.mark.parametrize("text", ["王", "宽带 王", "- -", "一二 " * 6, "长" * 61, "\x00\x00", "   "])
def test_a_search_that_cannot_be_answered_is_refused_with_a_sentence(office: TestOffice, text: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        found(office, text)
    assert refused.value.facts["message_zh"]
