"""clauses: the rulebook beside the content, clause by clause."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--list", "everything", is_flag=True, help="List every clause with its places. 逐条列出")
@click.option("--missing", is_flag=True, help="List the papers the sources cite and nobody has. 缺失的附录")
@click.option("--unnamed", is_flag=True, help="List the elements no clause names. 未被条款引用的元素")
def clauses(folder: Path | None, *, everything: bool, missing: bool, unnamed: bool) -> None:
    """Print which clauses of the rulebook are done by what, and what a clause names that is not there. 条款对照

    FOLDER is a content folder with clauses.yaml; by default the one that is loaded at start. In a checkout the tests
    that clauses name are looked up too. Exits with 1 when something that is named is gone.
    """
    from redress.coverage import coverage
    from redress.places import CHECKOUT, packaged
    from redress.settings import Settings
    from tasks.clauses.register import KINDS

    place = folder or Settings.from_environment().content_dir or packaged("bpmn")
    found = coverage(place, tests=CHECKOUT if folder is None else None, known=_known())
    register = found.register
    if everything:
        for clause in register.clauses:
            click.echo(f"{clause.id}  {KINDS[clause.kind][0]}  {clause.text}")
            for line in (*clause.where, *clause.tests, *([clause.note] if clause.note else [])):
                click.echo(f"    {line}")
    if missing or everything:
        for paper in register.missing:
            click.echo(f"缺 {paper.name_zh}（{paper.clause}） {paper.name_en}")
            click.echo(f"    {paper.default_zh} {paper.default_en}")
    if unnamed:
        for element in found.unnamed:
            click.echo(element)
    counted = register.by_kind()
    done = ", ".join(f"{KINDS[kind][0]} {kind} {number}" for kind, number in counted.items())
    click.echo(
        f"{len(register.clauses)} clauses 条款: {done}; {len(register.missing)} missing papers 缺失资料; "
        f"{len(found.unnamed)} elements without a clause 未引用元素."
    )
    for gap in found.gaps:
        click.echo(
            f"{gap.clause} names the {gap.kind} {gap.named}, which is not there. {gap.clause} 引用的 {gap.named} 不存在。"
        )
    if found.gaps:
        raise SystemExit(1)


def _known() -> dict[str, set[str]]:
    """The pages and operations of this installation."""
    from admin.blueprint import PAGES, UPLOADS
    from engine.clock import SystemClock
    from tasks.operations import operations
    from tasks.organisation.office import Office

    pages = {endpoint for _, _, endpoint, _, _ in (*PAGES, *UPLOADS)}
    return {"page": pages, "operation": set(operations(Office(SystemClock())))}
