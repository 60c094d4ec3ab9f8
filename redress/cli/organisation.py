"""organisation: show, check, import and export units, posts and people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from redress.settings import Settings

_as = click.option(
    "--as",
    "login",
    default=None,
    envvar="REDRESS_AS",
    help="Login of whoever acts (or REDRESS_AS); without it the machine itself. 以谁的身份",
)
_files = click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)


@click.group()
def organisation() -> None:
    """Units, posts and people: show, check, import, export. 组织"""


@organisation.command()
@_as
def show(login: str | None) -> None:
    """Print the tree of units with who sits there today. 显示组织树"""

    def act(session: Any, deps: Any, _: Any) -> None:
        from tasks.organisation.changing.chart import day_of, read_chart

        chart, today = read_chart(session), day_of(deps.clock.now())
        seated: dict[str, list[str]] = {}
        for person in chart.people.values():
            for seat in person.seats if person.active else ():
                if seat.holds(today):
                    post = chart.posts.get(seat.post or "")
                    held = seat.title or (post.name if post else "")
                    seated.setdefault(seat.unit, []).append(f"{person.name} {person.login} {held}".rstrip())
        for code, unit in chart.units.items():
            depth = len(chart.ancestry(code)) - 1
            closed = "" if unit.holds(today) else "  [未生效 not in effect]"
            click.echo(f"{'  ' * depth}{unit.name} {code}{closed}")
            for line in seated.get(code, ()):
                click.echo(f"{'  ' * depth}  · {line}")

    _acted(login, act)


@organisation.command()
@_files
@_as
def check(files: Sequence[Path], login: str | None) -> None:
    """Say what importing FILES (CSV, XLSX) would change; change nothing. 核对，不改动"""
    report = _acted(login, lambda session, deps, caller: _report(session, deps, caller, files))
    if not _told(report):
        raise click.exceptions.Exit(1)


@organisation.command("import")
@_files
@_as
def import_(files: Sequence[Path], login: str | None) -> None:
    """Import FILES (CSV, XLSX), all of it or nothing. 导入，要么全部，要么都不"""

    def act(session: Any, deps: Any, caller: Any) -> Any:
        from tasks.organisation.exchange.importing import carry_out

        report = _report(session, deps, caller, files)
        if not report.mistakes:
            carry_out(session, deps, caller, _contents(files), report.fingerprint)
        return report

    report = _acted(login, act)
    if not _told(report):
        raise click.ClickException("Nothing was imported.\n没有导入任何内容。")
    click.echo(f"已导入 {len(report.changes)} 处变动。 Imported {len(report.changes)} changes.")


@organisation.command()
@click.argument("target", type=click.Path(path_type=Path))
@_as
def export(target: Path, login: str | None) -> None:
    """Write everything to TARGET: a .xlsx file, or a folder for CSV files. 导出"""

    def act(session: Any, deps: Any, caller: Any) -> list[Path]:
        from tasks.organisation.exchange.columns import TABLES
        from tasks.organisation.exchange.exporting import export_csv, export_xlsx

        if target.suffix.lower() == ".xlsx":
            target.write_bytes(export_xlsx(session, caller))
            return [target]
        target.mkdir(parents=True, exist_ok=True)
        written = []
        for table in TABLES:
            written.append(target / f"{table}.csv")
            written[-1].write_bytes(export_csv(session, caller, table))
        return written

    for path in _acted(login, act):
        click.echo(f"已写入 {path}。 Wrote {path}.")


def _acted(login: str | None, act: Callable[..., Any]) -> Any:
    """Run `act(session, deps, caller)` in one transaction and commit it: the command's edge."""
    from redress.cli.local import opened
    from tasks.people.identity import caller_by_login

    with opened(Settings.from_environment()) as deps, deps.sessions.begin() as session:
        return act(session, deps, caller_by_login(session, deps, login) if login else None)


def _report(session: Any, deps: Any, caller: Any, files: Sequence[Path]) -> Any:
    from tasks.organisation.exchange.importing import dry_run

    return dry_run(session, deps, caller, _contents(files))


def _contents(files: Sequence[Path]) -> list[tuple[str, bytes]]:
    from tasks.organisation.exchange.reading import MOST_BYTES

    found = []
    for path in files:
        with path.open("rb") as file:
            found.append((path.name, file.read(MOST_BYTES + 1)))
    return found


_KINDS = {"added": "新增", "changed": "变更", "ended": "结束"}


def _told(report: Any) -> bool:
    """Print a report; whether it could be carried out."""
    for one in report.mistakes:
        click.echo(f"✗ {one.path}: {one.message} {one.message_zh}")
    for one in report.warnings:
        click.echo(f"! {one.path}: {one.message} {one.message_zh}")
    for one in report.changes:
        click.echo(
            f"{one.kind:8}{one.subject:8}{one.key}  {_plain(one.before)} → {_plain(one.after)}  {one.where}".rstrip()
        )
    counts = [f"{kind} {zh} {report.count(kind)}" for kind, zh in _KINDS.items()]
    counts += [f"unchanged 不变 {report.unchanged}", f"mistakes 错误 {len(report.mistakes)}"]
    click.echo(", ".join(counts))
    return not report.mistakes


def _plain(values: Any) -> str:
    if not values:
        return "—"
    return ", ".join(f"{name}={value}" for name, value in values.items() if value not in ("", None, []))
