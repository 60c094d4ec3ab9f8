"""An explanation as somebody reads it on a terminal."""

from __future__ import annotations

from typing import Any

import click

from redress.cli.data import short

_KINDS = {"decision": "decision 决策", "function": "function 函数"}
_SAYS = {False: "no 不符", None: "null 无法判断"}


def show_explanation(steps: list[dict[str, Any]], skipped: int) -> None:
    """Print what `explained` tells, its values being FEEL text already."""
    for number, step in enumerate(steps, 1):
        name = step["name"] if step["name"] == step["element"] else f"{step['name']} ({step['element']})"
        click.echo(f"{number}. {_KINDS[step['kind']]} {name} = {short(step['value'])}")
        for key, value in step["inputs"].items():
            click.echo(f"   input 输入 {key} = {short(value)}")
        for table in step["tables"]:
            _show_table(table)
    if skipped:
        click.echo(f"… {skipped} more decisions and tables were not kept. 其余从略")


def _show_table(table: dict[str, Any]) -> None:
    policy = " ".join(part for part in (table["policy"], table["aggregation"]) if part)
    click.echo(f"   table 决策表 {table['element']}, {policy} = {short(table['value'])}")
    for one in table["inputs"]:
        label = (
            one["label"]
            if one["label"] == one["expression"]
            else f"{one['label']} ({short(one['expression'])})"
        )
        refused = "" if one["allowed"] else " is not allowed, so no rule is tested 不在允许值之内"
        click.echo(f"     {label} = {short(one['value'])}{refused}")
    for rule in table["fired"]:
        cells = ", ".join(f"{one['column']}: {short(one['cell'])}" for one in rule["cells"])
        click.echo(f"     row 第 {rule['row']} 行 {rule['rule']} fired 命中 → {short(rule['outputs'])}")
        click.echo(f"       {cells}")
        for remark in rule["annotations"]:
            column = f"{remark['column']}: " if remark["column"] else ""
            click.echo(f"       # {column}{short(remark['text'])}")
    if not table["fired"]:
        click.echo("     no rule fired 没有规则命中")
    for rule in table["missed"]:
        why = "; ".join(
            f"{one['column']}: {short(one['cell'])} {_SAYS[one['says']]}" for one in rule["because"]
        )
        if rule["matched"]:
            why = f"it matches, but {table['policy']} takes another 符合，但按命中策略未采用"
        click.echo(f"     row 第 {rule['row']} 行 {rule['rule']} not 未命中: {why}")
    if table["unexplained"]:
        click.echo(f"     … {table['unexplained']} more rules did not fire. 其余规则未命中")
