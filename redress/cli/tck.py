"""tck: how much of the DMN conformance kit passes."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "-v", "--verbose", is_flag=True, help="Show each case that fails or is listed, and why. 显示原因"
)
def tck(folder: Path, verbose: bool) -> None:
    """Run the DMN conformance kit's test cases in DIR and below it. 运行 DMN 一致性测试

    Exits with 0 when nothing fails but the cases of the list that comes with Redress, each with its reason. A listed case
    that passes fails.
    """
    from engine.expressions.dmn.tck import CaseResult, run_tree

    levels: dict[str, Counter[str]] = {}

    def show(result: CaseResult) -> None:
        where = " ".join(part for part in (result.file, result.case) if part)
        why = result.problems or ("It is listed, but it passes: take it off the list.",)
        click.echo(f"    {result.verdict} {where}" + (f" ({result.reason})" if result.reason else ""))
        for problem in why:
            click.echo(f"      {problem}")

    for (level, name), results in groupby(run_tree(folder), lambda one: (one.level, one.folder)):
        cases = list(results)
        found = Counter(one.verdict for one in cases)
        levels.setdefault(level, Counter()).update(found)
        click.echo(f"{level}/{name}: {_figures(found)}")
        if verbose:
            for one in cases:
                if one.verdict != "passed":
                    show(one)
    total = sum(levels.values(), Counter())
    if not total:
        raise click.ClickException(
            f"There is no test case of the kit in {folder}: a folder holds models (*.dmn) and testCases (*.xml). "
            "该目录中没有测试用例。"
        )
    for level, found in sorted(levels.items()):
        click.echo(f"{level} {_summary(found)}")
    click.echo(f"total 合计 {_summary(total)}")
    if total["failed"]:
        more = "" if verbose else " Run it with --verbose to see why."
        raise click.ClickException(f"{total['failed']} of {total.total()} test cases fail.{more}")


def _figures(found: Counter[str]) -> str:
    words = {"passed": "passed 通过", "failed": "failed 失败", "listed": "listed 已列明"}
    return ", ".join(f"{found[word]} {shown}" for word, shown in words.items())


def _summary(found: Counter[str]) -> str:
    return f"({100 * found['passed'] / found.total():.2f} %): {_figures(found)}"
