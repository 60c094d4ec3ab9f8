"""bind: name what a diagram asks this installation for."""

from __future__ import annotations

from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from redress.settings import Settings


@click.command()
@click.argument("key")
@click.argument("bindings", nargs=-1, metavar="[ELEMENT=TARGET]...")
@click.option("--version", type=click.IntRange(1, 1_000_000_000), help="Version; default: the newest.")
@click.option("--as", "login", help="Login of whoever binds; default: this machine's operator.")
def bind(key: str, bindings: tuple[str, ...], version: int | None, login: str | None) -> None:
    """Bind what the process KEY asks for; without ELEMENT=TARGET, list it. 绑定

    TARGET is the name of an operation, the key of a process (KEY, or KEY:VERSION), the id of a decision, or nothing.
    A listener is named ELEMENT#EVENT. Until all is bound the version cannot start.
    """
    from redress.cli.local import OPERATOR, opened
    from tasks.people.identity import caller_by_login
    from tasks.processes import bindings as verbs

    targets = dict(_pair(text) for text in bindings)
    console = Console()
    with opened(Settings.from_environment()) as deps, deps.sessions.begin() as session:
        wanted = verbs.version_to_bind(session, key, version)
        if targets:
            verbs.bounded(targets)
            if login:
                caller = caller_by_login(session, deps, login)
                bound = verbs.bind(session, deps, caller, wanted, targets)
            else:
                bound = verbs.bind_as(session, deps, OPERATOR, wanted, targets)
            wanted = bound.id
            if bound.is_new:
                click.echo(f"Version {bound.version} was made for these bindings. 已生成新版本")
            if bound.callers_unchanged:
                click.echo(
                    f"Go on calling the version before: {', '.join(bound.callers_unchanged)}. 仍调用旧版本"
                )
        _show(console, verbs.needs_of(session, deps, wanted))


def _pair(text: str) -> tuple[str, str]:
    element, sign, target = text.partition("=")
    if not (element and sign and target):
        raise click.BadParameter(f'"{text}" is not ELEMENT=TARGET, such as check=archive_case.')
    return element, target


def _show(console: Console, found: Any) -> None:
    title = f"{found.key} version {found.version}"
    if not found.needs:
        click.echo(f"{title} asks for nothing. 无需绑定")
        return
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for head in ("element 节点", "kind 类别", "asks for 要求", "bound to 绑定到"):
        table.add_column(head, overflow="fold")
    for one in found.needs:
        state = one.target or "– open 待绑定"
        if one.wrong:
            state += f"\n{one.wrong[0]} {one.wrong[1]}"
        named = f"{one.need.key}\n{one.need.name}" if one.need.name else one.need.key
        table.add_row(named, one.need.kind, one.need.asked or "–", state)
    console.print(table)
    for kind, names in _choices(found).items():
        click.echo(f"{kind}: {', '.join(names) or '–'}")
    if found.startable:
        unused = (
            f"; starts use version {found.in_use} 启动使用该版本" if found.in_use != found.version else ""
        )
        click.echo(f"All is bound{unused}. 全部已绑定")
    else:
        then = (
            f"starts use version {found.in_use} until then 此前启动使用该版本"
            if found.in_use
            else "it cannot start 不能启动"
        )
        click.echo(f"{found.open} of {len(found.needs)} to be bound 待绑定; {then}.")


def _choices(found: Any) -> dict[str, list[str]]:
    """What can be chosen for the kinds of needs there are."""
    names: dict[str, list[str]] = {}
    for one in found.needs:
        kind = "operation" if one.need.kind == "listener" else one.need.kind
        choices = [choice.target for choice in one.choices]
        if len(choices) > len(names.get(kind, [])):
            names[kind] = choices
    return names
