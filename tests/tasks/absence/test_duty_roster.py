"""Who is on duty: a file taken whole or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from engine.errors import InvalidInput, NotPermitted
from tasks.people.duty import reading
from tasks.people.duty.importing import RosterRefused, import_roster
from tests.tasks.office import TestOffice

HOTLINE, CENTRE = "/hq/henan/henan_hotline/", "/hq/henan/henan_centre/"
ROSTER = """单位,账号,起始,截止,备注
henan_hotline,li_na,2099-10-01 08:30,2099-10-01 20:30,白班
henan_hotline,he_jing,2099-10-01 20:30,2099-10-02T08:30+08:00,夜班
henan_centre,wang_lei,2099/10/01 08:30,2099/10/02 08:30,
"""


def take(office: TestOffice, text: str, by: str = "sun_qiang") -> dict[str, int]:
    with office.acting(by) as (session, caller):
        return import_roster(session, office.deps, caller, "duty.csv", text.encode())


def exported(office: TestOffice, by: str) -> str:
    with office.acting(by) as (session, caller):
        return reading.as_csv(session, office.deps, caller)


def on_duty(office: TestOffice, at: str, *paths: str) -> list[str]:
    then = datetime.fromisoformat(at)
    with office.acting("sun_qiang") as (session, caller):
        found = reading.roster(session, office.deps, caller, begin=then, end=then).items
        return [row.login for row in sorted(found, key=lambda row: row.unit) if row.unit_path in paths]


def test_it_says_who_is_on_duty_at_an_instant(office: TestOffice) -> None:
    assert take(office, ROSTER) == {"was": 0, "turns": 3}
    assert on_duty(office, "2099-10-01T20:29:59+08:00", HOTLINE, CENTRE) == ["wang_lei", "li_na"]
    assert on_duty(office, "2099-10-01T20:30:00+08:00", HOTLINE) == ["he_jing"]
    assert on_duty(office, "2099-10-02T08:30:00+08:00", HOTLINE, CENTRE) == []


def test_a_file_replaces_what_lies_ahead_of_the_units_it_names_and_of_no_others(office: TestOffice) -> None:
    take(office, ROSTER)
    head, first = ROSTER.splitlines()[:2]
    assert take(office, f"{head}\n{first}\n") == {"was": 2, "turns": 1}
    assert on_duty(office, "2099-10-01T21:00:00+08:00", HOTLINE, CENTRE) == ["wang_lei"]
    before = exported(office, "sun_qiang")
    assert take(office, before) == {"was": 2, "turns": 2}
    assert exported(office, "sun_qiang") == before
    assert "wang_lei" in before and "wang_lei" not in exported(office, "li_na")
    assert exported(office, "lin_hai").count("\n") == 1


def test_everything_that_is_wrong_in_a_file_is_told_at_once_and_nothing_is_taken(office: TestOffice) -> None:
    wrong = ROSTER + (
        "zhejiang_hotline,chen_yu,2099-10-01 08:30,2099-10-01 20:30,\n"
        "henan_centre,li_na,2099-10-01 08:30,2099-10-01 20:30,\n"
        "henan_centre,wang_lei,2099-10-02 08:00,2099-10-02 07:00,\n"
        "henan_hotline,li_na,2099-10-01 20:00,国庆,\n"
        "henan_hotline,li_na,2099-10-01 20:00,2099-10-02 08:00,\n"
    )
    with pytest.raises(RosterRefused) as refused:
        take(office, wrong)
    assert [each.path for each in refused.value.problems] == [
        "5 · unit", "6 · login", "7 · until", "8 · until", "9 · from",
    ]  # fmt: skip
    assert on_duty(office, "2099-10-01T09:00:00+08:00", HOTLINE, CENTRE) == []
    for text in ("", "单位,账号\n", "unit,login,from,until\n", "\x00"):
        with pytest.raises(InvalidInput):
            take(office, text)


def test_only_who_leads_a_unit_makes_its_roster(office: TestOffice) -> None:
    with pytest.raises(NotPermitted):
        take(office, ROSTER, by="li_na")
    with pytest.raises(RosterRefused, match="that you lead"):
        take(office, ROSTER, by="lin_hai")


def test_the_turns_of_a_period_come_in_pages(office: TestOffice) -> None:
    take(office, ROSTER)
    seen: list[str] = []
    cursor = None
    with office.acting("sun_qiang") as (session, caller):
        while True:
            page = reading.roster(session, office.deps, caller, limit=2, cursor=cursor)
            seen += [row.login for row in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        soon = office.clock.now() + timedelta(days=1)
        assert not reading.roster(session, office.deps, caller, end=soon).items
    assert sorted(seen) == ["he_jing", "li_na", "wang_lei"]
