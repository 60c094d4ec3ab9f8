"""calendar: count working days, show a year, import the State Council's notice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from engine.errors import InvalidInput, NotFound
from redress.settings import Settings

_UNITS = ("wd", "cd", "h", "half")
_region = click.option("--region", metavar="CODE", default="", help="As this unit counts. 按该单位的日历")
_unit = click.option(
    "--unit",
    type=click.Choice(_UNITS),
    default="wd",
    show_default=True,
    help="Working days, calendar days, natural hours, half working days. 单位",
)
_published = click.option("--published", is_flag=True, help="Refuse provisional answers. 只按已公布年份")
_verbose = click.option("--verbose", is_flag=True, help="Say which calendar was used. 说明所用日历")

# A number may begin with a minus: then it is refused with a sentence about the number, not about options.
_NUMBERS = {"ignore_unknown_options": True}


@dataclass(frozen=True)
class _Counting:
    """A region's calendar and where it comes from."""

    calendar: Any
    source: str

    def said(self, provisional: tuple[int, ...], verbose: bool) -> None:
        """Say on standard error what an answer rests on, where that matters or is asked for."""
        if provisional:
            told = ", ".join(map(str, provisional))
            click.echo(
                f"provisional: the schedule of {told} is not published ({self.source}). "
                f"暂定：{told} 年的放假安排尚未公布。",
                err=True,
            )
        elif verbose:
            click.echo(f"calendar 日历: {self.source}", err=True)


class _WrongInput(click.ClickException):
    """What was typed has not the form it must have."""

    exit_code = 2


@click.group()
def calendar() -> None:
    """Count working days, show the calendar, import a holiday notice. 工作日历"""


@calendar.command(context_settings=_NUMBERS)
@click.argument("start")
@click.argument("amount")
@_unit
@_region
@click.option("--no-roll", is_flag=True, help="Calendar days may end on a rest day. 到期日不顺延")
@_published
@_verbose
def add(
    start: str, amount: str, unit: str, region: str, no_roll: bool, published: bool, verbose: bool
) -> None:
    """Print when a limit of AMOUNT that starts on START (2026-02-13, 2026-03-02T10:00) ends. 期限届满日"""
    from tasks.deadlines.calendar import asking

    with _counting(region) as found:
        answer = asking.add(found.calendar, start, amount, unit, rolls=not no_roll, published_only=published)
        click.echo(answer.text)
        found.said(answer.provisional, verbose)


@calendar.command(context_settings=_NUMBERS)
@click.argument("end")
@click.argument("amount")
@_unit
@_region
@_published
@_verbose
def subtract(end: str, amount: str, unit: str, region: str, published: bool, verbose: bool) -> None:
    """Print the day on which a limit of AMOUNT must start to end on END. 倒推起算日"""
    from tasks.deadlines.calendar import asking

    with _counting(region) as found:
        answer = asking.subtract(found.calendar, end, amount, unit, published_only=published)
        click.echo(answer.text)
        found.said(answer.provisional, verbose)


@calendar.command(context_settings=_NUMBERS)
@click.argument("first")
@click.argument("last")
@_unit
@_region
@_published
@_verbose
def between(first: str, last: str, unit: str, region: str, published: bool, verbose: bool) -> None:
    """Print how many days lie after FIRST up to and with LAST (hours: between two instants). 相隔天数"""
    from tasks.deadlines.calendar import asking
    from tasks.deadlines.calendar.limits import plain

    with _counting(region) as found:
        answer = asking.between(found.calendar, first, last, unit, published_only=published)
        click.echo(plain(answer.amount))
        found.said(answer.provisional, verbose)


@calendar.command()
@click.argument("period")
@_region
@_published
@_verbose
def show(period: str, region: str, published: bool, verbose: bool) -> None:
    """Print a year (2026) or a month (2026-10): 休 is off, 班 is worked, beyond what the weekday says. 显示日历"""
    from redress.cli.calendar_table import month_table, year_table
    from tasks.deadlines.calendar.asking import not_published

    year, month = _period(period)
    with _view(year, region) as (view, found):
        if published and view.provisional:
            raise not_published((year,))
        click.echo("\n".join(month_table(view, month) if month else year_table(view)))
        found.said((year,) if view.provisional else (), verbose)


@calendar.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@click.option("--year", type=int, default=0, help="The year it must be for. 必须是这一年")
@click.option("--yes", is_flag=True, help="Import what the report says. 确认导入")
@click.option("--as", "login", envvar="REDRESS_AS", help="Login of whoever acts. 以谁的身份")
def import_(file: Path, year: int, yes: bool, login: str | None) -> None:
    """Say what importing the notice in FILE (its text, CSV or XLSX; - for stdin) would change; with --yes do it. 导入通知"""
    from redress.cli.local import opened
    from tasks.deadlines.calendar.notices.importing import Notice, confirm, report
    from tasks.organisation.exchange.reading import MOST_BYTES
    from tasks.people.identity import caller_by_login

    name = "stdin" if str(file) == "-" else file.name
    with click.open_file(str(file), "rb") as opened_file:
        notice = Notice(file=(name, opened_file.read(MOST_BYTES + 1)), year=year)
    with opened(Settings.from_environment()) as deps, deps.sessions.begin() as session:
        caller = caller_by_login(session, deps, login) if login else None
        told = report(session, deps, caller, notice)
        _report(told)
        if told.mistakes:
            raise click.ClickException("Nothing was imported.\n没有导入任何内容。")
        if yes:
            confirm(session, deps, caller, notice, told.digest)
    if yes:
        click.echo(f"已导入 {told.year} 年，{len(told.changes)} 天有变动。 Imported {told.year}.")
    else:
        click.echo("尚未导入；加 --yes 确认。 Nothing was imported yet; add --yes to do it.")


