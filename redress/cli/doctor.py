"""doctor: is this installation well?"""

from __future__ import annotations

import click

from redress.settings import Settings


@click.command()
def doctor() -> None:
    """Check database, schema, jobs, server and versions, and say what to do. 体检"""
    from redress.doctor import examine

    sick = 0
    for check in examine(Settings.from_environment()):
        sick += not check.ok
        mark = click.style("ok     ", fg="green") if check.ok else click.style("problem", fg="red")
        click.echo(f"{mark}  {check.name}: {check.seen}")
        if not check.ok and check.advice:
            click.echo(f"         → {check.advice}")
    if sick:
        raise click.ClickException(f"{sick} of the checks found a problem.")
    click.echo("All is well. 一切正常")
