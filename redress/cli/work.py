"""start, tasks, complete, signal, variables: the work itself, from the command line, as one of the people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import click
import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from redress.settings import Settings

_as = click.option(
    "--as", "login", required=True, envvar="REDRESS_AS", help="Login of whoever acts (or REDRESS_AS)."
)


class JsonObject(click.ParamType[dict[str, Any]]):
    """A JSON object as an option's value, or `@file`."""

    name = "json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, dict):
            return value
        try:
            if value.startswith("@"):
                with open(value[1:], "rb") as file:
                    value = file.read()
            found = orjson.loads(value)
        except (OSError, orjson.JSONDecodeError) as error:
            self.fail(f"is not readable as JSON: {error}", param, ctx)
        if not isinstance(found, dict):
            self.fail('must be a JSON object, such as \'{"outcome": "qualified"}\'', param, ctx)
        return found


def _acted(login: str, act: Callable[..., Any]) -> Any:
    """Run `act(session, deps, caller)` in one transaction and commit it: the command's edge."""
    from redress.cli.local import opened
    from tasks.people.identity import caller_by_login

    with opened(Settings.from_environment()) as deps, deps.sessions.begin() as session:
        return act(session, deps, caller_by_login(session, deps, login))


@click.command()
@click.argument("regime")
@click.option("--facts", type=JsonObject(), default=dict, help="Answers of the start form: JSON, or @file.")
@click.option("--at", "event", default=None, help="The id of the start event, where the process has several.")
@_as
def start(regime: str, facts: dict[str, Any], event: str | None, login: str) -> None:
    """File a case under REGIME and start its process. 立案"""
    from tasks.cases.filing import file_case

    filed = _acted(
        login,
        lambda session, deps, caller: file_case(session, deps, caller, regime, facts, start_event=event),
    )
    click.echo(f"{filed.number}  query code 查询码 {filed.query_code}")


@click.command()
@click.option(
    "--list", "which", type=click.Choice(["inbox", "queue", "archive"]), default="queue", show_default=True
)
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@_as
def tasks(which: Any, limit: int, login: str) -> None:
    """Show what waits: in my inbox, in my groups' queue, or what I have done. 待办"""
    from tasks.deadlines.calendar.limits import shown
    from tasks.lists.named import task_list

    page = _acted(login, lambda session, deps, caller: task_list(session, deps, caller, which, limit=limit))
    if not page.items:
        click.echo(f"Nothing in the {which} of {login}. 没有工单")
        return
    table = Table(title=f"{login} · {which}", title_justify="left", box=SIMPLE_HEAD, show_lines=True)
    table.add_column("case 编号 · task id", no_wrap=True)
    table.add_column("task 任务", overflow="fold")
    table.add_column("due 到期", no_wrap=True)
    for row in page.items:
        due = shown(row.due_at)[5:] if row.due_at else ""
        table.add_row(f"{row.business_key}\n[dim]{row.id}[/]", row.name, due)
    Console().print(table)
    if page.next_cursor:
        click.echo(f"more than {limit}; ask for more with --limit")


@click.command()
@click.argument("task", type=click.UUID)
@click.option("--answers", type=JsonObject(), default=dict, help="Answers of the form: JSON, or @file.")
@_as
def complete(task: UUID, answers: dict[str, Any], login: str) -> None:
    """Complete TASK, claiming it first if it waits in the queue. 办结"""
    from tasks import desk

    def act(session: Any, deps: Any, caller: Any) -> Any:
        desk.claim(session, deps, caller, task)
        return desk.complete(session, deps, caller, task, answers)

    done = _acted(login, act)
    click.echo(f"{done.task['business_key']}: {done.task['name']} completed 已办结")
    for row in done.next:
        click.echo(f"next 下一步: {row['name']}  {row['id']}")


@click.command()
@click.argument("name")
@click.option("--payload", type=JsonObject(), default=dict, help="What it carries: JSON, or @file.")
@_as
def signal(name: str, payload: dict[str, Any], login: str) -> None:
    """Throw the signal NAME to every process that waits for it. 发出信号"""
    from tasks.processes.steering import send_signal

    waiting = _acted(login, lambda session, deps, caller: send_signal(session, deps, caller, name, payload))
    click.echo(f"{name} thrown 已发出; waiting for it 等待者: {waiting}")


@click.command()
@click.argument("instance", type=click.UUID)
@click.option("--set", "given", type=JsonObject(), required=True, help="Name and value: JSON, or @file.")
@click.option("--reason", required=True, help="Kept in the history with what they were before.")
@click.option("--at", "activity", default=None, help="The activity that reads them, where it sees its own.")
@click.option("--retry", is_flag=True, help="Run again what rests on an incident in the instance.")
@_as
def variables(
    instance: UUID, given: dict[str, Any], reason: str, activity: str | None, retry: bool, login: str
) -> None:
    """Set variables of INSTANCE that its diagram reads and nobody gave. 设置变量"""
    from tasks.processes.instances import read_instance
    from tasks.processes.steering import retry_incident, set_variables

    def act(session: Any, deps: Any, caller: Any) -> list[str]:
        set_variables(session, deps, caller, instance, given, reason=reason, at=activity)
        resting = read_instance(session, deps, caller, instance).incidents if retry else []
        resting = [one for one in resting if one.resolved_at is None]
        for one in resting:
            retry_incident(session, deps, caller, one.id)
        return [str(one.activity_id) for one in resting]

    retried = _acted(login, act)
    click.echo(f"set 已设置: {', '.join(given)}")
    if retried:
        click.echo(f"run again 重新执行: {', '.join(retried)}")