def _report(told: Any) -> None:
    for one in told.mistakes:
        click.echo(f"✗ {one.path}: {one.message} {one.message_zh}")
    for one in told.warnings:
        click.echo(f"! {one.path}: {one.message} {one.message_zh}")
    for one in told.changes:
        name = one.name_after or one.name_before
        click.echo(f"{one.day} {one.day:%a}  {one.before:4} → {one.after:4}  {name}".rstrip())
    click.echo(
        f"{told.year or '?'}: changes 变动 {len(told.changes)}, unchanged 不变 {told.unchanged}, "
        f"open clocks 在办时限 {told.clocks}, mistakes 错误 {len(told.mistakes)}"
    )


def _period(text: str) -> tuple[int, int]:
    """A year, or a year and a month."""
    year, _, month = text.partition("-")
    if len(year) == 4 and year.isascii() and year.isdigit():
        if not month and "-" not in text:
            return int(year), 0
        if len(month) == 2 and month.isascii() and month.isdigit() and 1 <= int(month) <= 12:
            return int(year), int(month)
    raise _WrongInput(
        f"'{text[:40]}' was given, but it is neither a year such as 2026 nor a month such as 2026-10.\n"
        f"“{text[:40]}”不是 2026 这样的年份，也不是 2026-10 这样的月份。"
    )


@contextmanager
def _counting(region: str) -> Iterator[_Counting]:
    """The calendar to count with; what was typed wrong ends the command with 2."""
    with _source(region) as (calendars, path, source, _):
        yield _Counting(calendars.of(path), source)


@contextmanager
def _view(year: int, region: str) -> Iterator[tuple[Any, _Counting]]:
    from tasks.deadlines.calendar import looking

    with _source(region) as (calendars, path, source, decided):
        counted = calendars.of(path)
        yield looking.view(counted, year, decided(path, year), region), _Counting(counted, source)


@contextmanager
def _source(region: str) -> Iterator[tuple[Any, str, str, Any]]:
    """The stored calendars where an installation is configured or has its data here, else those that are shipped; the path
    of the region; where they come from; and what was decided for days of a year.
    """
    from redress.database import is_installed

    settings = Settings.from_environment()
    try:
        if not is_installed(settings):
            yield _shipped(settings, region)
            return
        with _stored(settings, region) as found:
            yield found
    except (InvalidInput, NotFound) as refusal:
        said = [str(refusal), str(refusal.facts.get("message_zh") or "")]
        raise _WrongInput("\n".join(filter(None, said))) from refusal


def _shipped(settings: Settings, region: str) -> tuple[Any, str, str, Any]:
    from engine.clock import SystemClock
    from redress.content import workdays
    from redress.places import packaged
    from tasks.deadlines.calendar.arithmetic import day_of
    from tasks.deadlines.calendar.loading import read_workdays, shipped_calendars
    from tasks.deadlines.calendar.looking import NOTICE, Day

    if region:
        raise _WrongInput(
            f"The calendar of the unit {region[:64]} was asked for, but there is no installation here whose units could be "
            f"looked up.\n这里没有安装实例，无法查找单位“{region[:64]}”。"
        )
    rows = workdays(settings.content_dir or packaged("bpmn"))
    read = read_workdays(rows)

    def decided(_path: str, year: int) -> dict[date, Any]:
        return {day: Day(day, kind, NOTICE, name) for day, kind, name, _ in read if day.year == year}

    source = "the shipped workdays.csv 随附的日历"
    return shipped_calendars(rows, day_of(SystemClock().now())), "", source, decided


@contextmanager
def _stored(settings: Settings, region: str) -> Iterator[tuple[Any, str, str, Any]]:
    from engine.clock import SystemClock
    from engine.db import open_database
    from redress.database import database
    from tasks.deadlines.calendar.arithmetic import day_of
    from tasks.deadlines.calendar.looking import decided
    from tasks.deadlines.calendar.reading import read_calendars
    from tasks.organisation.tree import read_organisation

    today = day_of(SystemClock().now())
    with database(settings) as url:
        sessions = open_database(url, pool_size=1)
        try:
            with sessions() as session:
                path: str | None = ""
                if region:
                    path = read_organisation(session, today).places.get(region)
                if path is None:
                    raise NotFound(
                        f"The calendar of the unit {region[:64]} was asked for; there is no such unit.",
                        message_zh=f"没有单位“{region[:64]}”。",
                    )
                calendars = read_calendars(session, today)
                yield (
                    calendars, path, "the installation's 本安装实例的日历",
                    lambda place, year: decided(session, place, year),
                )  # fmt: skip
        finally:
            sessions.kw["bind"].dispose()
