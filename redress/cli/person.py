"""person, token, key: accounts and what lets them in, for whoever may type commands on the machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from redress.settings import Settings

SHANGHAI = ZoneInfo("Asia/Shanghai")

_scope = click.option(
    "--scope", "scopes", multiple=True, required=True, help="A permission; give it once for each. `*`: all."
)
_days = click.option("--days", type=click.IntRange(1, 365), required=True, help="Valid for so many days.")
_label = click.option("--label", required=True, help="What it is for.")


def _acted(login: str, act: Callable[..., Any]) -> Any:
    """Run `act(session, deps, account)` in one transaction and commit it: the command's edge."""
    from redress.cli.local import OPERATOR, opened
    from tasks.people.accounts import on_this_machine

    with opened(Settings.from_environment()) as deps, deps.sessions.begin() as session:
        return act(session, deps, on_this_machine(session, deps, login, OPERATOR))


@click.group()
def person() -> None:
    """Accounts of people. 人员账户"""


@person.command()
@click.argument("login")
def show(login: str) -> None:
    """Show what lets somebody in: lock, sessions, tokens, keys. 查看"""
    from tasks.people.accounts import access
    from tasks.people.oidc.linking import identities

    def seen(session: Any, deps: Any, account: Any) -> Any:
        return account, access(session, deps, account), identities(session, deps, account.id)

    account, held, linked = _acted(login, seen)
    lock = f"locked until 锁定至 {_moment(held.locked_until)}" if held.locked_until else "not locked 未锁定"
    state = "active 在用" if account.active else "inactive 停用"
    change = ", must change the password 须改密码" if account.must_change_password else ""
    click.echo(
        f"{account.login} {account.name} ({account.kind}): {state}, {lock}{change}, "
        f"{len(held.sessions)} sessions 登录, {len(held.tokens)} tokens 令牌, {len(held.keys)} keys 密钥"
    )
    for one in linked:
        click.echo(f"{one.subject} of {one.issuer}, linked 关联于 {_moment(one.linked_at)}")


@person.command("unlock")
@click.argument("login")
def unlock_person(login: str) -> None:
    """Forget somebody's wrong passwords. 解锁"""
    from tasks.people.accounts import unlock

    _acted(login, unlock)
    click.echo(f"{login} can sign in again 已解锁")


@person.command("reset-password")
@click.argument("login")
def reset(login: str) -> None:
    """Give somebody a one-time password; sessions and tokens end. 重置密码"""
    from tasks.people.accounts import reset_password

    password = _acted(login, reset_password)
    click.echo(f"{password}  one-time password of {login}, shown this once 一次性密码，只显示这一次")


@person.command("end-access")
@click.argument("login")
def end(login: str) -> None:
    """End all sessions, tokens and keys of somebody at once. 全部注销"""
    from tasks.people.accounts import end_access

    click.echo(f"{_acted(login, end_access)} ended 已作废")


_provider = click.option("--provider", required=True, help="Its name in the settings, such as works.")


@person.command("link")
@click.argument("login")
@_provider
@click.option("--subject", required=True, help="What the provider calls the person (sub).")
def link_person(login: str, provider: str, subject: str) -> None:
    """Let somebody sign in with an identity provider. 关联"""
    from tasks.people.oidc.linking import link

    _acted(
        login,
        lambda session, deps, account: link(session, deps, account, deps.providers.known(provider), subject),
    )
    click.echo(f"{login} is {subject} of {provider} 已关联")


@person.command("unlink")
@click.argument("login")
@_provider
def unlink_person(login: str, provider: str) -> None:
    """Take that away again; sessions opened by it end. 取消关联"""
    from tasks.people.oidc.linking import unlink

    _acted(
        login, lambda session, deps, account: unlink(session, deps, account, deps.providers.known(provider))
    )
    click.echo(f"{login} no longer signs in with {provider} 已取消关联")


@click.group()
def token() -> None:
    """Bearer tokens of systems. 令牌"""


@click.group()
def key() -> None:
    """Keys with which systems sign their calls. 签名密钥"""


def _issue(kind: Any, login: str, scopes: tuple[str, ...], days: int, label: str) -> None:
    from tasks.people.accounts import issue

    issued = _acted(
        login,
        lambda session, deps, account: issue(
            session, deps, account, kind, scopes=scopes, life=timedelta(days=days), label=label
        ),
    )
    click.echo(f"id: {issued.id}")
    click.echo(f"secret, shown this once 只显示这一次: {issued.secret}")
    click.echo(f"expires 到期: {_moment(issued.expires_at)}")


def _list(kind: str, login: str) -> None:
    from tasks.people.accounts import access

    held = _acted(login, lambda session, deps, account: getattr(access(session, deps, account), f"{kind}s"))
    if not held:
        click.echo(f"{login} has no {kind} 没有")
        return
    table = Table(box=SIMPLE_HEAD)
    for heading in ("id", "label 用途", "scopes 范围", "expires 到期"):
        table.add_column(heading, overflow="fold")
    for row in held:
        table.add_row(str(row.id), row.label, " ".join(row.scopes), _moment(row.expires_at))
    Console().print(table)


def _revoke(kind: Any, login: str, credential_id: Any) -> None:
    from tasks.people.accounts import revoke

    _acted(login, lambda session, deps, account: revoke(session, deps, account, kind, credential_id))
    click.echo("revoked 已作废")


@token.command("issue")
@click.argument("login")
@_scope
@_days
@_label
def issue_token(login: str, scopes: tuple[str, ...], days: int, label: str) -> None:
    """Make a token for the system LOGIN; it is shown this once. 发令牌"""
    _issue("token", login, scopes, days, label)


@token.command("list")
@click.argument("login")
def list_tokens(login: str) -> None:
    """Show the tokens of LOGIN that hold. 列出"""
    _list("token", login)


@token.command("revoke")
@click.argument("login")
@click.argument("token_id", type=click.UUID)
def revoke_token(login: str, token_id: UUID) -> None:
    """End a token of LOGIN at once. 作废"""
    _revoke("token", login, token_id)


@key.command("issue")
@click.argument("login")
@_scope
@_days
@_label
def issue_key(login: str, scopes: tuple[str, ...], days: int, label: str) -> None:
    """Make a signing key for the system LOGIN; its secret is shown this once. 发密钥"""
    _issue("key", login, scopes, days, label)


@key.command("list")
@click.argument("login")
def list_keys(login: str) -> None:
    """Show the signing keys of LOGIN that hold. 列出"""
    _list("key", login)


@key.command("revoke")
@click.argument("login")
@click.argument("key_id")
def revoke_key(login: str, key_id: str) -> None:
    """End a signing key of LOGIN at once. 作废"""
    _revoke("key", login, key_id)


def _moment(at: Any) -> str:
    return str(at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"))
