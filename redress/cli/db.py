"""db upgrade: the schema."""

from __future__ import annotations

import click

from redress.settings import Settings


@click.group()
def db() -> None:
    """The database's schema. 数据库结构"""


@db.command()
def upgrade() -> None:
    """Bring the database to the schema of this version; does nothing when it is there. 升级数据库"""
    from redress import migrate
    from redress.database import database

    with database(Settings.from_environment()) as url:
        before = migrate.current(url)
        migrate.upgrade(url)
        after = migrate.current(url)
    click.echo(
        f"already at {after}" if before == after else f"upgraded from {before or 'nothing'} to {after}"
    )
