"""support: what of BPMN and of the vendors' extensions runs here."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option(
    "--write",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the table into FILE and keep that file's last section. 写入文件，保留其最后一节",
)
def support(write: Path | None) -> None:
    """Show what of BPMN and of the vendors' extensions runs here. 列出支持的 BPMN 元素和扩展

    Every row is measured on the gate of this very version.
    """
    from engine.dialect.support import page, rewritten

    if write is None:
        click.echo(page(), nl=False)
        return
    write.write_text(rewritten(write.read_text(encoding="utf-8") if write.exists() else ""), encoding="utf-8")
    click.echo(f"{write} is up to date. 已更新 {write}。")
