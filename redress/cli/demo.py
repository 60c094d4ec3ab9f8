"""demo: files the complaints of a CSV and plays the staff of every tier until each is archived."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from engine.clock import SystemClock
from redress import runfile
from redress.content import organisation_data
from redress.demo.answers import AnswerBook
from redress.demo.client import Client, Refused, ServerGone
from redress.demo.notes import Notebook, Notes
from redress.demo.play import Play, Stuck, Told, start_form
from redress.demo.rows import Row, labels, read_rows
from redress.demo.staff import NobodyAnswers, Staff
from redress.leash import PARENT
from redress.places import packaged
from redress.settings import Settings
from tasks.deadlines.calendar.limits import shown

_START_SECONDS = 120


@click.command()
@click.option(
    "--url", help="Address of the server; default: the one that runs from this home folder, or a new one."
)
@click.option(
    "--csv", "table", type=click.Path(path_type=Path, exists=True), help="Other complaints to file."
)
@click.option("--regime", default="complaint", show_default=True, help="The process they are filed under.")
def demo(url: str | None, table: Path | None, regime: str) -> None:
    """File twenty complaints and play the staff until each is archived. 演示"""
    settings = Settings.from_environment()
    content = settings.content_dir or packaged("bpmn")
    place = content / "organisation"
    console = Console() if sys.stdout.isatty() else Console(width=110)
    try:
        with _server(settings, url, console) as address:
            _play(settings, place, table or place / "demo_complaints.csv", regime, console, address)
    except KeyboardInterrupt:
        console.print("Stopped 已中断。 Run `redress demo` again to go on from here.", highlight=False)
        raise SystemExit(130) from None
    except (ServerGone, NobodyAnswers, Stuck, Refused) as problem:
        raise click.ClickException(f"{problem}\nRun `redress demo` again to go on from here.") from problem


class _Address:
    """Where the server is now: a given URL stays; a supervisor's may change when it is started again."""

    def __init__(self, settings: Settings, url: str | None) -> None:
        self._settings, self._given = settings, url
        self._last = url or ""

    def __call__(self) -> str:
        if not self._given and (running := runfile.read(self._settings.home)):
            self._last = running.url
        return self._last


@contextmanager
def _server(settings: Settings, url: str | None, console: Console) -> Iterator[_Address]:
    address = _Address(settings, url.rstrip("/") if url else None)
    if url or runfile.read(settings.home):
        yield address
        return
    claim = runfile.claim(settings.home)
    if claim is None:
        console.print("A server is just starting from this folder: waiting for it …")
        _await(settings, None)
        yield address
        return
    claim.release()
    console.print("No server runs from this folder: starting one for the demo …")
    process = subprocess.Popen(
        [sys.executable, "-m", "redress", "run"],
        env={**os.environ, PARENT: str(os.getpid())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        _await(settings, process)
        yield address
    finally:
        process.terminate()
        process.wait(60)


def _await(settings: Settings, process: subprocess.Popen[bytes] | None) -> None:
    """Wait until the server of this folder answers; `process` is the one started for it, if it was."""
    until = time.monotonic() + _START_SECONDS
    while runfile.read(settings.home) is None:
        if time.monotonic() > until or (process is not None and process.poll() is not None):
            raise ServerGone("The server for the demo did not start; try `redress run` to see why.")
        time.sleep(0.2)


def _play(
    settings: Settings, place: Path, table: Path, regime: str, console: Console, address: _Address
) -> None:
    clock = SystemClock()
    notebook = Notebook(settings.home)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=False) as progress:
        bar = progress.add_task("signing in 登录")

        def waiting(reason: str) -> None:
            progress.update(bar, description=f"waiting for the server 等待服务: {reason[:60]}")

        def moved(archived: int, of: int) -> None:
            progress.update(bar, description="archived 已归档", completed=archived, total=of)

        client = Client(address, waiting=waiting)
        logins = [person["login"] for person in organisation_data(place.parent).get("people") or ()]
        staff = Staff.ask(client, logins, settings.demo_password)
        form = start_form(client, staff, regime)
        rows = read_rows(table, form)
        notes = _notes(notebook, client, staff, clock, console)
        book = AnswerBook.read(place / "demo_answers.yaml", clock)
        play = Play(
            client, staff, book, notebook, notes, rows, regime=regime, labels=labels(form), moved=moved
        )
        play.file()
        play.work()
        told = play.told()
    notes.finished = True
    notebook.save(notes)
    _report(console, rows, notes, told)


def _notes(notebook: Notebook, client: Client, staff: Staff, clock: SystemClock, console: Console) -> Notes:
    """The interrupted run, if this server knows its cases; else a new one."""
    notes = notebook.unfinished()
    if notes is None:
        return notebook.begin(clock)
    for number in list(notes.numbers.values())[:1]:
        try:
            client.call("GET", f"/cases/{number}", token=staff.overseer().token)
        except Refused:
            return notebook.begin(clock)
    console.print(f"Going on with the interrupted run {notes.run}.")
    return notes


def _due(due: str) -> str:
    return shown(datetime.fromisoformat(due))[5:] if due else "—"


def _report(console: Console, rows: list[Row], notes: Notes, told: list[Told]) -> None:
    table = Table(
        title=f"{len(told)} archived 已归档", title_justify="left", box=SIMPLE_HEAD, show_lines=True
    )
    table.add_column("number 编号", no_wrap=True)
    table.add_column("path taken 经过", ratio=1, overflow="fold")
    table.add_column("steps 步", justify="right")
    table.add_column("due 到期", no_wrap=True)
    for case in told:
        state = f"late 超时 ×{case.late}" if case.late else "in time 按时"
        path = f"[bold]{case.script}[/]: {' → '.join(case.path)}"
        table.add_row(case.number, path, str(len(case.path)), f"{_due(case.due)}\n{state}")
    console.print(table)
    by_number = {row.number: row for row in rows}
    for number, lines in sorted(notes.mistakes.items()):
        title = by_number[number].title
        console.print(f"[bold red]row {number} refused 第 {number} 行被拒绝[/]: {title}", highlight=False)
        for line in lines:
            console.print(f"  · {line}", highlight=False, markup=False)
