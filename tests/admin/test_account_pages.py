"""My account and the accounts of others, without a browser: forced changes, sessions, tokens, cookies, forged requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from redress import bootstrap
from redress.settings import Settings, SettingsError
from tasks.people.tables import Person, WebSession
from tests.admin.conftest import PASSWORD, Website
from tests.clients import TidyClient

NEW = "gelber Mond über Kaifeng"
GATEWAY = "regulator_gateway"


@pytest.fixture
def public(website: Website) -> Iterator[Website]:
    """The same installation, reached by everybody at https://redress.example."""
    settings = replace(website.deps.settings, public_url="https://redress.example")
    deps = replace(website.deps, settings=settings)
    app = bootstrap.create_app(deps)
    app.test_client_class = TidyClient
    return Website(app, deps, website.clock)


def secret_on(page: str) -> str:
    found = re.search(r"<code>([^<]+)</code>", page)
    assert found, page
    return found[1]


def change(visitor: Any, old: str = PASSWORD, new: str = NEW, **more: str) -> Any:
    form = {"password": old, "new_password": new, "repeated": new, **more}
    return visitor.post("/account/password", form)


def test_a_wrong_password_ten_times_locks_and_the_page_says_so_for_right_and_wrong(website: Website) -> None:
    visitor = website.visitor()
    assert {visitor.sign_in("li_na", "wrong").status_code for _ in range(10)} == {401}
    wrong, right = visitor.sign_in("li_na", "wrong"), visitor.sign_in("li_na")
    assert wrong.status_code == right.status_code == 429
    assert "请一刻钟后再试" in right.text
    assert wrong.text == right.text


def test_where_others_can_come_the_demo_password_opens_nothing_but_its_change(public: Website) -> None:
    base = "https://redress.example"
    client = public.app.test_client()

    def post(address: str, **form: str) -> Any:
        token = re.search(r'csrf-token" content="([^"]+)"', client.get("/sign-in", base_url=base).text)
        assert token
        return client.post(address, base_url=base, data={**form, "csrf_token": token[1]})

    page = client.get("/sign-in", base_url=base).text
    assert "演示账号" not in page and PASSWORD not in page
    assert post("/sign-in", login="li_na", password=PASSWORD).location == "/account/password"
    for address in ("/inbox", "/cases", "/account", "/file/suggestion"):
        assert client.get(address, base_url=base).location == "/account/password"
    assert post("/account/sessions/end").location == "/account/password"
    form = client.get("/account/password", base_url=base)
    assert form.status_code == 200 and "/inbox" not in form.text
    same = post("/account/password", password=PASSWORD, new_password=PASSWORD, repeated=PASSWORD)
    assert same.status_code == 422 and "演示密码" in same.text
    done = post("/account/password", password=PASSWORD, new_password=NEW, repeated=NEW)
    assert done.location == "/inbox"
    assert client.get("/inbox", base_url=base).status_code == 200
    api = client.post("/api/v1/tokens", base_url=base, json={"login": "wang_lei", "password": PASSWORD})
    assert (api.status_code, api.json["code"]) == (403, "password-change-required")


def test_who_must_change_the_password_may_sign_out(website: Website) -> None:
    with website.deps.sessions.begin() as session:
        given = {"must_change_password": True, "password_changed_at": website.clock.now()}
        session.execute(sa.update(Person).where(Person.login == "li_na").values(given))
    visitor = website.visitor()
    assert visitor.sign_in("li_na").location == "/account/password"
    assert visitor.post("/sign-out").location == "/sign-in"
    assert visitor.get("/account/password").location.startswith("/sign-in")


def test_another_password_ends_every_other_session(website: Website) -> None:
    here, there = website.visitor("li_na"), website.visitor("li_na")
    assert change(here, old="wrong").status_code == 422
    assert "两次输入" in change(here, repeated="something else").text
    assert change(here).location == "/account"
    assert here.get("/inbox").status_code == 200
    assert there.get("/inbox").status_code == 302
    assert website.visitor().sign_in("li_na").status_code == 401


