"""audit: show what was done, verify that nobody has changed the record of it, keep its ends elsewhere."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import orjson

from redress.cli.data import Instant
from redress.settings import Settings

SHANGHAI = ZoneInfo("Asia/Shanghai")


class AnchorFile(click.ParamType[list[Any]]):
    """Lines that `redress audit anchor` has printed."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from tasks.audit.anchoring import Anchor

        if isinstance(value, list):
            return value
        try:
            lines = [line for line in Path(value).read_bytes().splitlines() if line.strip()]
            told = [orjson.loads(line) for line in lines]
            return [
                Anchor(datetime.fromisoformat(one["at"]), int(one["seq"]), str(one["hash"])) for one in told
            ]
        except OSError as error:
            self.fail(f"{value} cannot be read: {error.strerror}. 无法读取该文件。", param, ctx)
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            self.fail(f"{value} does not hold what `redress audit anchor` prints. 不是锚点文件。", param, ctx)


@click.group()
def audit() -> None:
    """The audit trail: who did what, when. 审计记录"""


@audit.command()
@click.option("--case", "number", help="Only the chain of this case.")
@click.option("--since", type=Instant(), help="Only chains that have moved since then.")
@click.option(
    "--anchor", "anchors", type=AnchorFile(), default=list, help="Anchors that were kept elsewhere."
)
@click.option("--contents", is_flag=True, help="Compare answers, facts, papers and comments as well.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that read.")
def verify(number: str | None, since: datetime | None, anchors: list[Any], contents: bool, jobs: int) -> None:
    """Recompute every seal; tell each row that was changed, removed or put in. 校验

    Exit code 1 where anything is wrong.
    """
    from redress.bootstrap import audit_keys
    from redress.database import database
    from tasks.audit.verifying import Wanted, verify

    settings = Settings.from_environment()
    with database(settings) as url:
        report = verify(url, audit_keys(settings), Wanted(number, since, anchors, contents, jobs))
    for finding in report.findings:
        click.echo(f"{finding.where}: {finding.what}. {finding.what_zh}。")
    if report.more:
        click.echo(f"… and {report.more} more 还有 {report.more} 处")
    wrong = len(report.findings) + report.more
    click.echo(
        f"{report.rows} rows in {report.chains} chains read 已读 {report.rows} 行 {report.chains} 条链: "
        + (f"{wrong} findings 发现 {wrong} 处问题" if wrong else "all as it was sealed 全部完好")
    )
    if number is not None and not report.rows:
        click.echo(f"Nothing is recorded of the case {number}. 没有该案件的记录。")
    if wrong or (number is not None and not report.rows):
        sys.exit(1)


@audit.command()
def anchor() -> None:
    """Drop an anchor now and print it: keep the line where nobody who can write to the database comes. 锚定

    `redress audit verify --anchor FILE` checks the trail against all lines of such a file.
    """
    from redress.cli.local import opened
    from tasks.audit.anchoring import begin_trail, drop_anchor, last_anchor

    with opened(Settings.from_environment()) as deps:
        with deps.sessions.begin() as session:
            begin_trail(session, deps.clock.now())
        with deps.sessions.begin() as session:
            drop_anchor(session, deps.clock.now())
        with deps.sessions() as session:
            found = last_anchor(session)
    assert found is not None
    click.echo(orjson.dumps({"at": found.at.isoformat(), "seq": found.seq, "hash": found.hash}))


@audit.command()
@click.argument("number")
def show(number: str) -> None:
    """Show what was done to the case NUMBER, or the rows of any other chain. 查看"""
    from redress.cli.local import opened
    from tasks.audit.reading import chain_rows
    from tasks.audit.words import changes, verb_zh

    with opened(Settings.from_environment()) as deps, deps.sessions() as session:
        count = 0
        for row in chain_rows(session, number):
            count += 1
            at = row.at.astimezone(SHANGHAI).isoformat(sep=" ", timespec="seconds")
            click.echo(
                f"{row.seq:>5}  {at}  {row.actor_name}  {verb_zh(row.verb)} {row.verb}  {row.subject} {row.subject_id}"
            )
            for name, before, after in changes(row.before, row.after):
                click.echo(f"       {name}: {before} → {after}" if before else f"       {name}: {after}")
    if not count:
        raise click.ClickException(f"Nothing is recorded of {number}. 没有该案件的记录。")
