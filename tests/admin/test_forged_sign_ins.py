"""A provider that lies, is slow or is gone: nobody comes in, and local sign-in goes on."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OctKey

from tests.admin.conftest import Visitor, Website
from tests.admin.single_sign_on import begun, linked, returned, with_provider
from tests.provider.lying import KEY, NEXT_KEY, OTHER_KEY, Liar, lying_provider, signed
from tests.provider.running import CLIENT_ID, CLIENT_SECRET


@pytest.fixture
def liar() -> Iterator[Liar]:
    with lying_provider() as found:
        yield found


@pytest.fixture
def site(website: Website, liar: Liar) -> Website:
    found = with_provider(website, liar.issuer)
    linked(found, "li_na", "wang")
    return found


def good(site: Website, liar: Liar, nonce: str) -> dict[str, Any]:
    now = int(site.clock.now().timestamp())
    return {
        "iss": liar.issuer, "aud": CLIENT_ID, "sub": "wang", "nonce": nonce, "iat": now, "exp": now + 300
    }  # fmt: skip


def come_back(site: Website, liar: Liar, make: Callable[[dict[str, Any]], str], **answer: str) -> Any:
    """Sign in at a provider that hands out what `make` makes of a good token's claims."""
    visitor = site.visitor()
    _, asked = begun(visitor)
    liar.hand_out(make(good(site, liar, asked["nonce"])))
    query = "&".join(
        f"{name}={value}" for name, value in {"code": "c", "state": asked["state"], **answer}.items()
    )
    return returned(visitor, f"/sign-in/with/works/back?{query}")


def by_hand(algorithm: str, claims: dict[str, Any], secret: bytes = b"") -> str:
    """A token no library makes: unsigned, or signed with the public key as if it were a secret."""
    parts = [json.dumps(part).encode() for part in ({"alg": algorithm, "kid": "first", "typ": "JWT"}, claims)]
    text = b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    mark = hmac.digest(secret, text, "sha256") if secret else b""
    return (text + b"." + urlsafe_b64encode(mark).rstrip(b"=")).decode()


def test_a_true_token_is_taken(site: Website, liar: Liar) -> None:
    assert come_back(site, liar, signed).location == "/inbox"
    assert come_back(site, liar, lambda claims: signed({**claims, "aud": [CLIENT_ID]})).location == "/inbox"


WRONG: tuple[dict[str, Any], ...] = (
    {"iss": "https://evil.example"},
    {"aud": "another"},
    {"aud": [CLIENT_ID, "another"]},
    {"aud": [CLIENT_ID, "another"], "azp": "another"},
    {"azp": "another"},
    {"nonce": "another"},
    {"nonce": None},
    {"exp": 1},
    {"exp": "tomorrow"},
    {"iat": 4_000_000_000, "exp": 4_000_000_300},
    {"sub": ""},
    {"sub": 7},
    {"sub": "w\x00ang"},
    {"at_hash": "of-another-token"},
)


def test_a_token_with_a_wrong_claim_or_without_one_is_refused(site: Website, liar: Liar) -> None:
    for change in WRONG:
        assert come_back(site, liar, lambda claims: signed(claims | change)).status_code == 401, change  # noqa: B023
    for missing in ("iss", "aud", "sub", "exp", "iat", "nonce"):

        def without(claims: dict[str, Any], missing: str = missing) -> str:
            return signed({name: value for name, value in claims.items() if name != missing})

        assert come_back(site, liar, without).status_code == 401, missing


FORGED: dict[str, Callable[[dict[str, Any]], str]] = {
    "none": lambda claims: by_hand("none", claims),
    "other key": lambda claims: signed(claims, OTHER_KEY),
    "client secret": lambda claims: signed(claims, OctKey.import_key(CLIENT_SECRET), "HS256"),
    "public key as secret": lambda claims: by_hand("HS256", claims, KEY.as_pem(private=False)),
    "algorithm not allowed": lambda claims: signed(claims, KEY, "RS512"),
    "broken": lambda claims: signed(claims)[:-8] + "AAAAAAAA",
    "text": lambda claims: "no token",
    "not ASCII": lambda claims: "ä.ö.ü",
}


def test_a_token_the_provider_has_not_signed_as_allowed_is_refused(site: Website, liar: Liar) -> None:
    for name, forge in FORGED.items():
        assert come_back(site, liar, forge).status_code == 401, name


def test_a_provider_may_begin_to_sign_with_another_key(site: Website, liar: Liar) -> None:
    assert come_back(site, liar, signed).status_code == 302
    assert come_back(site, liar, lambda claims: signed(claims, NEXT_KEY)).status_code == 401
    liar.publish(KEY, NEXT_KEY)
    site.clock.advance(timedelta(seconds=5))
    assert come_back(site, liar, lambda claims: signed(claims, NEXT_KEY)).status_code == 302
    liar.publish(NEXT_KEY)
    site.clock.advance(timedelta(minutes=11))
    assert come_back(site, liar, signed).status_code == 401  # a withdrawn key counts no longer


def test_an_answer_that_is_not_to_this_attempt_is_refused(site: Website, liar: Liar) -> None:
    for answer in (
        {"state": "other"}, {"state": ""}, {"error": "access_denied"}, {"code": ""}, {"iss": "https://evil"}
    ):  # fmt: skip
        assert come_back(site, liar, signed, **answer).status_code == 401, answer
    assert "/token" not in liar.asked


