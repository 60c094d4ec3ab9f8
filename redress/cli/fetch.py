"""fetch: a deployed file, byte for byte as its author brought it."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import UUID

import click

from redress.settings import Settings


@click.command()
@click.argument("deployment", type=click.UUID)
@click.argument("name", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@click.option("--as", "login", help="Login of whoever asks; default: this machine's operator.")
def fetch(deployment: UUID, name: str | None, output: Path | None, login: str | None) -> None:
    """List the files of a DEPLOYMENT with their SHA-256, or write the one called NAME. 取回部署的文件

    The bytes are those that were uploaded, whatever they are. Without -o they go to standard output.
    """
    from redress.cli.local import opened
    from tasks.people.identity import caller_by_login
    from tasks.processes import deployments

    with opened(Settings.from_environment()) as deps, deps.sessions() as session:
        caller = caller_by_login(session, deps, login) if login else None
        if name is None:
            for row in deployments.resources(session, caller, deployment):
                click.echo(f"{row.sha256}  {row.kind:<7}  {row.name}")
            return
        content = deployments.resource(session, caller, deployment, name).content
    if output is not None:
        output.write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
