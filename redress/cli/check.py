"""check: everything that can be said of diagrams, forms and decision tables, without a database."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from redress.cli.findings import show_findings

STEPS = 1_000_000
"""What the verification of the tables may cost: whoever types the command waits longer than a deployment does."""


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path, exists=True)
)
@click.option("--json", "as_data", is_flag=True, help="Print the findings as one JSON list. 以 JSON 输出")
def check(paths: tuple[Path, ...], as_data: bool) -> None:
    """Check files and folders as a deployment of them would, without deploying. 检查流程、表单与决策表

    Also tells which inputs a decision table leaves uncovered, which of its rules overlap or never fire, and which
    values are not allowed. What the files refer to must be among them. Exits with 1 when there is an error, which
    would refuse the deployment.
    """
    from api.errors import finding_body
    from engine.clock import SystemClock
    from engine.dialect import compile_files
    from engine.dialect.findings import in_reading_order
    from engine.expressions.dmn.verification import Effort
    from redress.content import source_files
    from redress.settings import Settings
    from redress.trial import trial_of
    from tasks.ports import build_ports

    ports = build_ports(SystemClock())
    found = compile_files(
        source_files(paths),
        operations=ports.operations.keys(),
        functions=ports.functions.keys(),
        facts=ports.facts.always,
        effort=Effort(steps=STEPS),
    )
    trial = trial_of(Settings.from_environment(), ports.functions)
    if trial is not None and not found.errors:
        found = replace(found, findings=in_reading_order([*found.findings, *trial(found)]))
    if as_data:
        click.echo(json.dumps([finding_body(one) for one in found.findings], ensure_ascii=False, indent=2))
    else:
        _show(found.findings, len(found.kinds))
    if found.errors:
        raise SystemExit(1)


def _show(findings: list[Any], files: int) -> None:
    from rich.console import Console

    show_findings(Console(), findings)
    counts = [
        f"{sum(one.severity == severity for one in findings)} {severity}(s)"
        for severity in ("error", "warning", "note")
    ]
    click.echo(
        f"{files} file(s) checked: {', '.join(counts)}."
        if findings
        else f"{files} file(s) checked, no remark."
    )
