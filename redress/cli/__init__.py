"""The `redress` command. Each file here is one group of commands; a command imports what it needs when it
runs.
"""

from __future__ import annotations

import importlib
from typing import Any

import click

from engine.errors import RedressError
from redress.settings import SettingsError

COMMANDS = {
    "run": "run",
    "web": "run",
    "worker": "run",
    "check": "check",
    "compare": "compare",
    "support": "support",
    "deploy": "deploy",
    "fetch": "fetch",
    "bind": "bind",
    "start": "work",
    "tasks": "work",
    "complete": "work",
    "signal": "work",
    "variables": "work",
    "feel": "feel",
    "decide": "decide",
    "tck": "tck",
    "person": "person",
    "token": "person",
    "key": "person",
    "db": "db",
    "audit": "audit",
    "demo": "demo",
    "permissions": "permissions",
    "element-templates": "element_templates",
    "doctor": "doctor",
    "organisation": "organisation",
    "calendar": "calendar",
    "clauses": "clauses",
}
"""Command → the module of this package that holds it."""


class LazyGroup(click.Group):
    """Imports a command's module only when that command is asked for, so that `redress --help` is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"redress.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (RedressError, SettingsError) as refusal:
            raise click.ClickException("\n".join([*_said(refusal), *_each(refusal)])) from refusal
        except Exception as error:
            sentence = trouble(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from error


def _said(refusal: Exception) -> list[str]:
    """The sentence of a refusal; below it the Chinese one, where there is one."""
    chinese = getattr(refusal, "facts", {}).get("message_zh")
    return [str(refusal), *([str(chinese)] if chinese else [])]


def _each(refusal: Exception) -> list[str]:
    """The single mistakes of refused answers, one line each, where there are more than the sentence names."""
    problems = getattr(refusal, "problems", ())
    return (
        [f"  · {one.path or 'the form'}: {one.message} {one.message_zh}" for one in problems]
        if len(problems) > 1
        else []
    )


def trouble(error: BaseException) -> str | None:
    """What a database in trouble means to whoever typed the command, and what to do; None for other errors."""
    import psycopg
    from psycopg import errors as pg
    from psycopg_pool import PoolTimeout
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, (pg.UndefinedTable, pg.UndefinedColumn, pg.InvalidCatalogName)):
        return (
            f"{_first_line(cause)}: the database is not at this version's schema; run `redress db upgrade`."
        )
    if isinstance(cause, (psycopg.OperationalError, PoolTimeout)):
        return (
            f"The database does not answer: {_first_line(cause)}. Run `redress doctor` to see what is wrong."
        )
    if isinstance(cause, (ArgumentError, NoSuchModuleError, psycopg.ProgrammingError)):
        return (
            f"DATABASE_URL cannot be used: {_first_line(cause)}. Write postgresql://user:password@host/name."
        )
    return None


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="redress")
def main() -> None:
    """Redress: complaint handling as BPMN. 投诉处理流程平台"""
