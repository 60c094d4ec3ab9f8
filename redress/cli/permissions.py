"""permissions: who may do what, as one table."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option(
    "--format",
    "kind",
    type=click.Choice(["table", "markdown", "csv", "json"]),
    default="table",
    help="How to print it. 输出格式",
)
@click.option(
    "--write",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it into FILE instead. 写入文件",
)
def permissions(kind: str, write: Path | None) -> None:
    """Print the permission matrix: verb by role by state, and how far each reaches. 权限表"""
    from tasks.permissions.printing import FORMATS

    text = FORMATS[kind]()
    if write is None:
        click.echo(text, nl=False)
        return
    write.write_text(text, encoding="utf-8")
    click.echo(f"{write} is up to date. 已更新 {write}。")
