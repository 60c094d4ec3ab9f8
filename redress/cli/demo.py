"""demo: files the cases of its tables and plays the staff of every tier and a regulator, until each case is archived or
stands where it is left to be looked at.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from engine.clock import SystemClock
from redress import runfile
from redress.content import organisation_data
from redress.demo.answers import AnswerBook
from redress.demo.client import Client, Refused, ServerGone
from redress.demo.filing import Filing, start_form
from redress.demo.notes import Notebook, Notes
from redress.demo.play import Play, Stuck
from redress.demo.printing import report
from redress.demo.rows import labels, read_rows, tables
from redress.demo.staff import NobodyAnswers, Staff
from redress.demo.telling import tell
from redress.leash import PARENT
from redress.places import packaged
from redress.settings import Settings

_START_SECONDS = 120


@click.command()
@click.option(
    "--url", help="Address of the server; default: the one that runs from this home folder, or a new one."
)
@click.option(
    "--csv", "table", type=click.Path(path_type=Path, exists=True), help="Other cases to file instead."
)
@click.option(
    "--regime",
    help="Only the cases of this process; what --csv names is filed under it (default: complaint).",
)
def demo(url: str | None, table: Path | None, regime: str | None) -> None:
    """File complaints, upgrade complaints and appeals, and play the staff of every tier and the regulator until each is
    archived, or stands where it is left to be looked at. 演示
    """
    settings = Settings.from_environment()
    content = settings.content_dir or packaged("bpmn")
    place = content / "organisation"
    console = Console() if sys.stdout.isatty() else Console(width=110)
    try:
        with _server(settings, url, console) as address:
            _play(settings, place, _tables(place, table, regime), console, address)
    except KeyboardInterrupt:
        console.print("Stopped 已中断。 Run `redress demo` again to go on from here.", highlight=False)
        raise SystemExit(130) from None
    except (ServerGone, NobodyAnswers, Stuck, Refused) as problem:
        raise click.ClickException(f"{problem}\nRun `redress demo` again to go on from here.") from problem


def _tables(place: Path, table: Path | None, regime: str | None) -> dict[str, Path]:
    """The tables to play, by regime. Raises UsageError where there is none."""
    if table is not None:
        return {regime or "complaint": table}
    found = tables(place)
    if regime is None:
        return found
    if regime not in found:
        raise click.UsageError(f"There is no table of {regime} in {place}; --csv names one.")
    return {regime: found[regime]}


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
    settings: Settings, place: Path, wanted: Mapping[str, Path], console: Console, address: _Address
) -> None:
    clock = SystemClock()
    notebook = Notebook(settings.home)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=False) as progress:
        bar = progress.add_task("signing in 登录")

        def waiting(reason: str) -> None:
            progress.update(bar, description=f"waiting for the server 等待服务: {reason[:60]}")

        def moved(over: int, of: int) -> None:
            progress.update(bar, description="played 已演示", completed=over, total=of)

        client = Client(address, waiting=waiting)
        people = organisation_data(place.parent).get("people") or ()
        systems = {person["login"] for person in people if person.get("kind") == "system"}
        staff = Staff.ask(client, [person["login"] for person in people], settings.demo_password, systems)
        forms = {regime: start_form(client, staff, regime) for regime in wanted}
        rows = [row for regime, table in wanted.items() for row in read_rows(table, forms[regime], regime)]
        notes = _notes(notebook, client, staff, clock, console)
        book = AnswerBook.read(place / "demo_answers.yaml", clock)
        named = {regime: labels(form) for regime, form in forms.items()}
        filing = Filing(client, staff, notebook, notes, rows, named)
        play = Play(client, staff, book, notebook, notes, filing, moved=moved)
        play.run()
        told = tell(client, staff, notes, play)
    notes.finished = True
    notebook.save(notes)
    report(console, rows, notes, told, book.note)


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
