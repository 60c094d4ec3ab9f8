"""deploy: diagrams, decision tables and forms, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

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
    from redress.cli.local import acting, opened
    from redress.content import source_files

    files = source_files(paths)
    console = Console()
    with opened(Settings.from_environment()) as deps, deps.sessions.begin() as session:
        try:
            receipt = deps.engine.deploy(
                session,
                files,
                actor=acting(session, deps, login),
                name=name or paths[0].resolve().name,
                note=note,
                source="command line",
            )
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
    """All findings in one table, errors first."""
    rows = sorted(
        findings, key=lambda finding: (finding.severity != "error", finding.file, finding.line or 0)
    )
    if not rows:
        return
    table = Table(title=f"{len(rows)} findings 发现", title_justify="left", show_lines=True)
    for heading in ("", "file 文件", "element 元素", "what is wrong 问题"):
        table.add_column(heading)
    for finding in rows:
        element = " ".join(part for part in (finding.element_id, finding.element_name) if part)
        table.add_row(
            f"[{_COLOURS.get(finding.severity, 'white')}]{finding.severity}[/]",
            f"{finding.file}:{finding.line}" if finding.line else finding.file,
            element,
            f"{finding.message_zh}\n{finding.message}",
        )
    console.print(table)
