"""A year or a month of the working calendar as text for a terminal: 休 and 班 beside what the weekday does not say."""

from __future__ import annotations

from tasks.deadlines.calendar.looking import LAW, REGION, Day, YearView
from tasks.deadlines.calendar.tables import WORK

_WEEK = ("一", "二", "三", "四", "五", "六", "日")
_CELL = 5
"""Columns of a day: two digits, a mark two columns wide, a space."""


def year_table(view: YearView) -> list[str]:
    """The year in three months beside each other, and below it every day that is not what its weekday says."""
    lines = [_title(view, f"{view.year} 年"), ""]
    months = [_month(days) for days in view.months()]
    for first in range(0, 12, 3):
        row = months[first : first + 3]
        lines.append("   ".join(_wide(f"{first + n + 1} 月", 7 * _CELL) for n in range(3)).rstrip())
        for week in range(max(map(len, row))):
            lines.append(
                "   ".join((month[week] if week < len(month) else " " * 7 * _CELL) for month in row).rstrip()
            )
        lines.append("")
    return [*lines, *_told(view.days)]


def month_table(view: YearView, month: int) -> list[str]:
    """One month, and below it every day that is not what its weekday says."""
    days = view.months()[month - 1]
    worked = sum(day.kind == WORK for day in days)
    return [
        _title(view, f"{view.year} 年 {month} 月", worked), "", *(line.rstrip() for line in _month(days)), "", *_told(days)
    ]  # fmt: skip


def _title(view: YearView, period: str, worked: int | None = None) -> str:
    state = "暂定 provisional" if view.provisional else "已公布 published"
    count = view.worked if worked is None else worked
    where = f" {view.region}" if view.region else ""
    return f"{period}{where}  {state}  工作日 working days: {count}  办公时间 office hours: {view.hours}"


def _month(days: list[Day]) -> list[str]:
    head = "".join(f"{sign}   " for sign in _WEEK)
    return [head, *("".join(map(_cell, week)) for week in YearView.weeks(days))]


def _cell(day: Day | None) -> str:
    return f"{day.day.day:2}{day.mark or '  '} " if day else " " * _CELL


def _told(days: list[Day]) -> list[str]:
    lines = []
    for day in days:
        if day.mark:
            by = {LAW: "（法定，暂定 by law, provisional）", REGION: f"（{day.region}）"}.get(day.why, "")
            lines.append(f"{day.day} 周{_WEEK[day.day.weekday()]} {day.mark} {day.name}{by}".rstrip())
    return lines


def _wide(text: str, columns: int) -> str:
    """The text filled up to so many columns; Chinese characters take two."""
    taken = sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)
    return text + " " * (columns - taken)
