"""run, web, worker: the processes of an installation."""

from __future__ import annotations

from dataclasses import replace

import click

from redress.leash import tie_to_parent
from redress.settings import Settings


@click.command()
@click.option("--host", help="Address to listen on; default 127.0.0.1, this machine only.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port; default 8000 or the next free one.")
def run(host: str | None, port: int | None) -> None:
    """Run everything on this machine: database, web server, job worker. 一键启动"""
    from redress.bootstrap import prepare
    from redress.postgres import EmbeddedServerError
    from redress.supervisor import CannotRun, Supervisor

    settings = Settings.from_environment()
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    try:
        Supervisor(settings, say=click.echo, prepare=lambda url: prepare(settings, url)).run()
    except (CannotRun, EmbeddedServerError) as problem:
        raise click.ClickException(str(problem)) from problem


@click.command()
@click.option("--host", help="Address to listen on; default 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port; default 8000.")
@click.option("--listener", type=int, hidden=True, help="A listening socket handed down by `redress run`.")
def web(host: str | None, port: int | None, listener: int | None) -> None:
    """Run the web server: API and pages. 网页与接口服务"""
    from redress.bootstrap import serve_web
    from redress.database import database

    tie_to_parent()
    settings = Settings.from_environment()
    settings = replace(settings, host=host or settings.host)
    port = port or settings.port or 8000
    address = f"[{settings.host}]:{port}" if ":" in settings.host else f"{settings.host}:{port}"
    with database(settings) as url:
        serve_web(settings, url, address=address if listener is None else f"fd://{listener}")


@click.command()
def worker() -> None:
    """Run a job worker: jobs, timers, recovery. 后台作业"""
    from redress.bootstrap import serve_jobs
    from redress.database import database

    tie_to_parent()
    settings = Settings.from_environment()
    with database(settings) as url:
        serve_jobs(settings, url)
