"""Seats and accounts that follow the groups of a real provider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.clock import FrozenClock, SystemClock
from engine.errors import InvalidInput
from tasks.audit.tables import AuditEvent
from tasks.organisation.tables import Membership, OrgUnit
from tasks.people.identity import caller_by_login
from tasks.people.oidc.groups import OidcGroup, load_groups
from tasks.people.oidc.mapping import mapping
from tasks.people.tables import Person
from tests.admin.conftest import Website
from tests.admin.single_sign_on import begun, linked, returned, with_provider
from tests.provider.running import Running, running_provider, sign_in_at

ROWS = [
    {"provider": "works", "value": "clerks", "unit": "henan_hotline", "post": "clerk", "roles": ""},
    {"provider": "works", "value": "leads", "unit": "henan_centre", "post": "team_lead", "roles": ""},
    {"provider": "other", "value": "clerks", "unit": "hq_it", "post": "operator", "roles": ""},
]


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    with running_provider() as found:
        yield found


@pytest.fixture
def clock() -> FrozenClock:
    """The provider's process goes by the real time."""
    return FrozenClock(SystemClock().now())


@pytest.fixture
def site(website: Website, provider: Running) -> Website:
    with website.deps.sessions.begin() as session:
        assert load_groups(session, ROWS) == 3
        assert load_groups(session, ROWS) == 0
    return with_provider(website, provider.issuer, ACCOUNTS="create")


def sign_in(site: Website, provider: Running, login: str, *groups: str) -> Any:
    """Sign in as somebody who is in these groups."""
    provider.put(login, *groups)
    visitor = site.visitor()
    return returned(visitor, sign_in_at(begun(visitor)[0], login))


def seats(site: Website, login: str) -> set[tuple[str, str | None]]:
    """Where somebody sits today."""
    day = site.clock.now() + timedelta(hours=8)
    with site.deps.sessions() as session:
        found = session.execute(
            sa.select(OrgUnit.code, Membership.post)
            .join(OrgUnit, OrgUnit.id == Membership.unit_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Person.login == login)
            .where(sa.func.coalesce(Membership.valid_from, day.date()) <= day.date())
            .where(sa.func.coalesce(Membership.valid_until, day.date()) >= day.date())
        )
        return {(row.code, row.post) for row in found}


def test_a_group_gives_an_account_and_seats_and_takes_them_when_it_is_gone(
    site: Website, provider: Running
) -> None:
    assert sign_in(site, provider, "zhao", "clerks", "unknown").location == "/inbox"
    assert seats(site, "zhao") == {("henan_hotline", "clerk")}
    sign_in(site, provider, "zhao", "clerks", "leads")
    assert seats(site, "zhao") == {("henan_hotline", "clerk"), ("henan_centre", "team_lead")}
    sign_in(site, provider, "zhao", "leads")
    assert seats(site, "zhao") == {("henan_centre", "team_lead")}
    assert sign_in(site, provider, "zhao").status_code == 302
    assert seats(site, "zhao") == set()
    sign_in(site, provider, "zhao", "leads")
    assert seats(site, "zhao") == {("henan_centre", "team_lead")}
    assert site.visitor().sign_in("zhao", "").status_code == 401  # there is no password
    with site.deps.sessions() as session:
        person = session.scalars(sa.select(Person).where(Person.login == "zhao")).one()
        assert (person.name, person.password_hash) == ("姓名zhao", None)
        lines = session.scalars(sa.select(AuditEvent.after).where(AuditEvent.subject_id == str(person.id)))
        assert any('"linked"' in (line or "") for line in lines)


def test_seats_given_by_hand_stay_and_are_not_given_twice(site: Website, provider: Running) -> None:
    linked(site, "li_na", "e-1")
    by_hand = seats(site, "li_na")
    assert ("henan_hotline", "clerk") in by_hand
    sign_in(site, provider, "e-1", "clerks", "leads")
    assert seats(site, "li_na") == by_hand | {("henan_centre", "team_lead")}
    sign_in(site, provider, "e-1")
    assert seats(site, "li_na") == by_hand


def test_no_account_is_made_without_a_seat_or_in_place_of_another(site: Website, provider: Running) -> None:
    assert sign_in(site, provider, "zhao", "unknown").status_code == 403
    for taken in ("li_na", "LI_NA"):
        refused = sign_in(site, provider, taken, "clerks")
        assert refused.status_code == 403 and "已存在但尚未关联" in refused.text
    assert sign_in(site, provider, "no login", "clerks").status_code == 403
    with site.deps.sessions() as session:
        assert not session.scalars(sa.select(Person).where(Person.login.in_(["zhao", "LI_NA"]))).all()


def test_where_accounts_are_linked_only_groups_make_none(
    website: Website, site: Website, provider: Running
) -> None:
    assert sign_in(with_provider(website, provider.issuer), provider, "zhao", "clerks").status_code == 403


def test_the_mapping_is_read_with_what_each_row_gives_and_what_keeps_it_from_it(site: Website) -> None:
    visitor = site.visitor("li_na")
    page = visitor.get("/organisation/groups")
    assert page.status_code == 200
    rows = re.findall(r"<tr><td class=\"code\">.*?</tr>", page.text, re.S)
    assert [("clerks" in row, "leads" in row) for row in rows] == [
        (True, False),
        (False, True),
        (True, False),
    ]
    assert "河南客服热线" in rows[0] and "经办人员" in rows[0] and "不起作用" not in rows[0] + rows[1]
    assert "没有统一认证“other”" in rows[2]
    with site.deps.sessions.begin() as session:
        mapped = OidcGroup(
            provider="works", value="odd", unit="henan_hotline", post="emperor", roles=["seer"]
        )
        session.add(mapped)
        before = date(2026, 1, 1)
        session.execute(sa.update(OrgUnit).where(OrgUnit.code == "henan_centre").values(valid_until=before))
    with site.deps.sessions() as session:
        clerk = caller_by_login(session, site.deps, "li_na")
        found = {(row.provider, row.value): row.mistakes for row in mapping(session, site.deps, clerk)}
    assert (
        found["works", "leads"][0][1]
        == "the unit henan_centre is not in effect today; no seat in it is given."
    )
    said = " ".join(english for _, english in found["works", "odd"])
    assert "there is no post emperor." in said and "there is no role seer" in said


def test_a_mapping_that_names_what_there_is_not_is_refused_whole(site: Website) -> None:
    wrong = [
        {**ROWS[0], "unit": "atlantis"},
        {**ROWS[0], "post": "emperor"},
        {**ROWS[0], "value": ""},
        *ROWS[:1],
        *ROWS[:1],
    ]
    with site.deps.sessions() as session:
        with pytest.raises(InvalidInput, match=r"row 1 .*atlantis.*row 2 .*emperor.*row 3 .*row 5 .*row 4"):
            load_groups(session, wrong)
        assert session.scalar(sa.select(sa.func.count()).select_from(OidcGroup)) == 3
