"""Signed calls (RFC 9421): good ones are taken, and whatever is wrong with the others is the same refusal."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from flask import Flask

from api import register_api, signatures
from tasks.cases.tables import Case
from tasks.people import keys
from tasks.people.identity import NotSignedIn
from tasks.people.tables import Person, SignedNonce
from tests.api.conftest import Api
from tests.api.signing import Signer, b64
from tests.tasks.office import FACTS
from tests.tasks.systems import CRM, add_systems

ORDER = {"scopes": ["case.file", "case.read", "self.read"], "days": 30, "label": "test"}
FILE = ("POST", "/cases/request", {"facts": FACTS})


@pytest.fixture
def signer(api: Api) -> Signer:
    add_systems(api.office)
    issued = api("tang_wei", "POST", f"/people/{CRM}/keys", ORDER)
    assert issued.status_code == 201, issued.text
    return Signer(api, issued.json["id"], issued.json["secret"])


@pytest.fixture
def refused(api: Api) -> Any:
    """What somebody without any credentials is told at GET /me."""
    return api(None, "GET", "/me")


def test_a_signed_call_acts_as_its_system_within_the_scopes_of_its_key(signer: Signer) -> None:
    me = signer.call("GET", "/me")
    assert me.status_code == 200, me.text
    assert (me.json["login"], me.json["scopes"]) == (CRM, sorted(ORDER["scopes"]))
    filed = signer.call(*FILE)
    assert filed.status_code == 201, filed.text
    number = filed.json["number"]
    assert signer.call("GET", f"/cases/{number}").status_code == 200
    assert signer.call("GET", "/cases?limit=1&status=active").status_code == 200
    assert signer.call("GET", "/tasks").status_code == 403


def test_path_and_query_may_be_covered_instead_of_the_whole_address(signer: Signer) -> None:
    def call(target: str, **components: str) -> int:
        path, _, query = target.partition("?")
        parts = {"@path": "/api/v1" + path, "@query": "?" + query, **components}
        return int(signer.call("GET", target, leave_out=("@target-uri",), components=parts).status_code)

    assert call("/me") == 200
    assert call("/cases?limit=1&q=%E6%9D%8E") in (200, 422)
    assert call("/me", **{"@query": "?a=b"}) == 401
    assert call("/me", **{"@authority": "localhost"}) == 200
    assert call("/me", **{"@authority": "elsewhere"}) == 401


def test_a_nonce_is_used_once_whatever_became_of_the_call(signer: Signer, refused: Any) -> None:
    headers = signer.headers("GET", "/api/v1/me")
    assert signer.send("GET", "/me", headers).status_code == 200
    assert signer.send("GET", "/me", headers).data == refused.data
    body = orjson.dumps({"facts": {}})
    wrong = signer.headers("POST", "/api/v1/cases/request", body)
    assert signer.send("POST", "/cases/request", wrong, body).status_code == 422
    assert signer.send("POST", "/cases/request", wrong, body).status_code == 401


def test_a_signed_call_sent_again_with_another_nonce_has_its_effect_once(signer: Signer) -> None:
    first, again = (signer.call(*FILE, more={"Idempotency-Key": "once"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert signer.api.office.scalar(sa.select(sa.func.count()).select_from(Case)) == 1


SPOILT: dict[str, dict[str, Any]] = {
    "no method covered": {"leave_out": ["@method"]},
    "no address covered": {"leave_out": ["@target-uri"]},
    "the path without the query": {
        "leave_out": ["@target-uri"],
        "components": {"@path": "/api/v1/me"},
    },
    "another method": {"components": {"@method": "POST"}},
    "another address": {"components": {"@target-uri": "http://localhost/api/v1/tasks"}},
    "another host": {"components": {"@target-uri": "http://elsewhere/api/v1/me"}},
    "a header that is not there": {"components": {"date": "today"}},
    "an unknown derived component": {"components": {"@status": "200"}},
    "its own signature covered": {"components": {"signature": "x"}},
    "a component with parameters": {"components": {'@method";req': "GET"}},
    "a header in capitals": {"components": {"Host": "localhost"}},
    "no nonce": {"nonce": None},
    "a short nonce": {"nonce": "short"},
    "a nonce with spaces": {"nonce": "two words here"},
    "a nonce that is a number": {"nonce": 12345678},
    "no created": {"created": None},
    "created as text": {"created": "1772413200"},
    "no expires": {"expires": None},
    "no algorithm": {"alg": None},
    "another algorithm": {"alg": "rsa-pss-sha512"},
    "no key": {"keyid": None},
    "a made-up key": {"keyid": "rk_AAAAAAAAAAAAAAAA"},
    "a key that is no key": {"keyid": "crm"},
    "a parameter of another kind": {"tag": "x"},
}


@pytest.mark.parametrize("how", SPOILT)
def test_whatever_is_wrong_with_a_signature_is_told_in_the_very_same_words(
    signer: Signer, refused: Any, how: str
) -> None:
    answer = signer.call("GET", "/me", **SPOILT[how])
    assert (answer.status_code, answer.data) == (401, refused.data)
    assert answer.headers["WWW-Authenticate"] == refused.headers["WWW-Authenticate"]
    assert signer.call("GET", "/me").status_code == 200


def garbled(signer: Signer) -> Iterator[dict[str, str]]:
    good = signer.headers("GET", "/api/v1/me")
    signature, inputs = good["Signature"], good["Signature-Input"]
    yield {"Signature-Input": inputs}
    yield {**good, "Signature": ""}
    yield {**good, "Signature": "sig1=" + b64(b"x" * 32)}
    yield {**good, "Signature": "sig1=" + b64(b"x" * 3)}
    yield {**good, "Signature": signature.replace("sig1", "sig2")}
    yield {**good, "Signature": signature + ";a=1"}
    yield {**good, "Signature": signature + ", " + signature}
    yield {**good, "Signature": signature + ", " + signature.replace("sig1", "sig2")}
    yield {
        **good,
        "Signature-Input": inputs + ", " + inputs.replace("sig1", "sig2"),
        "Signature": signature + ", " + signature.replace("sig1", "sig2"),
    }
    yield {**good, "Signature-Input": "sig1"}
    yield {**good, "Signature-Input": "sig1=1"}
    yield {**good, "Signature-Input": "sig1=("}
    yield {**good, "Signature-Input": inputs.replace('"@method"', '"@method" "@method"')}
    yield {**good, "Signature-Input": inputs.replace('"@method"', '"@method";req')}
    yield {**good, "Signature-Input": inputs.replace('"@method"', "method")}
    yield {**good, "Signature-Input": inputs.replace(";nonce", ';nonce="another-one";nonce', 1)}
    yield {**good, "Signature-Input": "sig1=(" + ' "@method"' * 5000 + ")"}
    yield {**good, "Signature-Input": inputs.replace("localhost", "\u00fc")} | {"Signature": "\u00fc"}
    yield {**good, "Authorization": "Bearer rd_x"}
    yield {**good, "Authorization": ""}
    yield {**good, "Authorization": f"Bearer {signer.api.token('li_na')}"}


def test_garbled_headers_are_told_in_the_very_same_words(signer: Signer, refused: Any) -> None:
    tried = list(garbled(signer))
    for headers in tried:
        answer = signer.send("GET", "/me", headers)
        assert (answer.status_code, answer.data) == (401, refused.data), headers
    assert len(tried) > 20


@pytest.mark.parametrize(
    ("created", "expires", "taken"),
    [(0, 60, True), (-300, 1, True), (300, 600, True), (-301, 60, False), (301, 400, False), (0, 0, False), (-10, -1, False), (0, 601, False), (200, 100, False), (-250, 10 ** 9, False)],
)  # fmt: skip
def test_a_signature_holds_for_five_minutes_around_its_making(
    signer: Signer, created: int, expires: int, taken: bool
) -> None:
    now = int(signer.api.office.clock.now().timestamp())
    answer = signer.call("GET", "/me", created=now + created, expires=now + expires)
    assert (answer.status_code == 200) is taken


def test_a_nonce_is_kept_for_longer_than_any_signature_holds(signer: Signer) -> None:
    from redress.bootstrap import KEEP_NONCES

    now = int(signer.api.office.clock.now().timestamp())
    headers = signer.headers("GET", "/api/v1/me", created=now + 300, expires=now + 600)
    assert signer.send("GET", "/me", headers).status_code == 200
    for minutes in (5, 4, 1):
        signer.api.office.clock.advance(timedelta(minutes=minutes))
        with signer.api.office.deps.sessions.begin() as session:
            keys.forget_nonces(session, signer.api.office.clock.now() - KEEP_NONCES)
        assert signer.send("GET", "/me", headers).status_code == 401
    signer.api.office.clock.advance(KEEP_NONCES)
    with signer.api.office.deps.sessions.begin() as session:
        keys.forget_nonces(session, signer.api.office.clock.now() - KEEP_NONCES)
    assert signer.api.office.scalar(sa.select(sa.func.count()).select_from(SignedNonce)) == 0
    assert signer.send("GET", "/me", headers).status_code == 401


def test_a_body_must_be_the_one_that_was_signed(signer: Signer) -> None:
    body, other = (orjson.dumps({"facts": {**FACTS, "demand": text}}) for text in ("退费", "退很多费"))
    path, target = "/cases/request", "/api/v1/cases/request"
    for headers in (
        signer.headers("POST", target, body),
        signer.headers("POST", target),  # no body covered
        signer.headers("POST", target, body, leave_out=["content-digest"]),
        {**signer.headers("POST", target, body), "Content-Digest": "sha-256=" + b64(sha256(other).digest())},
    ):
        assert signer.send("POST", path, headers, other).status_code == 401
    for digest in ("sha-512=:AAAA:", "sha-256=:AAAA:", "sha-256=1", "sha-256", "x"):
        spoilt = signer.headers("POST", target, components={"content-digest": digest})
        assert signer.send("POST", path, {**spoilt, "Content-Digest": digest}, other).status_code == 401
    assert signer.send("POST", path, signer.headers("POST", target, other), other).status_code == 201


def test_an_idempotency_key_that_was_not_signed_is_refused(signer: Signer) -> None:
    headers = signer.headers("GET", "/api/v1/me")
    assert signer.send("GET", "/me", {**headers, "Idempotency-Key": "added"}).status_code == 401


def test_a_key_ends_with_its_time_its_revocation_and_its_owner(signer: Signer, refused: Any) -> None:
    api = signer.api
    assert [key["id"] for key in api("tang_wei", "GET", f"/people/{CRM}/access").json["keys"]] == [
        signer.key_id
    ]
    with api.office.deps.sessions.begin() as session:
        session.execute(sa.update(Person).where(Person.login == CRM).values(active=False))
    assert signer.call("GET", "/me").data == refused.data
    with api.office.deps.sessions.begin() as session:
        session.execute(sa.update(Person).where(Person.login == CRM).values(active=True))
    assert signer.call("GET", "/me").status_code == 200
    assert api("tang_wei", "DELETE", f"/people/{CRM}/keys/{signer.key_id}").status_code == 204
    assert signer.call("GET", "/me").data == refused.data
    fresh = api("tang_wei", "POST", f"/people/{CRM}/keys", ORDER).json
    second = Signer(api, fresh["id"], fresh["secret"])
    assert second.call("GET", "/me").status_code == 200
    api.office.clock.advance(timedelta(days=30))
    assert second.call("GET", "/me").data == refused.data
    assert api.office.scalar(sa.select(sa.func.count()).select_from(SignedNonce)) == 2


def test_the_secret_is_derived_and_stored_nowhere(signer: Signer) -> None:
    with signer.api.office.deps.sessions() as session:
        for table in session.execute(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")):
            rows = session.execute(
                sa.text(f'SELECT count(*) FROM "{table[0]}" t WHERE t::text LIKE :it'),
                {"it": f"%{signer.secret}%"},
            )
            assert rows.scalar_one() == 0, table[0]
    settings = signer.api.office.deps.settings
    assert keys.secret_of(settings.ensure_secret_key(), signer.key_id) == signer.secret
    assert keys.secret_of("another installation's key", signer.key_id) != signer.secret


def test_behind_a_proxy_the_address_people_are_told_is_what_is_signed(signer: Signer) -> None:
    deps = signer.api.office.deps
    public = replace(deps, settings=replace(deps.settings, public_url="https://redress.example"))
    app = Flask("proxied")
    register_api(app, public)
    for origin, status in (("https://redress.example", 200), ("http://localhost", 401)):
        headers = signer.headers("GET", "/api/v1/me", components={"@target-uri": f"{origin}/api/v1/me"})
        assert app.test_client().get("/api/v1/me", headers=headers).status_code == status


def test_the_signature_base_is_that_of_the_standard() -> None:
    """RFC 9421, appendix B.2.5 (HMAC) with its key and message, and the parameters it leaves out."""
    fields = {
        "host": ["example.com"],
        "date": ["Tue, 20 Apr 2021 02:07:55 GMT"],
        "content-type": ["application/json"],
    }
    message = signatures.Message(
        "POST", "https://example.com", "/foo?param=Value&Pet=dog", lambda name: fields.get(name, [])
    )
    base = signatures.signature_base(
        message,
        ["date", "@authority", "content-type"],
        {"created": 1618884473, "keyid": "test-shared-secret"},
    )
    assert base == (
        '"date": Tue, 20 Apr 2021 02:07:55 GMT\n'
        '"@authority": example.com\n'
        '"content-type": application/json\n'
        '"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
    )
    from base64 import b64decode

    key = b64decode(
        "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
    )
    made = b64encode(hmac.new(key, base.encode(), sha256).digest()).decode()
    assert made == "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="


def test_values_that_could_forge_a_line_of_the_signature_base_are_refused(signer: Signer) -> None:
    fields = {"x": ['a\n"@method": DELETE']}
    message = signatures.Message("GET", "http://localhost", "/", lambda name: fields.get(name, []))
    with pytest.raises(ValueError):
        signatures.signature_base(message, ["x"], {})
    with pytest.raises(NotSignedIn):
        signatures.verified(message, lambda _key: "secret", signer.api.office.clock.now())


def test_a_signed_call_that_loses_a_deadlock_is_run_again_with_the_nonce_it_has_used(signer: Signer) -> None:
    def run(statement: str) -> None:
        with signer.api.office.deps.sessions.begin() as session:
            session.execute(sa.text(statement))

    run("CREATE SEQUENCE lost_once")
    run(
        "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('lost_once') = 1 THEN "
        "RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END IF; RETURN NEW; END $$"
    )
    try:
        run("CREATE TRIGGER lose BEFORE INSERT ON case_file FOR EACH ROW EXECUTE FUNCTION lose()")
        headers = signer.headers("POST", "/api/v1/cases/request", body := orjson.dumps({"facts": FACTS}))
        assert signer.send("POST", "/cases/request", headers, body).status_code == 201
        assert signer.send("POST", "/cases/request", headers, body).status_code == 401
    finally:
        run("DROP FUNCTION lose CASCADE")
        run("DROP SEQUENCE lost_once")
