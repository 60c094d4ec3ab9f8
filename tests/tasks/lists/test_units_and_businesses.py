"""Lists narrowed by a unit, which has tasks or has filed their cases, and by what tasks carry of their case."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tasks.cases.tables import Case
from tasks.lists import filters
from tasks.search import among
from tests.tasks.lists.test_named_lists import VIP, change, listed
from tests.tasks.office import TestOffice

MANY, FEW = 0, 10_000
NETWORK = "department@/hq/henan/henan_network/"


@pytest.mark.parametrize("few", [MANY, FEW])
def test_a_unit_finds_what_it_has_and_what_was_filed_there_however_much_that_is(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(among, "FEW", few)
    monkeypatch.setattr(filters, "FEW", few)
    here, sent = office.file().number, office.file().number
    afar, other = office.file("chen_yu").number, office.file("chen_yu").number
    change(office, sent, candidate_group=NETWORK)
    change(office, afar, candidate_group=NETWORK)

    def found(login: str, unit: str) -> list[str]:
        return sorted(listed(office, login, "team", limit=1, unit=unit))

    assert found("sun_qiang", "henan_network") == sorted([sent, afar])
    assert found("sun_qiang", "henan_hotline") == sorted([here, sent])
    assert found("sun_qiang", "henan") == sorted([here, sent, afar])
    assert found("sun_qiang", "zhejiang") == [afar]
    assert found("sun_qiang", "nowhere") == found("sun_qiang", "henan_billing") == []
    assert listed(office, "chen_yu", "queue", unit="zhejiang_hotline") == [other]
    assert listed(office, "he_jing", "queue", unit="henan_hotline") == [here]
    assert listed(office, "he_jing", "queue", unit="henan_hotline", q="漫游修塔") == []


def test_a_task_carries_what_its_case_says_and_what_that_refers_to(office: TestOffice) -> None:
    vip, later, plain = office.file(facts=VIP), office.file(), office.file()
    assert listed(office, "he_jing", "queue", customer_level=" vip") == [vip.number]
    assert listed(office, "he_jing", "queue", customer_level="vi") == []
    with office.deps.sessions.begin() as session:
        said = {**VIP, "business": " roaming "}
        session.execute(sa.update(Case).where(Case.number == vip.number).values(facts=said))
        session.execute(sa.update(Case).where(Case.number == later.number).values(refers_to=vip.id))
    for case in (vip, later, plain):
        office.claim("li_na", case.tasks[0]["id"])
        office.complete(
            "li_na", case.tasks[0]["id"], {"outcome": "forward", "amount": 20, "unit": "henan_network"}
        )
    team: dict[str, Any] = {"login": "sun_qiang", "name": "team", "limit": 1}
    assert sorted(listed(office, **team, business="roaming ")) == sorted([vip.number, later.number])
    assert listed(office, **team, business="roaming", customer_level="vip") == [vip.number]
    assert listed(office, **team, business="roam") == listed(office, **team, business="  ") == []
