"""deploy: diagrams, decision tables and forms, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from redress.settings import Settings

_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--note", default="", help="Why: kept with the deployment.")
@click.option("--name", help="Name of the deployment; default: the first path's.")
@click.option("--as", "login", help="Login of whoever deploys; default: this machine's operator.")
def deploy(paths: tuple[Path, ...], note: str, name: str | None, login: str | None) -> None:
    """Deploy files and folders together, or nothing of them. 部署流程"""
    from engine.errors import DeploymentRefused
    from redress.cli.local import OPERATOR, opened
    from redress.content import source_files
    from tasks import deployments
    from tasks.people.accounts import caller_by_login

    files = source_files(paths)
    console = Console()
    with opened(Settings.from_environment()) as deps, deps.sessions.begin() as session:
        try:
            about = {"name": name or paths[0].resolve().name, "note": note, "source": "command line"}
            if login:
                caller = caller_by_login(session, deps, login)
                receipt = deployments.deploy(session, deps, caller, files, **about)
            else:
                receipt = deps.engine.deploy(session, files, actor=OPERATOR, **about)
        except DeploymentRefused as refusal:
            _show(console, refusal.findings)
            raise click.ClickException(str(refusal)) from refusal
    _show(console, receipt.findings)
    if receipt.unchanged:
        console.print("Unchanged: this is what is deployed already. 内容未变")
    for definition in receipt.definitions:
        state = "new" if definition.is_new else "unchanged"
        console.print(f"{definition.key} version {definition.version} ({state})", highlight=False)


def _show(console: Console, findings: Iterable[Any]) -> None:
    """All findings, errors first: where, then what is wrong in both languages. Nothing is cut off, and a line
    begins with `file:line`, as editors and grep like it.
    """
    rows = sorted(
        findings, key=lambda finding: (finding.severity != "error", finding.file, finding.line or 0)
    )
    for finding in rows:
        place = f"{finding.file}:{finding.line}" if finding.line else finding.file
        element = " ".join(part for part in (finding.element_id, finding.element_name) if part)
        head = Text.assemble(
            (place, "bold"), " ", (finding.severity, _COLOURS.get(finding.severity, "white")), f" {element}"
        )
        console.print(head, soft_wrap=True, highlight=False)
        for sentence in (finding.message_zh, finding.message):
            console.print(Padding(Text(sentence, overflow="fold"), (0, 0, 0, 4)), highlight=False)