def test_i_see_my_sessions_and_end_one_or_all(website: Website) -> None:
    here, there = website.visitor("li_na"), website.visitor("li_na")
    page = here.get("/account").text
    assert page.count("当前 <span") == 1
    other = re.findall(r"/account/sessions/([0-9a-f-]{36})/end", page)
    assert len(other) == 1
    foreign = website.visitor("wang_lei").post(f"/account/sessions/{other[0]}/end")
    assert foreign.status_code == 404
    assert here.post(f"/account/sessions/{other[0]}/end").status_code == 302
    assert there.get("/inbox").status_code == 302
    third = website.visitor("li_na")
    assert here.post("/account/sessions/end").location == "/sign-in"
    assert here.get("/inbox").status_code == third.get("/inbox").status_code == 302


def test_somebody_made_inactive_is_out_at_once(website: Website) -> None:
    visitor = website.visitor("li_na")
    with website.deps.sessions.begin() as session:
        session.execute(sa.update(Person).where(Person.login == "li_na").values(active=False))
    assert visitor.get("/inbox").status_code == 302


def test_a_planted_session_is_worth_nothing_after_signing_in(website: Website) -> None:
    attacker, victim = website.visitor("wang_lei"), website.visitor()
    planted = attacker.client.get_cookie("redress")
    assert planted is not None
    victim.client.set_cookie("redress", planted.value)
    victim.sign_in("li_na")
    assert victim.client.get_cookie("redress").value != planted.value
    assert "李楠" in victim.get("/inbox").text
    assert attacker.get("/inbox").status_code == 302  # the session that was in the browser is over
    before, after = attacker.token(), victim.token()
    assert before != after


def test_a_token_of_my_own_is_shown_once_and_asks_the_password(website: Website) -> None:
    visitor = website.visitor("li_na")
    order = {"label": "报表", "days": "30", "scopes": "case.read", "password": PASSWORD}
    assert visitor.post("/account/tokens", {**order, "password": "wrong"}).status_code == 422
    assert visitor.post("/account/tokens", {**order, "days": "1000"}).status_code == 422
    made = visitor.post("/account/tokens", order)
    secret = secret_on(made.text)
    called = website.app.test_client().get("/api/v1/cases", headers={"Authorization": f"Bearer {secret}"})
    assert called.status_code == 200
    page = visitor.get("/account").text
    assert "报表" in page and secret not in page
    token = re.search(r"/account/tokens/([0-9a-f-]{36})/revoke", page)
    assert token and visitor.post(token[0]).status_code == 302
    again = website.app.test_client().get("/api/v1/cases", headers={"Authorization": f"Bearer {secret}"})
    assert again.status_code == 401


def test_an_operator_helps_somebody_who_is_locked_out(website: Website) -> None:
    for _ in range(10):
        website.visitor().sign_in("li_na", "wrong")
    operator = website.visitor("tang_wei")
    assert "锁定至" in operator.get("/people/li_na/access").text
    assert operator.post("/people/li_na/unlock").status_code == 302
    assert "锁定至" not in operator.get("/people/li_na/access").text
    given = secret_on(operator.post("/people/li_na/password").text)
    visitor = website.visitor()
    assert visitor.sign_in("li_na", given).location == "/account/password"
    assert change(visitor, old=given).location == "/inbox"
    assert operator.post("/people/li_na/end").status_code == 302
    assert visitor.get("/inbox").status_code == 302


def test_an_operator_issues_a_token_or_a_key_to_a_system(website: Website) -> None:
    operator = website.visitor("tang_wei")
    order = {"label": "网关", "days": "90", "scopes": "case.file"}
    for kind, begins in (("token", "rd_"), ("key", "")):
        page = operator.post(f"/people/{GATEWAY}/issue", {**order, "kind": kind})
        assert page.status_code == 200, page.text
        assert secret_on(page.text).startswith(begins)
    held = operator.get(f"/people/{GATEWAY}/access").text
    assert "rk_" in held
    for address in re.findall(r'action="(/people/[^"]+/revoke)"', held):
        assert operator.post(address).status_code == 302
    assert "/revoke" not in operator.get(f"/people/{GATEWAY}/access").text
    assert operator.post("/people/li_na/issue", {**order, "kind": "token"}).status_code == 422
    assert operator.post(f"/people/{GATEWAY}/issue", {**order, "kind": "cookie"}).status_code == 422


