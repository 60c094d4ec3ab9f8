"""How people look after their own access, and operators after that of others, in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tasks.people.keys import issue_key
from tasks.people.oidc.linking import attach, identities
from tasks.people.sessions import open_session
from tasks.people.tokens import issue_token
from tests.api.matrix.recipe import Make, Recipe
from tests.api.matrix.world import World
from tests.tasks.office import PASSWORD

SYSTEM = "gateway"
"""The account of a system that the operator reaches."""
OUTSIDE = "stranger"
"""The account of somebody in another province, which the operator does not reach."""


def _token(world: World, login: str) -> Any:
    with world.acting(login) as (session, caller):
        return issue_token(session, world.deps, caller.id, actor=caller.actor).id


def _key(world: World, login: str) -> Any:
    with world.acting(login) as (session, caller):
        return issue_key(session, world.deps, caller.id, actor=caller.actor, life=timedelta(days=1)).id


def own_token(world: World, login: str) -> Mapping[str, Any]:
    return {"token_id": _token(world, login)}


def another_token(world: World, _login: str) -> Mapping[str, Any]:
    return own_token(world, "stranger")


def _identity(world: World, login: str) -> Any:
    with world.acting(login) as (session, caller):
        attach(session, world.deps, caller.id, "https://works.example", uuid4().hex)
        return identities(session, world.deps, caller.id)[-1].id


def own_identity(world: World, login: str) -> Mapping[str, Any]:
    return {"identity_id": _identity(world, login)}


def another_identity(world: World, _login: str) -> Mapping[str, Any]:
    return own_identity(world, "stranger")


def identity_of(login: str) -> Make:
    return lambda world, _login: {"login": login, "identity_id": _identity(world, login)}


def own_session(world: World, login: str) -> Mapping[str, Any]:
    with world.acting(login) as (session, caller):
        return {"session_id": open_session(session, world.deps, caller).id}


def another_session(world: World, _login: str) -> Mapping[str, Any]:
    return own_session(world, "stranger")


def account(login: str) -> Make:
    """The address of somebody's account."""
    return lambda _world, _login: {"login": login}


def token_of(login: str) -> Make:
    return lambda world, _login: {"login": login, "token_id": _token(world, login)}


def key_of(login: str) -> Make:
    return lambda world, _login: {"login": login, "key_id": _key(world, login)}


def _about(login: str, good: int = 200, **more: Any) -> Recipe:
    return Recipe({"": account(login)}, stranger=account(OUTSIDE), good=good, **more)


NO_PROVIDER = {"provider": "works", "password": PASSWORD}
"""The installation of the walk has none, which both pages say; tests/admin/test_identities.py has a real one."""
ORDER = {"scopes": ["case.read"], "days": 1, "label": "x"}

RECIPES = {
    "readMe": Recipe(),
    "listPeople": Recipe(),
    "listTokens": Recipe(),
    "revokeToken": Recipe({"": own_token}, stranger=another_token, good=204),
    "listSessions": Recipe(),
    "endSession": Recipe({"": own_session}, stranger=another_session, good=204),
    "endSessions": Recipe(good=204),
    "listIdentities": Recipe(),
    "unlinkIdentity": Recipe({"": own_identity}, stranger=another_identity, good=204),
    "readAccess": _about("clerk"),
    "endAccess": _about("clerk", 204),
    "unlockPerson": _about("clerk", 204),
    "resetPassword": _about("clerk", 201),
    "issueToken": _about(SYSTEM, 201, body=ORDER),
    "issueKey": _about(SYSTEM, 201, body=ORDER),
    "revokeTokenOf": Recipe({"": token_of("clerk")}, stranger=token_of(OUTSIDE), good=204),
    "revokeKeyOf": Recipe({"": key_of(SYSTEM)}, stranger=key_of(OUTSIDE), good=204),
    "unlinkIdentityOf": Recipe({"": identity_of("clerk")}, stranger=identity_of(OUTSIDE), good=204),
}

PAGES = {
    "home": Recipe(good=302),
    "permissions": Recipe(),
    "account": Recipe(),
    "password": Recipe(),
    "change_password": Recipe(
        data={"password": PASSWORD, "new_password": "nine green lamps", "repeated": "nine green lamps"},
        good=302,
    ),
    "choose_language": Recipe(data={"language": "zh"}, good=303),
    "end_sessions": Recipe(good=302),
    "end_session": Recipe({"": own_session}, stranger=another_session, good=302),
    "make_token": Recipe(data={"password": PASSWORD, "days": "1", "label": "x", "scopes": "case.read"}),
    "revoke_my_token": Recipe({"": own_token}, stranger=another_token, good=302),
    "link_identity": Recipe(data=NO_PROVIDER, good=404),
    "confirm_at": Recipe(data=NO_PROVIDER, good=404),
    "unlink_identity": Recipe({"": own_identity}, stranger=another_identity, good=303),
    "access": _about("clerk"),
    "unlock": _about("clerk", 302),
    "reset_password": _about("clerk"),
    "end_access": _about("clerk", 302),
    "issue": _about(SYSTEM, data={"kind": "token", **ORDER}),
    "revoke_token_of": Recipe({"": token_of("clerk")}, stranger=token_of(OUTSIDE), good=302),
    "revoke_key_of": Recipe({"": key_of(SYSTEM)}, stranger=key_of(OUTSIDE), good=302),
    "unlink_identity_of": Recipe({"": identity_of("clerk")}, stranger=identity_of(OUTSIDE), good=302),
}
