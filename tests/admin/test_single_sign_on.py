"""Single sign-on with a certified provider that runs as a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from engine.clock import FrozenClock, SystemClock
from tasks.audit.tables import AuditEvent
from tasks.people.tables import Person, PersonIdentity, WebSession
from tests.admin.conftest import Website
from tests.admin.single_sign_on import begun, linked, returned, with_provider
from tests.provider.running import PUBLIC_URL, running_provider, sign_in_at


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running_provider() as found:
        yield found.issuer


@pytest.fixture
def clock() -> FrozenClock:
    """The provider's process goes by the real time."""
    return FrozenClock(SystemClock().now())


@pytest.fixture
def site(website: Website, issuer: str) -> Website:
    return with_provider(website, issuer, LABEL="统一认证")


def test_whoever_is_linked_comes_in_where_they_wanted_to_go(site: Website) -> None:
    linked(site, "li_na", "e-4711")
    visitor = site.visitor()
    assert "用 统一认证 登录" in visitor.get("/sign-in?next=/cases").text
    address, asked = begun(visitor, "/cases")
    assert asked["code_challenge_method"] == "S256" and len(asked["nonce"]) > 30
    answer = returned(visitor, sign_in_at(address, "e-4711"))
    assert answer.location == "/cases"
    assert visitor.get("/cases").status_code == 200
    with site.deps.sessions() as session:
        opened = session.scalars(sa.select(WebSession).where(WebSession.identity_id.is_not(None))).one()
        line = session.scalars(sa.select(AuditEvent).where(AuditEvent.subject_id == str(opened.id))).one()
    assert json.loads(line.after or "") == {"session": "opened", "identity": str(opened.identity_id)}


def test_a_code_is_worth_one_sign_in_in_the_browser_it_was_asked_for(site: Website) -> None:
    linked(site, "li_na", "e-4711")
    visitor, thief = site.visitor(), site.visitor()
    back = sign_in_at(begun(visitor)[0], "e-4711")
    begun(thief)
    assert returned(thief, back).status_code == 401  # another state
    assert returned(site.visitor(), back).status_code == 401  # no sign-in under way
    with visitor.client.session_transaction() as cookie:
        kept = cookie["oidc"]
    assert returned(visitor, back).status_code == 302
    assert returned(visitor, back).status_code == 401  # its attempt is used up
    with thief.client.session_transaction() as cookie:
        cookie["oidc"] = kept
    again = returned(thief, back)  # even with the same cookie the provider knows the code as used
    assert again.status_code == 401
    assert "统一认证没有完成" in again.text


def test_neither_a_login_nor_an_address_is_enough(site: Website) -> None:
    with site.deps.sessions.begin() as session:
        session.execute(sa.update(Person).where(Person.login == "li_na").values(email="li_na@example.test"))
    visitor = site.visitor()
    answer = returned(visitor, sign_in_at(begun(visitor)[0], "li_na"))
    assert answer.status_code == 403 and "还没有账号" in answer.text
    assert visitor.get("/cases").location.startswith("/sign-in")
    with site.deps.sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(PersonIdentity)) == 0


def test_who_has_left_does_not_come_back_by_the_provider(site: Website) -> None:
    linked(site, "li_na", "e-4711")
    with site.deps.sessions.begin() as session:
        session.execute(sa.update(Person).where(Person.login == "li_na").values(active=False))
    visitor = site.visitor()
    answer = returned(visitor, sign_in_at(begun(visitor)[0], "e-4711"))
    assert answer.status_code == 403 and "已停用" in answer.text


def test_nobody_is_sent_elsewhere_afterwards(site: Website) -> None:
    linked(site, "li_na", "e-4711")
    for elsewhere in ("//evil.example/", "https://evil.example", "/%5Cevil.example"):
        visitor = site.visitor()
        answer = returned(visitor, sign_in_at(begun(visitor, elsewhere)[0], "e-4711"))
        assert answer.location == "/inbox", elsewhere


def test_signing_out_here_leads_to_signing_out_there(site: Website, issuer: str) -> None:
    linked(site, "li_na", "e-4711")
    visitor = site.visitor()
    returned(visitor, sign_in_at(begun(visitor)[0], "e-4711"))
    page = visitor.post("/sign-out")
    assert f"{issuer}/session/end?client_id=redress&amp;post_logout_redirect_uri=" in page.text
    assert visitor.get("/cases").location.startswith("/sign-in")
    by_password = site.visitor("li_na")
    assert by_password.post("/sign-out").location == "/sign-in"


def test_only_emergency_logins_may_use_a_password_where_it_is_said_so(website: Website, issuer: str) -> None:
    site = with_provider(website, issuer, local=("lu_jian",))
    assert site.visitor().sign_in("li_na").status_code == 401
    assert site.visitor().sign_in("lu_jian").status_code == 302
    assert "应急账号" in site.visitor().get("/sign-in").text


def test_a_password_still_to_be_changed_is_no_matter_of_the_provider(site: Website) -> None:
    linked(site, "li_na", "e-4711")
    with site.deps.sessions.begin() as session:
        change = {"must_change_password": True, "password_changed_at": site.clock.now()}
        session.execute(sa.update(Person).where(Person.login == "li_na").values(change))
    visitor = site.visitor()
    returned(visitor, sign_in_at(begun(visitor)[0], "e-4711"))
    assert visitor.get("/cases").status_code == 200
    assert PUBLIC_URL not in visitor.get("/cases").text
