"""Which absences can be entered, by whom; everything that is wrong is told at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import NotFound, NotPermitted, WrongState
from tasks.people.absence import entering, reading
from tasks.people.absence.mistakes import AbsenceRefused
from tests.tasks.office import TestOffice

DAY = timedelta(days=1)


def enter(office: TestOffice, by: str, begin: int, end: int, **values: Any) -> Any:
    """Enter an absence between two days from now."""
    now = office.clock.now()
    with office.acting(by) as (session, caller):
        wanted = {"from": now + begin * DAY, "until": now + end * DAY, **values}
        return entering.enter(session, office.deps, caller, wanted)


def mistakes(office: TestOffice, by: str, begin: int, end: int, **values: Any) -> dict[str, str]:
    with pytest.raises(AbsenceRefused) as refused:
        enter(office, by, begin, end, **values)
    return {each.path: each.message for each in refused.value.problems}


def test_everything_that_is_wrong_is_told_at_once(office: TestOffice) -> None:
    enter(office, "li_na", 1, 3)
    found = mistakes(
        office,
        "li_na",
        2,
        500,
        substitute="nobody_here",
        roles=["channel", "archive", "核验"],
        approvals=True,
    )
    assert set(found) == {"until", "substitute", "roles", "approvals", "from"}
    assert "366 days" in found["until"]
    assert found["roles"] == "archive, 核验 is no work of li_na."
    assert found["from"].startswith("overlaps the absence from 2026-")


def test_who_cannot_be_named_is_refused_like_who_does_not_exist(office: TestOffice) -> None:
    said = {
        login: mistakes(office, "li_na", 1, 2, substitute=login)["substitute"].replace(login, "…")
        for login in ("no_such_person", "chen_yu", "feng_bo", "tang_wei")
    }
    assert len(set(said.values())) == 1
    assert mistakes(office, "li_na", 1, 2, substitute="li_na") == {"substitute": "is the absent person."}
    assert (
        "no case work"
        in mistakes(office, "sun_qiang", 1, 2, person="li_na", substitute="shi_an")["substitute"]
    )


def test_substitutes_never_come_back_to_the_absent_person(office: TestOffice) -> None:
    enter(office, "sun_qiang", 1, 4, person="li_na", substitute="feng_bo")
    enter(office, "sun_qiang", 3, 6, person="feng_bo", substitute="deng_li")
    found = mistakes(office, "sun_qiang", 2, 5, person="deng_li", substitute="li_na")
    assert "deng_li" not in found["substitute"] and "邓莉 → 李楠 → 冯博 → 邓莉" in found["substitute"]
    assert enter(office, "sun_qiang", 4, 8, person="deng_li", substitute="li_na").substitute == "li_na"


def test_absences_are_those_of_oneself_and_of_people_one_leads(office: TestOffice) -> None:
    row = enter(office, "li_na", 1, 2, substitute="he_jing", reason="探亲")
    for stranger in ("lin_hai", "he_jing", "wang_lei"):
        with pytest.raises(NotFound) as refused, office.acting(stranger) as (session, caller):
            entering.cancel(session, office.deps, caller, row.id)
        assert "none that you may change" in str(refused.value)
    for stranger in ("lin_hai", "he_jing"):
        with pytest.raises(NotFound):
            enter(office, stranger, 3, 4, person="li_na")
    with pytest.raises(NotPermitted):
        enter(office, "shi_an", 3, 4)
    seen = {}
    for login in ("li_na", "he_jing", "sun_qiang", "lin_hai", "wang_lei"):
        with office.acting(login) as (session, caller):
            seen[login] = len(reading.listed(session, office.deps, caller).items)
    assert seen == {"li_na": 1, "he_jing": 1, "sun_qiang": 1, "lin_hai": 0, "wang_lei": 0}


def test_what_is_over_or_under_way_stays_as_it_was(office: TestOffice) -> None:
    row = enter(office, "li_na", 0, 2)
    office.clock.advance(DAY)
    with office.acting("li_na") as (session, caller), pytest.raises(WrongState, match="under way"):
        entering.change(session, office.deps, caller, row.id, {"from": office.clock.now() + DAY})
    with office.acting("li_na") as (session, caller):
        changed = entering.change(session, office.deps, caller, row.id, {"reason": "病假"})
    assert (changed.from_at, changed.until_at) == (row.from_at, row.until_at)
    office.clock.advance(DAY)
    for verb in (entering.cancel, lambda *given: entering.change(*given, {"reason": ""})):
        with pytest.raises(WrongState, match="it is over"), office.acting("li_na") as (session, caller):
            verb(session, office.deps, caller, row.id)
