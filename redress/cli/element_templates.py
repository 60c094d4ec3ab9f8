"""element-templates: typed fields for the free Camunda Modeler."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("element-templates")
@click.option(
    "--write",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write them into FILE instead. 写入文件",
)
def element_templates(write: Path | None) -> None:
    """Print the element templates of this installation for the free Camunda Modeler. 桌面建模工具的元素模板"""
    from redress.cli.local import opened
    from redress.settings import Settings
    from tasks.processes.vocabulary.templates import templates

    with opened(Settings.from_environment()) as deps, deps.sessions() as session:
        text = json.dumps(templates(session, deps, None), ensure_ascii=False, indent=1) + "\n"
    if write is None:
        click.echo(text, nl=False)
        return
    write.write_text(text, encoding="utf-8")
    click.echo(f"{write} is up to date. 已更新 {write}。")
