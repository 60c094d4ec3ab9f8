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
    "deploy": "deploy",
    "start": "work",
    "tasks": "work",
    "complete": "work",
    "db": "db",
    "demo": "demo",
    "doctor": "doctor",
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
        command: click.Command = getattr(module, cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (RedressError, SettingsError) as refusal:
            raise click.ClickException(str(refusal)) from refusal


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="redress")
def main() -> None:
    """Redress: complaint handling as BPMN. 投诉处理流程平台"""
