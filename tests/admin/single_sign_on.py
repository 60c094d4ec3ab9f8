"""A website whose people sign in with an identity provider."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from engine.actor import SYSTEM
from redress import bootstrap
from redress.single_sign_on import providers_of
from tasks.people.accounts import on_this_machine
from tasks.people.oidc.linking import link
from tests.admin.conftest import Visitor, Website
from tests.clients import TidyClient
from tests.provider.running import CLIENT_ID, CLIENT_SECRET, PUBLIC_URL


def with_provider(website: Website, issuer: str, *, local: tuple[str, ...] = (), **more: str) -> Website:
    """The same website with the provider `works`; more: further settings of it, such as ACCOUNTS."""
    given = {"ISSUER": issuer, "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET, **more}
    environment = {f"REDRESS_OIDC_WORKS_{name}": value for name, value in given.items()}
    settings = replace(
        website.deps.settings, providers=providers_of(environment, PUBLIC_URL), local_sign_in=local
    )
    providers = bootstrap.providers_of(settings, website.clock)
    deps = replace(website.deps, settings=settings, providers=providers)
    app = bootstrap.create_app(deps)
    app.test_client_class = TidyClient
    return Website(app, deps, website.clock)


def linked(website: Website, login: str, subject: str) -> None:
    with website.deps.sessions.begin() as session:
        account = on_this_machine(session, website.deps, login, SYSTEM)
        provider = website.deps.providers.named("works")
        assert provider
        link(session, website.deps, account, provider, subject)


def begun(visitor: Visitor, back_to: str = "") -> tuple[str, dict[str, str]]:
    """Begin to sign in: the address at the provider, and its parameters."""
    answer = visitor.get("/sign-in/with/works" + (f"?next={back_to}" if back_to else ""))
    assert answer.status_code == 302, answer.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
    return answer.location, asked


def returned(visitor: Visitor, address: str) -> Any:
    """Come back to where the provider sends the browser."""
    return visitor.get(address.removeprefix(PUBLIC_URL))
