"""deploy: diagrams, decision tables and forms, all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from redress.cli.findings import show_findings, show_processes
from redress.settings import Settings


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
    from tasks.people.identity import caller_by_login
    from tasks.permissions.matrix import require
    from tasks.processes import deployments

    files = source_files(paths)
    console = Console()
    with opened(Settings.from_environment()) as deps, deps.sessions.begin() as session:
        try:
            about: dict[str, Any] = {
                "name": name or paths[0].resolve().name,
                "note": note,
                "source": "command line",
            }
            if login:
                caller = caller_by_login(session, deps, login)
                require(caller, "deployment.create")
                # Whoever is on the machine could deploy as its operator: nobody else is asked.
                receipt = deployments.deploy_as(session, deps, caller.actor, files, **about)
            else:
                receipt = deployments.deploy_as(session, deps, OPERATOR, files, **about)
        except DeploymentRefused as refusal:
            show_findings(console, refusal.findings)
            show_processes(console, refusal.outcome.processes if refusal.outcome else ())
            raise
    show_findings(console, receipt.findings)
    show_processes(console, receipt.outcome.processes)
    if receipt.unchanged:
        console.print("Unchanged: this is what is deployed already. 内容未变")
    if receipt.deployment_id:
        console.print(f"Deployment {receipt.deployment_id}", highlight=False)
    if not receipt.outcome.startable:
        console.print(
            "Nothing in it can be started; it is kept as it is. 其中没有可以启动的流程，已原样保存。"
        )
    for definition in receipt.definitions:
        state = "new" if definition.is_new else "unchanged"
        console.print(f"{definition.key} version {definition.version} ({state})", highlight=False)
        left = sum(need.target is None for need in definition.needs)
        kept = sum(need.taken_over for need in definition.needs)
        if kept:
            console.print(f"  {kept} bindings taken over 沿用绑定", highlight=False)
        if left:
            console.print(f"  {left} to be bound 待绑定: redress bind {definition.key}", highlight=False)
        for need, target in definition.dropped.items():
            console.print(f"  not asked for any more 不再需要: {need} → {target}", highlight=False)
