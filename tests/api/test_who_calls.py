"""Credentials at the edge: one refusal for whatever is wrong, scopes before old answers, nothing wider than its owner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from api.idempotency import IdempotencyKey
from tasks.audit.tables import AuditEvent
from tasks.people.tables import ApiToken, Person
from tests.api.conftest import Api
from tests.tasks.office import FACTS, PASSWORD
from tests.tasks.systems import CRM, GATEWAY, add_systems

OPERATOR, OF_HENAN = "tang_wei", "he_nan"
NEW = "gelber Mond über Kaifeng"
ORDER = {"scopes": ["case.read", "case.file"], "days": 365, "label": "CRM"}


def with_token(api: Api, token: str, method: str, path: str, json: Any = None, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
    return api(None, method, path, json, headers=headers, **more)


@pytest.fixture
def systems(api: Api) -> Api:
    add_systems(api.office)
    return api


def test_absent_garbled_unknown_expired_revoked_and_left_are_one_answer(api: Api) -> None:
    expired = api.token("li_na", life=timedelta(days=1))
    revoked = api("li_na", "POST", "/tokens", {"login": "li_na", "password": PASSWORD}).json
    assert api("li_na", "DELETE", f"/tokens/{revoked['id']}").status_code == 204
    left = api.token("deng_li", life=timedelta(days=300))
    with api.office.deps.sessions.begin() as session:
        session.execute(sa.update(Person).where(Person.login == "deng_li").values(active=False))
    api.office.clock.advance(timedelta(days=1))
    headers = [f"Bearer {secret}" for secret in (expired, revoked["token"], left, "rd_" + "x" * 43, "x")]
    headers += [
        "Bearer",
        "Bearer ",
        "Basic bGlfbmE6eA==",
        "Bearer " + "x" * 5000,
        "",
        "Bearer \u00fc",
        "Bearer a b",
    ]
    for method, path, body in (("GET", "/me", None), ("POST", "/cases/request", {"facts": {}})):
        for key in (None, "a-key", "not a key"):
            wanted = api(None, method, path, body, key=key)
            assert wanted.status_code == 401
            for header in headers:
                told = api(None, method, path, body, key=key, headers={"Authorization": header})
                assert (told.status_code, told.data) == (401, wanted.data), (header, key)
                assert told.headers["WWW-Authenticate"] == wanted.headers["WWW-Authenticate"]


def test_authentication_is_one_statement_with_and_without_a_key(api: Api) -> None:
    bind = api.office.deps.sessions.kw["bind"]
    api("li_na", "GET", "/me")
    sent: list[str] = []
    sa.event.listen(bind, "commit", lambda _conn: sent.append("commit"))
    from engine.db import Statement

    one = Statement.one

    def noted(self: Statement, *given: Any) -> Any:
        sent.append("one")
        return one(self, *given)

    def executed(*_: Any) -> None:
        sent.append("sql")

    sa.event.listen(bind, "before_cursor_execute", executed)
    Statement.one = noted  # type: ignore[method-assign]
    try:
        assert api("li_na", "GET", "/me").status_code == 200
    finally:
        Statement.one = one  # type: ignore[method-assign]
        sa.event.remove(bind, "before_cursor_execute", executed)
    assert sent == ["one"]


def test_a_narrower_token_does_not_hear_the_answer_a_wider_one_got(api: Api) -> None:
    wide, narrow = api.token("li_na"), api.token("li_na", scopes=["self.read"])
    call = ("POST", "/cases/request", {"facts": FACTS})
    first = with_token(api, wide, *call, key="once")
    assert first.status_code == 201
    assert with_token(api, wide, *call, key="once").data == first.data
    refused = with_token(api, narrow, *call, key="once")
    assert (refused.status_code, refused.json["code"]) == (403, "not-permitted")
    assert refused.data == with_token(api, narrow, *call, key="never used").data
    assert refused.data == with_token(api, narrow, *call, key="not a key").data


def test_a_stored_answer_is_for_its_caller_only(api: Api) -> None:
    call = ("POST", "/cases/request", {"facts": FACTS})
    mine = api("li_na", *call, key="same")
    other = api("he_jing", *call, key="same")
    assert mine.json["number"] != other.json["number"]
    assert "Idempotency-Replayed" not in other.headers


def test_me_tells_the_scopes_and_the_end_of_a_token(api: Api) -> None:
    narrow = api.token("li_na", scopes=["self.read", "case.read"], life=timedelta(days=2))
    me = with_token(api, narrow, "GET", "/me").json
    assert me["scopes"] == ["case.read", "self.read"]
    assert me["permissions"] == ["self.read", "case.read"]
    assert me["expires_at"].startswith("2026-03-04T09:00")


def test_i_list_and_revoke_my_own_tokens_and_nobody_elses(api: Api) -> None:
    mine = api(None, "POST", "/tokens", {"login": "li_na", "password": PASSWORD, "label": "script"}).json
    listed = api("li_na", "GET", "/tokens").json["items"]
    assert [token["label"] for token in listed if token["id"] == mine["id"]] == ["script"]
    assert mine["token"] not in api("li_na", "GET", "/tokens").text
    theirs = api("he_jing", "DELETE", f"/tokens/{mine['id']}")
    made_up = api("he_jing", "DELETE", "/tokens/00000000-0000-4000-8000-000000000000")
    assert (theirs.status_code, made_up.status_code) == (404, 404)
    assert theirs.json["detail"].replace(mine["id"], "?") == made_up.json["detail"].replace(
        "00000000-0000-4000-8000-000000000000", "?"
    )
    assert api("li_na", "DELETE", f"/tokens/{mine['id']}").status_code == 204
    assert with_token(api, mine["token"], "GET", "/me").status_code == 401


def test_an_operator_issues_a_token_to_a_system_which_does_no_more_than_its_scopes(systems: Api) -> None:
    issued = systems(OPERATOR, "POST", f"/people/{CRM}/tokens", ORDER)
    assert issued.status_code == 201, issued.text
    secret = issued.json["secret"]
    assert with_token(systems, secret, "POST", "/cases/request", {"facts": FACTS}).status_code == 201
    assert with_token(systems, secret, "GET", "/tasks").status_code == 403
    assert with_token(systems, secret, "GET", "/me").status_code == 403
    held = systems(OPERATOR, "GET", f"/people/{CRM}/access").json["tokens"]
    assert [(token["label"], token["scopes"]) for token in held] == [("CRM", sorted(ORDER["scopes"]))]
    gone = systems(OPERATOR, "DELETE", f"/people/{CRM}/tokens/{issued.json['id']}")
    assert gone.status_code == 204
    assert with_token(systems, secret, "GET", "/cases").status_code == 401


def test_an_answer_that_shows_a_secret_is_stored_nowhere(systems: Api) -> None:
    first, again = (systems(OPERATOR, "POST", f"/people/{CRM}/tokens", ORDER, key="one") for _ in range(2))
    assert first.json["secret"] != again.json["secret"]
    assert systems.office.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) == 0
    trail = systems.office.scalar(sa.select(sa.func.string_agg(AuditEvent.after, " ")))
    assert "CRM" in trail and first.json["secret"] not in trail
    stored = systems.office.scalar(sa.select(sa.func.count()).where(ApiToken.label == first.json["secret"]))
    assert stored == 0


def test_a_token_is_never_wider_than_the_one_it_was_issued_with(systems: Api) -> None:
    narrow = systems.token(OPERATOR, scopes=["token.issue", "case.read"])
    path = f"/people/{CRM}/tokens"
    for scopes in (["*"], ["case.read", "case.file"], ["session.revoke"]):
        refused = with_token(systems, narrow, "POST", path, {**ORDER, "scopes": scopes})
        assert refused.status_code == 403, scopes
    taken = with_token(systems, narrow, "POST", path, {**ORDER, "scopes": ["case.read"]})
    assert taken.status_code == 201


@pytest.mark.parametrize("order", [{"days": 366}, {"days": 0}, {"scopes": []}, {"scopes": ["case.steal"]}])
def test_a_token_for_too_long_or_for_nothing_is_refused(systems: Api, order: dict[str, Any]) -> None:
    for kind in ("tokens", "keys"):
        assert systems(OPERATOR, "POST", f"/people/{CRM}/{kind}", {**ORDER, **order}).status_code == 422
        missing = {key: value for key, value in ORDER.items() if key not in order}
        assert systems(OPERATOR, "POST", f"/people/{CRM}/{kind}", missing).status_code == 422


def test_nobody_issues_a_token_in_the_name_of_a_person(systems: Api) -> None:
    for login in ("sun_qiang", OPERATOR):
        refused = systems(OPERATOR, "POST", f"/people/{login}/tokens", ORDER)
        assert refused.status_code == 422
        assert refused.json["message_zh"]


def test_an_operator_of_a_province_finds_nobody_of_another(systems: Api) -> None:
    calls: tuple[tuple[str, str, Any], ...] = (
        ("GET", "/people/{}/access", None),
        ("DELETE", "/people/{}/access", None),
        ("POST", "/people/{}/unlock", None),
        ("POST", "/people/{}/password", None),
        ("POST", "/people/{}/tokens", ORDER),
        ("POST", "/people/{}/keys", ORDER),
        ("DELETE", "/people/{}/keys/rk_x", None),
        ("DELETE", "/people/{}/tokens/00000000-0000-4000-8000-000000000000", None),
    )
    for method, path, body in calls:
        made_up = systems(OF_HENAN, method, path.format("nobody"), body)
        assert made_up.status_code == 404
        for login in ("chen_yu", "lu_jian", GATEWAY):
            told = systems(OF_HENAN, method, path.format(login), body)
            assert told.status_code == 404, (method, path, login)
            assert told.text.replace(login, "nobody") == made_up.text
    assert systems(OF_HENAN, "GET", "/people/li_na/access").status_code == 200
    assert systems(OPERATOR, "GET", f"/people/{GATEWAY}/access").status_code == 200
    assert systems("li_na", "GET", "/people/nobody/access").status_code == 403
    assert systems("li_na", "GET", "/people/he_jing/access").status_code == 403


def test_a_locked_login_is_unlocked_by_an_operator(systems: Api) -> None:
    def sign_in(password: str) -> int:
        return int(systems(None, "POST", "/tokens", {"login": "li_na", "password": password}).status_code)

    assert [sign_in("wrong") for _ in range(11)] == [401] * 10 + [429]
    assert sign_in(PASSWORD) == 429
    assert systems(OPERATOR, "GET", "/people/li_na/access").json["locked_until"]
    assert systems(OPERATOR, "POST", "/people/li_na/unlock").status_code == 204
    assert systems(OPERATOR, "GET", "/people/li_na/access").json["locked_until"] is None
    assert sign_in(PASSWORD) == 201


def test_locked_logins_hear_one_answer_for_right_and_wrong_known_and_unknown(api: Api) -> None:
    told = set()
    for login in ("li_na", "li_no"):
        for _ in range(10):
            api(None, "POST", "/tokens", {"login": login, "password": "wrong"})
        for password in ("wrong", PASSWORD):
            answer = api(None, "POST", "/tokens", {"login": login, "password": password})
            told.add((answer.status_code, answer.text.replace(login, "?"), answer.headers["Retry-After"]))
    assert len(told) == 1


def test_a_given_password_opens_nothing_but_its_own_change(systems: Api) -> None:
    given = systems(OPERATOR, "POST", "/people/li_na/password").json["password"]
    old = {"login": "li_na", "password": PASSWORD}
    assert systems(None, "POST", "/tokens", old).status_code == 401
    refused = systems(None, "POST", "/tokens", {"login": "li_na", "password": given})
    assert (refused.status_code, refused.json["code"]) == (403, "password-change-required")
    assert refused.json["change"] == "/api/v1/password"
    change = {"login": "li_na", "password": given, "new_password": "short"}
    assert systems(None, "POST", "/password", change).json["code"] == "password-refused"
    wrong = systems(None, "POST", "/password", {**change, "password": "wrong", "new_password": NEW})
    assert wrong.status_code == 401
    assert systems(None, "POST", "/password", {**change, "new_password": NEW}).status_code == 204
    assert systems(None, "POST", "/tokens", {"login": "li_na", "password": given}).status_code == 401
    assert systems(None, "POST", "/tokens", {"login": "li_na", "password": NEW}).status_code == 201


def test_ending_somebodys_access_ends_everything_at_once(systems: Api) -> None:
    token = systems(None, "POST", "/tokens", {"login": "li_na", "password": PASSWORD}).json["token"]
    assert systems(OPERATOR, "DELETE", "/people/li_na/access").status_code == 204
    assert with_token(systems, token, "GET", "/me").status_code == 401
    held = systems(OPERATOR, "GET", "/people/li_na/access").json
    assert (held["sessions"], held["tokens"], held["keys"]) == ([], [], [])


def test_a_system_has_no_password_to_reset(systems: Api) -> None:
    assert systems(OPERATOR, "POST", f"/people/{CRM}/password").status_code == 422


def test_what_is_done_to_accounts_is_in_the_trail_with_who_did_it(systems: Api) -> None:
    systems(OPERATOR, "POST", f"/people/{CRM}/keys", ORDER)
    systems(OPERATOR, "POST", "/people/li_na/unlock")
    systems(OPERATOR, "POST", "/people/li_na/password")
    systems(OPERATOR, "DELETE", "/people/li_na/access")
    with systems.office.deps.sessions() as session:
        done = session.execute(
            sa.select(AuditEvent.verb, AuditEvent.subject).where(AuditEvent.actor_name == "唐苇")
        ).all()
    assert [(row.verb, row.subject) for row in done if row.verb != "self.manage"] == [
        ("token.issue", "key"),
        ("organisation.manage", "person"),
        ("organisation.manage", "person"),
        ("session.revoke", "person"),
    ]
