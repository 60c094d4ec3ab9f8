"""`redress person`, `token` and `key`: what lets somebody in, from the machine's own command line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from redress.bootstrap import bind, build, create_app, prepare
from redress.cli import main
from redress.settings import Settings, SettingsError
from tests.clients import TidyClient

Command = Callable[..., Result]
GATEWAY = "regulator_gateway"


@pytest.fixture
def redress(database_url: str, place: Path) -> Command:
    """Run one command on an installation with the demo organisation."""
    prepare(Settings(home=place), database_url)
    environment = {"DATABASE_URL": database_url, "REDRESS_HOME": str(place), "COLUMNS": "200"}

    def command(*arguments: str) -> Result:
        return CliRunner(env=environment).invoke(main, arguments)

    return command


def test_whoever_may_type_commands_lets_people_and_systems_in_and_out(
    redress: Command, database_url: str, place: Path
) -> None:
    given = redress("person", "reset-password", "tang_wei")
    assert given.exit_code == 0, given.output
    password = given.output.split()[0]
    assert "must change the password" in redress("person", "show", "tang_wei").output
    assert redress("person", "unlock", "tang_wei").exit_code == 0

    order = ("--scope", "self.read", "--days", "30", "--label", "gateway")
    made = redress("token", "issue", GATEWAY, *order)
    assert made.exit_code == 0, made.output
    secret = re.search(r"rd_\S+", made.output)
    token_id = re.search(r"id: (\S+)", made.output)
    assert secret and token_id
    assert token_id[1] in redress("token", "list", GATEWAY).output
    assert redress("key", "issue", GATEWAY, *order).exit_code == 0
    key_id = re.search(r"rk_\S+", redress("key", "list", GATEWAY).output)
    assert key_id

    deps = build(Settings(home=place, database_url=database_url), database_url)
    app = create_app(deps)
    app.test_client_class = TidyClient
    bearer = {"Authorization": f"Bearer {secret[0]}"}
    assert app.test_client().get("/api/v1/me", headers=bearer).json["login"] == GATEWAY
    signing_in = {"login": "tang_wei", "password": password}
    assert (
        app.test_client().post("/api/v1/tokens", json=signing_in).json["code"] == "password-change-required"
    )

    assert redress("key", "revoke", GATEWAY, key_id[0]).exit_code == 0
    assert redress("token", "revoke", GATEWAY, token_id[1]).exit_code == 0
    assert app.test_client().get("/api/v1/me", headers=bearer).status_code == 401
    bind(deps).dispose()
    assert "has no token" in redress("token", "list", GATEWAY).output
    assert "0 ended" in redress("person", "end-access", GATEWAY).output


def test_what_cannot_be_is_refused_in_one_sentence(redress: Command) -> None:
    order = ("--scope", "self.read", "--days", "30", "--label", "x")
    for arguments, sentence in (
        (("person", "show", "nobody"), "no such login"),
        (("person", "reset-password", GATEWAY), "has none"),
        (("token", "issue", "li_na", *order), "only systems"),
        (("key", "revoke", GATEWAY, "rk_none"), "no such key"),
        (
            ("token", "issue", GATEWAY, "--scope", "case.steal", "--days", "1", "--label", "x"),
            "no such permission",
        ),
    ):
        refused = redress(*arguments)
        assert refused.exit_code == 1, arguments
        assert sentence in refused.output
    assert redress("key", "issue", GATEWAY, "--scope", "*", "--days", "366", "--label", "x").exit_code == 2


def test_the_doctor_says_whether_the_demo_password_is_enough(redress: Command) -> None:
    assert "must be changed at the first sign-in" in redress("doctor").output


def test_somebody_is_linked_with_what_a_provider_calls_them(
    redress: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {
        "REDRESS_PUBLIC_URL": "https://redress.example",
        "REDRESS_OIDC_WORKS_ISSUER": "https://id.example",
        "REDRESS_OIDC_WORKS_CLIENT_ID": "redress",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    given = ("--provider", "works", "--subject", "e-4711")
    assert redress("person", "link", "tang_wei", *given).exit_code == 0
    assert redress("person", "link", "tang_wei", *given).exit_code == 0
    assert "e-4711 of https://id.example" in redress("person", "show", "tang_wei").output
    taken = redress("person", "link", "li_na", *given)
    assert taken.exit_code != 0 and "linked with tang_wei" in str(taken.output) + str(taken.exception)
    unknown = redress("person", "link", "li_na", "--provider", "other", "--subject", "e")
    assert unknown.exit_code != 0 and "works" in str(unknown.output) + str(unknown.exception)
    assert redress("person", "unlink", "tang_wei", "--provider", "works").exit_code == 0
    assert redress("person", "unlink", "tang_wei", "--provider", "works").exit_code != 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"REDRESS_OIDC_WORKS_ISSUER": "http://id.example"}, "REDRESS_OIDC_WORKS_ISSUER"),
        ({"REDRESS_OIDC_WORKS_CLIENT_ID": ""}, "REDRESS_OIDC_WORKS_CLIENT_ID"),
        ({"REDRESS_OIDC_WORKS_ALGORITHMS": "none"}, "REDRESS_OIDC_WORKS_ALGORITHMS"),
        ({"REDRESS_OIDC_WORKS_ALGORITHMS": "HS256 RS256"}, "REDRESS_OIDC_WORKS_ALGORITHMS"),
        ({"REDRESS_OIDC_WORKS_SCOPES": "profile"}, "REDRESS_OIDC_WORKS_SCOPES"),
        ({"REDRESS_OIDC_WORKS_SECONDS": "nan"}, "REDRESS_OIDC_WORKS_SECONDS"),
        ({"REDRESS_OIDC_WORKS_ISUER": "x"}, "REDRESS_OIDC_WORKS_ISUER"),
        ({"REDRESS_PUBLIC_URL": ""}, "REDRESS_PUBLIC_URL"),
    ],
    ids=str,
)
def test_a_provider_that_cannot_be_used_is_refused_by_name(change: dict[str, str], named: str) -> None:
    good = {
        "REDRESS_PUBLIC_URL": "https://redress.example",
        "REDRESS_OIDC_WORKS_ISSUER": "https://id.example",
        "REDRESS_OIDC_WORKS_CLIENT_ID": "redress",
    }
    assert Settings.from_environment(good).providers[0].name == "works"
    with pytest.raises(SettingsError, match=named):
        Settings.from_environment(good | change)


def test_emergency_logins_need_a_provider_for_everybody_else() -> None:
    with pytest.raises(SettingsError, match="REDRESS_LOCAL_SIGN_IN"):
        Settings.from_environment({"REDRESS_LOCAL_SIGN_IN": "tang_wei"})
