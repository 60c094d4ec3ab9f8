"""Tasks are found by what their cases say whether few cases say it or too many to be looked up one by one: the same tasks."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.cases.confiding import confide_case
from tasks.lists.counting import numbers, size_of
from tasks.lists.filters import TaskFilter
from tasks.search import among
from tests.tasks.lists.test_named_lists import listed
from tests.tasks.office import FACTS, TestOffice
from tests.tasks.search.test_cases_are_found_by_any_part import LETTER

MANY, FEW = 0, 10_000


def counted(office: TestOffice, login: str, **wanted: Any) -> int:
    with office.acting(login) as (session, caller):
        size = size_of(caller, "queue", TaskFilter(**wanted), office.clock.now())
        assert size is not None
        return numbers(session, {"found": size})["found"]


@pytest.mark.parametrize("few", [MANY, FEW])
def test_however_many_cases_say_it_the_same_tasks_are_found(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(among, "FEW", few)
    letters = [office.file(facts=LETTER) for _ in range(3)]
    other = office.file(facts={**FACTS, "demand": "宽带 欧阳修公园"}).number
    first, second, third = (each.number for each in letters)
    office.claim("li_na", letters[0].tasks[0]["id"])
    for name, expected in {"inbox": [first], "queue": [second, third], "archive": []}.items():
        assert sorted(listed(office, "li_na", name, limit=1, q="断断续续 退费")) == sorted(expected)  # type: ignore[arg-type]
    assert sorted(listed(office, "sun_qiang", "team", limit=2, q="欧阳")) == sorted(
        [first, second, third, other]
    )
    assert sorted(listed(office, "he_jing", "queue", customer="欧阳")) == sorted([second, third])
    assert listed(office, "he_jing", "queue", q="宽带", customer="欧阳 修公") == []
    assert counted(office, "he_jing", q="宽带") == 3
    assert listed(office, "chen_yu", "queue", q="宽带") == []


@pytest.mark.parametrize("few", [MANY, FEW])
def test_what_a_confidential_case_says_finds_its_tasks_only_for_who_may_read_it(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(among, "FEW", few)
    secret, plain = office.file("he_jing", facts=LETTER), office.file(facts=LETTER).number
    with office.acting("sun_qiang") as (session, caller):
        confide_case(session, office.deps, caller, secret.number, confidential=True, reason="涉及员工本人")
    office.claim("he_jing", secret.tasks[0]["id"])
    assert listed(office, "he_jing", "inbox", q="欧阳") == [secret.number]
    assert listed(office, "sun_qiang", "team", q="欧阳", assignee="he_jing") == [secret.number]
    assert listed(office, "li_na", "queue", q="欧阳") == [plain]
    office.complete("he_jing", secret.tasks[0]["id"], {"outcome": "close"})
    assert listed(office, "he_jing", "archive", q="欧阳") == [secret.number]
