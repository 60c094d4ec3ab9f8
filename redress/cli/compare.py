"""compare: what differs between two versions of files, without a database."""

from __future__ import annotations

import json
from pathlib import Path

import click

_FILES = (".bpmn", ".dmn", ".form", ".xml", ".json", ".md", ".txt", ".csv", ".yaml")
_EXISTING = click.Path(path_type=Path, exists=True)


@click.command()
@click.argument("before", type=_EXISTING)
@click.argument("after", type=_EXISTING)
@click.option("--json", "as_data", is_flag=True, help="Print one JSON object instead. 以 JSON 输出")
def compare(before: Path, after: Path, as_data: bool) -> None:
    """Show what differs between two files, or the files of two folders. 比较两个版本

    Of diagrams: elements added (+), removed (-), changed (~) and moved (>), with every attribute before and after. Of forms:
    fields; of decision tables: columns and rows. How a file is written down means nothing: blanks, comments, prefixes, the
    order of attributes, the modeler's own marks. Exits with 1 when something differs, with 2 when a file cannot be read.
    """
    from engine.dialect.comparing import compare_parts, lines, part_of, plain

    if before.is_dir() != after.is_dir():
        raise click.UsageError(
            f"{before} and {after}: give two files or two folders. 请给出两个文件或两个文件夹。"
        )
    if before.is_dir():
        one, other = (
            [part_of(name, file.read_bytes()) for name, file in _inside(path)] for path in (before, after)
        )
    else:
        one, other = (
            [part_of(before.name, before.read_bytes(), "-")],
            [part_of(after.name, after.read_bytes(), "-")],
        )
        if one[0].kind != other[0].kind:
            raise click.UsageError(
                f"{before} and {after} are not of one kind ({one[0].kind}, {other[0].kind}). 两个文件不是同一种。"
            )
    found = compare_parts(one, other)
    unreadable = any(part.comparison.problems for part in found)
    different = any(part.what for part in found)
    if as_data:
        told = {"same": not different, "files": [plain(part) for part in found]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for line in lines(found):
            click.echo(line)
        if not different:
            click.echo("Nothing differs. 没有差别。")
    if different:
        raise SystemExit(2 if unreadable else 1)


def _inside(folder: Path) -> list[tuple[str, Path]]:
    return [
        (file.relative_to(folder).as_posix(), file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name.lower().endswith(_FILES)
    ]
