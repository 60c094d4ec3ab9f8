"""check: everything that can be said of diagrams, forms and decision tables, without a database."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click

from redress.settings import Settings

STEPS = 1_000_000
"""What the verification of the tables may cost: whoever types the command waits longer than a deployment does."""


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path, exists=True)
)
@click.option("--json", "as_data", is_flag=True, help="Print one JSON object instead. 以 JSON 输出")
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 1 for what has to be bound and for warnings too. 待绑定和提醒也算失败",
)
def check(paths: tuple[Path, ...], as_data: bool, strict: bool) -> None:
    """Check files and folders as a deployment of them would, without deploying. 检查流程、表单与决策表

    Tells of every process whether it runs, what it needs bound, or that it is only a drawing; and which inputs a decision
    table leaves uncovered, which of its rules overlap or never fire, and which values are not allowed. What the files
    refer to must be among them. Codes of time limits are looked up in the organisation/clocks.csv of a folder among PATH, or
    of the content that is loaded at start. Exits with 1 when there is an error, which would refuse the deployment.

    The JSON has `ok`, `counts` by severity, `files` (name, kind, size, sha256), `processes` (key, name, file, line, state,
    needs, counts) and `findings`, as POST /deployments/check answers them.
    """
    from rich.console import Console

    from api.outcomes import outcome_body
    from engine.clock import SystemClock
    from engine.dialect import compile_files
    from engine.dialect.outcome import outcome_of
    from engine.dialect.soundness.merging import with_trial
    from engine.expressions.dmn.verification import Effort
    from redress.cli.findings import counted, show_findings, show_processes
    from redress.content import register_rows, role_names, source_files
    from redress.trial import trial_of
    from tasks.deadlines.policies.loading import shipped_policies
    from tasks.deadlines.words import host_words
    from tasks.ports import build_ports

    settings = Settings.from_environment()
    ports = build_ports(SystemClock())
    files = source_files(paths)
    content = _content(paths, settings)
    compiled = compile_files(
        files,
        operations=ports.operations.keys(),
        functions=ports.functions.keys(),
        host=host_words(shipped_policies(register_rows(content)), role_names(content)),
        facts=ports.facts.always,
        effort=Effort(steps=STEPS),
    )
    trial = trial_of(settings, ports.functions)
    if trial is not None and not compiled.errors:
        compiled = replace(compiled, findings=with_trial(compiled.findings, trial(compiled)))
    found = outcome_of(compiled)
    if as_data:
        click.echo(json.dumps(outcome_body(found), ensure_ascii=False, indent=2))
    else:
        console = Console()
        show_findings(console, found.findings)
        show_processes(console, found.processes)
        click.echo(f"{len(files)} file(s) checked: {counted(found.findings)}.")
    if not found.ok or (strict and (found.counts["binding"] or found.counts["warning"])):
        raise SystemExit(1)


def _content(paths: tuple[Path, ...], settings: Settings) -> Path:
    """The content folder whose clock register counts: one that is checked, else the one that is loaded at start."""
    from redress.places import packaged

    own = (path for path in paths if (path / "organisation" / "clocks.csv").is_file())
    return next(own, settings.content_dir or packaged("bpmn"))