def test_an_attempt_is_over_after_ten_minutes(site: Website, liar: Liar) -> None:
    visitor = site.visitor()
    _, asked = begun(visitor)
    site.clock.advance(timedelta(minutes=10))
    liar.hand_out(signed(good(site, liar, asked["nonce"])))
    assert returned(visitor, f"/sign-in/with/works/back?code=c&state={asked['state']}").status_code == 401


def test_userinfo_of_somebody_else_is_refused(site: Website, liar: Liar) -> None:
    liar.says["/me"] = {"sub": "li"}
    assert come_back(site, liar, signed).status_code == 401


def test_a_configuration_of_another_issuer_or_without_tls_is_not_believed(site: Website, liar: Liar) -> None:
    published = liar.says["/.well-known/openid-configuration"]
    published["authorization_endpoint"] = "http://evil.example/auth"
    assert site.visitor().get("/sign-in/with/works").status_code == 503
    published["issuer"] = "https://evil.example"
    site.clock.advance(timedelta(minutes=11))
    assert site.visitor().get("/sign-in/with/works").status_code == 503


def test_a_provider_that_is_gone_keeps_nobody_from_signing_in_here(website: Website) -> None:
    with lying_provider() as gone:
        issuer = gone.issuer
    site = with_provider(website, issuer)
    answer = site.visitor().get("/sign-in/with/works")
    assert answer.status_code == 503 and "暂时不可用" in answer.text
    assert isinstance(site.visitor("li_na"), Visitor)


def test_a_provider_that_never_answers_is_given_up(website: Website, liar: Liar) -> None:
    site = with_provider(website, liar.issuer, SECONDS="0.2")
    liar.hold.clear()
    answer = site.visitor().get("/sign-in/with/works")
    assert answer.status_code == 503 and "does not answer" in answer.text
    assert site.visitor("li_na").get("/cases").status_code == 200


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys", "/me"])
@pytest.mark.parametrize(
    ("how", "why"), [("drips", "took longer than 0.4 seconds"), ("floods", "sent more than 524288 bytes")]
)
def test_an_answer_that_never_ends_is_given_up_and_the_log_says_why(
    website: Website, liar: Liar, caplog: pytest.LogCaptureFixture, how: str, why: str, path: str
) -> None:
    site = with_provider(website, liar.issuer, SECONDS="0.2" if how == "drips" else "30")
    linked(site, "li_na", "wang")
    setattr(liar, how, path)
    visitor = site.visitor()
    answer = visitor.get("/sign-in/with/works")
    if answer.status_code == 302:
        asked = parse_qs(urlsplit(answer.location).query)
        liar.hand_out(signed(good(site, liar, asked["nonce"][0])))
        answer = returned(visitor, f"/sign-in/with/works/back?code=c&state={asked['state'][0]}")
    assert liar.asked[-1] == path
    assert answer.status_code == 503 and "暂时不可用" in answer.text and "does not answer" in answer.text
    assert f"Signing in with works was asked for; the provider {why}" in caplog.text


def test_an_unknown_provider_is_no_page(site: Website) -> None:
    assert site.visitor().get("/sign-in/with/nobody").status_code == 404
    assert site.visitor().get("/sign-in/with/nobody/back?code=c").status_code == 404


def test_who_signs_out_at_the_provider_is_signed_out_here(site: Website, liar: Liar) -> None:
    def sign_in(sid: str) -> Visitor:
        visitor = site.visitor()
        _, asked = begun(visitor)
        liar.hand_out(signed({**good(site, liar, asked["nonce"]), "sid": sid}))
        assert returned(visitor, f"/sign-in/with/works/back?code=c&state={asked['state']}").status_code == 302
        return visitor

    def is_in(visitor: Visitor) -> bool:
        return bool(visitor.get("/cases").status_code == 200)

    def told(token: str) -> int:
        client = site.app.test_client()
        return int(client.post("/sign-in/with/works/signed-out", data={"logout_token": token}).status_code)

    one, other, local = sign_in("s1"), sign_in("s2"), site.visitor("li_na")
    true = {name: value for name, value in good(site, liar, "").items() if name not in ("nonce", "sub")}
    true |= {"jti": "1", "sid": "s1", "events": {"http://schemas.openid.net/event/backchannel-logout": {}}}
    for change in (
        {"iss": "https://evil.example"}, {"aud": "another"}, {"exp": 1}, {"iat": true["iat"] - 301}, {"jti": None},
        {"events": {}}, {"events": None}, {"nonce": "n"}, {"sid": None}, {"sid": 7},
    ):  # fmt: skip
        assert told(signed(true | change)) == 400, change
    assert [told(signed(true, OTHER_KEY)), told(by_hand("none", true)), told(""), told("ü")] == [400] * 4
    assert is_in(one) and is_in(other)
    assert told(signed(true)) == 200
    assert not is_in(one) and is_in(other)
    assert told(signed({**true, "sid": "s2", "sub": "somebody else"})) == 200
    assert is_in(other)
    of_all = signed({**{name: true[name] for name in true if name != "sid"}, "sub": "wang"})
    assert told(of_all) == 200
    assert not is_in(other) and is_in(local)
    site.clock.advance(timedelta(seconds=61))
    again = sign_in("s3")
    assert told(of_all) == 200 and is_in(again)  # sent once more, it ends nothing that came later
