"""People look after their identities at a real provider: linking, unlinking, and saying there once more who they are."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import sqlalchemy as sa

from engine.clock import FrozenClock, SystemClock
from tasks.audit.tables import AuditEvent
from tasks.people.tables import Person, PersonIdentity, WebSession
from tests.admin.conftest import PASSWORD, Visitor, Website
from tests.admin.single_sign_on import begun, linked, returned, with_provider
from tests.provider.lying import lying_provider, signed
from tests.provider.running import CLIENT_ID, running_provider, sign_in_at

ORDER = {"label": "报表", "days": "30", "scopes": "case.read"}


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
    return with_provider(website, issuer, LABEL="单位认证")


def away(answer: Any) -> str:
    """Where a page leads that sends the browser to the provider."""
    assert answer.status_code == 200, answer.text
    found = re.search(r'href="(http[^"]+/auth\?[^"]+)"', answer.text)
    assert found, answer.text
    return html.unescape(found[1])


def begin_link(visitor: Visitor, **form: str) -> Any:
    return visitor.post("/account/identities", {"provider": "works", **form})


def said(visitor: Visitor, answer: Any) -> str:
    """What the page says that one is led back to."""
    assert answer.status_code in (302, 303), answer.text
    return str(visitor.get(answer.location).text)


def by_provider(site: Website, subject: str) -> Visitor:
    visitor = site.visitor()
    assert returned(visitor, sign_in_at(begun(visitor)[0], subject)).status_code == 302
    return visitor


def only_by_provider(site: Website, login: str, subject: str) -> Visitor:
    """Somebody who has no password, signed in by the provider."""
    linked(site, login, subject)
    with site.deps.sessions.begin() as session:
        session.execute(sa.update(Person).where(Person.login == login).values(password_hash=None))
    return by_provider(site, subject)


def subjects(site: Website, login: str) -> set[str]:
    with site.deps.sessions() as session:
        statement = sa.select(PersonIdentity.subject).join(Person).where(Person.login == login)
        return set(session.scalars(statement))


def unlinking(page: str) -> list[str]:
    return re.findall(r'action="([^"]*/identities/[^"]+/unlink)"', page)


def test_who_gives_the_password_links_the_own_account_and_signs_in_by_it_and_unlinks_it(
    site: Website,
) -> None:
    visitor = site.visitor("li_na")
    refused = begin_link(visitor, password="wrong")
    assert "账号或密码不正确" in said(visitor, refused) and "请输入密码" in said(visitor, begin_link(visitor))
    address = away(begin_link(visitor, password=PASSWORD))
    asked = parse_qs(urlsplit(address).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    page = said(visitor, returned(visitor, sign_in_at(address, "e-4711")))
    assert "已关联" in page and "单位认证" in page and "e-4711" in page
    other = by_provider(site, "e-4711")
    assert "李楠" in other.get("/account").text
    (unlink,) = unlinking(visitor.get("/account").text)
    assert site.visitor("wang_lei").post(unlink).status_code == 404
    assert "已取消关联" in said(visitor, visitor.post(unlink))
    assert other.get("/account").location.startswith("/sign-in")
    with site.deps.sessions() as session:
        events = session.scalars(sa.select(AuditEvent.after).where(AuditEvent.subject == "person")).all()
    for did in ("linked", "unlinked"):
        assert {did: "works", "subject": "e-4711"} in [json.loads(each) for each in events if each]


def test_an_identity_of_somebody_else_is_refused_without_saying_whose(site: Website) -> None:
    linked(site, "wang_lei", "e-4711")
    visitor = site.visitor("li_na")
    answer = returned(visitor, sign_in_at(away(begin_link(visitor, password=PASSWORD)), "e-4711"))
    page = said(visitor, answer)
    assert "已与其他账号关联" in page and "wang_lei" not in page and "王磊" not in page
    assert subjects(site, "li_na") == set()


def test_what_one_session_has_begun_no_other_one_ends(site: Website) -> None:
    visitor, attacker = site.visitor("li_na"), site.visitor("wang_lei")
    back = sign_in_at(away(begin_link(attacker, password=PASSWORD)), "e-666")
    assert returned(visitor, back).status_code == 401  # nothing is under way in this browser
    with attacker.client.session_transaction() as cookie:
        kept = cookie["oidc"]
    with visitor.client.session_transaction() as cookie:
        cookie["oidc"] = kept
    assert "没有完成" in said(visitor, returned(visitor, back))
    nobody = site.visitor()
    with nobody.client.session_transaction() as cookie:
        cookie["oidc"] = kept
    back = sign_in_at(away(begin_link(attacker, password=PASSWORD)), "e-666")
    assert returned(nobody, back).status_code in (302, 303)
    assert nobody.get("/account").location.startswith("/sign-in")
    assert subjects(site, "li_na") == subjects(site, "wang_lei") == set()


def test_the_last_way_in_stays_but_an_operator_may_take_it(site: Website) -> None:
    visitor = only_by_provider(site, "li_na", "e-4711")
    page = visitor.get("/account").text
    assert "唯一的登录方式" in page and unlinking(page) == []
    with site.deps.sessions() as session:
        mine = session.scalars(sa.select(PersonIdentity.id)).one()
    refused = visitor.post(f"/account/identities/{mine}/unlink")
    assert refused.status_code == 409 and "唯一的登录方式" in refused.text
    linked(site, "li_na", "e-4712")
    unlink = unlinking(visitor.get("/account").text)
    assert len(unlink) == 2
    operator = site.visitor("tang_wei")
    theirs = unlinking(operator.get("/people/li_na/access").text)
    assert len(theirs) == 2 and operator.post(theirs[0]).status_code == 302
    assert subjects(site, "li_na") == {"e-4712"}
    assert visitor.get("/account").location.startswith("/sign-in")  # it was opened by the one that is gone
    assert operator.post(theirs[1]).status_code == 302
    assert operator.post(theirs[1]).status_code == 404
    assert subjects(site, "li_na") == set()


def test_a_provider_no_longer_in_use_is_no_way_in(site: Website) -> None:
    visitor = only_by_provider(site, "li_na", "e-4711")
    with site.deps.sessions.begin() as session:
        known = session.scalars(sa.select(PersonIdentity)).one()
        old = PersonIdentity(
            person_id=known.person_id,
            issuer="https://old.example",
            subject="e-1",
            linked_at=site.clock.now(),
        )
        session.add(old)
    (unlink,) = unlinking(visitor.get("/account").text)  # the old one; that of the provider in use stays
    assert visitor.post(unlink).status_code == 303
    assert subjects(site, "li_na") == {"e-4711"}


def test_who_has_no_password_makes_a_token_after_signing_in_at_the_provider_again(site: Website) -> None:
    visitor = only_by_provider(site, "li_na", "e-4711")
    assert "到 单位认证 重新登录" in visitor.get("/account").text
    refused = visitor.post("/account/tokens", ORDER)
    assert refused.status_code == 422 and "先到统一认证重新登录" in refused.text
    address = away(visitor.post("/account/confirmation", {"provider": "works"}))
    assert "请输入密码" not in said(visitor, returned(visitor, sign_in_at(address, "e-4711")))
    wrong = visitor.post("/account/tokens", {**ORDER, "days": "1000"})
    assert wrong.status_code == 422  # which uses nothing up
    made = visitor.post("/account/tokens", ORDER)
    secret = re.search(r"<code>(rd_[^<]+)</code>", made.text)
    assert secret, made.text
    called = site.app.test_client().get("/api/v1/cases", headers={"Authorization": f"Bearer {secret[1]}"})
    assert called.status_code == 200
    assert visitor.post("/account/tokens", ORDER).status_code == 422  # it was good for one
    address = away(visitor.post("/account/confirmation", {"provider": "works"}))
    returned(visitor, sign_in_at(address, "e-4711"))
    assert by_provider(site, "e-4711").post("/account/tokens", ORDER).status_code == 422  # another session
    site.clock.advance(timedelta(minutes=5))
    assert visitor.post("/account/tokens", ORDER).status_code == 422


def test_somebody_else_at_the_provider_confirms_nothing(site: Website) -> None:
    visitor = only_by_provider(site, "li_na", "e-4711")
    linked(site, "wang_lei", "e-4712")
    for subject in ("e-4712", "e-unknown"):
        address = away(visitor.post("/account/confirmation", {"provider": "works"}))
        page = said(visitor, returned(visitor, sign_in_at(address, subject)))
        assert "没有与本账号关联" in page and "wang_lei" not in page
        assert visitor.post("/account/tokens", ORDER).status_code == 422
    with site.deps.sessions() as session:
        assert session.scalars(sa.select(WebSession.confirmed_at)).all() == [None]


def test_the_provider_asks_for_the_password_although_somebody_is_signed_in_there(
    site: Website, issuer: str
) -> None:
    visitor = only_by_provider(site, "li_na", "e-4711")
    with httpx.Client(trust_env=False) as browser:
        assert returned(visitor, sign_in_at(begun(visitor)[0], "e-4711", browser)).status_code == 302
        usual = browser.get(begun(visitor)[0], follow_redirects=False)
        while usual.is_redirect and str(usual.next_request and usual.next_request.url).startswith(issuer):
            usual = browser.get(str(usual.next_request and usual.next_request.url))
        assert usual.is_redirect and "code=" in usual.headers["location"]  # who is signed in is not asked
        address = away(visitor.post("/account/confirmation", {"provider": "works"}))
        page = browser.get(address, follow_redirects=True)
        assert 'name="password"' in page.text


@pytest.mark.parametrize("said_of_it", [None, -61, 61, "now", True], ids=str)
def test_a_provider_that_does_not_say_that_somebody_has_signed_in_just_now_confirms_nothing(
    website: Website, said_of_it: object
) -> None:
    with lying_provider() as liar:
        site = with_provider(website, liar.issuer)
        linked(site, "li_na", "wang")
        visitor = site.visitor("li_na")
        asked = parse_qs(urlsplit(away(visitor.post("/account/confirmation", {"provider": "works"}))).query)
        now = int(site.clock.now().timestamp())
        at = now + said_of_it if type(said_of_it) is int else said_of_it
        claims = {
            "iss": liar.issuer, "aud": CLIENT_ID, "sub": "wang", "nonce": asked["nonce"][0], "iat": now, "exp": now + 300,
        }  # fmt: skip
        liar.hand_out(signed(claims if at is None else {**claims, "auth_time": at}))
        answer = returned(visitor, f"/sign-in/with/works/back?code=c&state={asked['state'][0]}")
        assert "没有完成" in said(visitor, answer)
        with site.deps.sessions() as session:
            assert session.scalars(sa.select(WebSession.confirmed_at)).all() == [None]


def test_a_provider_that_is_gone_is_said_on_the_page_of_the_account(website: Website) -> None:
    with lying_provider() as gone:
        issuer = gone.issuer
    site = with_provider(website, issuer)
    linked(site, "li_na", "wang")
    visitor = site.visitor("li_na")
    for address in ("/account/identities", "/account/confirmation"):
        answer = visitor.post(address, {"provider": "works", "password": PASSWORD})
        assert "暂时不可用" in said(visitor, answer)
    assert visitor.post("/account/tokens", {**ORDER, "password": PASSWORD}).status_code == 200
