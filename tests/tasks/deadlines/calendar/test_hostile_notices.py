"""A notice is text from a stranger: reading it costs what its length says, and never more than a refusal."""

from __future__ import annotations

from datetime import date

import pytest

from engine.errors import InvalidInput
from tasks.deadlines.calendar.notices.checking import MOST_TOLD, check
from tasks.deadlines.calendar.notices.importing import Notice, report
from tasks.deadlines.calendar.notices.text import LONGEST, read_text
from tests.tasks.office import TestOffice

TODAY = date(2026, 11, 22)
HEAD = "关于2027年部分节假日安排的通知\n一、元旦:1月1日放假,"


@pytest.mark.parametrize("day", ["9999年12月31日", "0001年1月1日"])
def test_a_day_at_the_end_of_all_days_is_a_mistake_like_any_other(day: str) -> None:
    found = check(
        read_text(f"关于2027年部分节假日安排的通知\n一、元旦:{day}放假,与周末连休,共3天"), 2027, TODAY
    )
    assert "there is no such day." in [each.message for each in found]


def test_of_thousands_of_mistakes_some_hundreds_are_told() -> None:
    found = read_text(HEAD + "1月1日至31日" * 2000 + "放假")
    assert len(found.days) > 10_000
    assert len(check(found, 2027, TODAY)) == MOST_TOLD


def test_a_file_is_no_longer_than_what_may_be_pasted(office: TestOffice) -> None:
    content = (HEAD + "," * LONGEST + "放假").encode()
    with office.acting("tang_wei") as (session, caller), pytest.raises(InvalidInput, match="at most 20000"):
        report(session, office.deps, caller, Notice(file=("notice.txt", content)))


def test_commas_in_brackets_part_no_clause() -> None:
    found = read_text(HEAD + "1月2日(周六,休)放假,1月3日(周日),1月4日(周一)上班")
    assert [(each.day.day, each.kind) for each in found.days] == [
        (1, "rest"), (2, "rest"), (3, "work"), (4, "work"),
    ]  # fmt: skip