def test_the_account_pages_of_others_are_for_operators_only(website: Website) -> None:
    visitor = website.visitor("li_na")
    for login in ("wang_lei", "nobody"):
        assert visitor.get(f"/people/{login}/access").status_code == 403
    assert website.visitor("tang_wei").get("/people/nobody/access").status_code == 404


def test_over_https_the_cookie_is_bound_to_this_host_and_browsers_insist_on_it(public: Website) -> None:
    answer = public.app.test_client().get("/sign-in", base_url="https://redress.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-redress=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; ")[1:])
    assert "Domain" not in cookie
    api = public.app.test_client().get("/api/v1/me", base_url="https://redress.example")
    assert api.headers["Strict-Transport-Security"] == answer.headers["Strict-Transport-Security"]


def test_without_https_nothing_insists_on_it(website: Website) -> None:
    answer = website.visitor().get("/sign-in")
    assert "Strict-Transport-Security" not in answer.headers
    assert "Secure" not in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"X-CSRFToken": "made up"},
    ],
)
def test_a_request_another_site_makes_a_browser_send_is_refused(
    website: Website, headers: dict[str, str]
) -> None:
    visitor = website.visitor("li_na")
    assert visitor.post("/account/sessions/end", headers=headers).status_code == 400
    assert visitor.get("/inbox").status_code == 200
    assert visitor.post("/sign-in", headers=headers).status_code == 400


def test_the_token_of_another_session_is_refused(website: Website) -> None:
    visitor, other = website.visitor("li_na"), website.visitor("wang_lei")
    refused = visitor.post("/account/sessions/end", {"csrf_token": other.token()})
    assert refused.status_code == 400


def test_no_method_is_overridden_and_the_api_takes_no_cookie(website: Website) -> None:
    visitor = website.visitor("li_na")
    override = {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST", "X-Method-Override": "POST"}
    assert visitor.get("/account/sessions/end?_method=POST", headers=override).status_code == 405
    assert visitor.get("/inbox").status_code == 200
    assert visitor.get("/api/v1/me").status_code == 401
    assert visitor.client.delete("/api/v1/sessions").status_code == 401


def test_looking_at_pages_keeps_a_session_alive(website: Website) -> None:
    from datetime import timedelta

    visitor = website.visitor("li_na")
    for _ in range(3):
        website.clock.advance(timedelta(minutes=40))
        assert visitor.get("/account").status_code == 200
    with website.deps.sessions() as session:
        seen = session.scalar(sa.select(sa.func.max(WebSession.seen_at)))
    assert seen == website.clock.now()


@pytest.mark.parametrize(
    "url",
    ["redress.example", "ftp://redress.example", "https://redress.example/path", "https://a@b", "https://[x"],
)
def test_an_address_that_is_none_is_refused_by_name(url: str, tmp_path: Path) -> None:
    environment = {"REDRESS_HOME": str(tmp_path), "REDRESS_PUBLIC_URL": url}
    with pytest.raises(SettingsError, match="REDRESS_PUBLIC_URL"):
        Settings.from_environment(environment)
    good = environment | {
        "REDRESS_PUBLIC_URL": "https://Redress.example:8443/",
        "REDRESS_DEMO_PASSWORDS": "keep",
    }
    assert Settings.from_environment(good).public_url == "https://redress.example:8443"
    with pytest.raises(SettingsError, match="REDRESS_DEMO_PASSWORDS"):
        Settings.from_environment({"REDRESS_HOME": str(tmp_path), "REDRESS_DEMO_PASSWORDS": "yes"})
