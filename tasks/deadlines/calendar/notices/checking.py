"""Whether what a notice states makes a year: everything that is wrong with it at once, and what is only odd."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain, islice

from tasks.deadlines.calendar.notices.stated import KINDS, Mistake, Reading, Stated, weekday
from tasks.deadlines.calendar.notices.text import NEW_YEAR
from tasks.deadlines.calendar.provisional import days_off_by_law, holiday_names
from tasks.deadlines.calendar.reading import YEARS_AHEAD
from tasks.deadlines.calendar.tables import REST, WORK

FIRST_YEAR = 2000
"""The first year with seven-day holidays and make-up workdays (办法 of 1999)."""
MOST_TOLD = 500
"""Mistakes that are told of one notice: nobody mends more of them by hand."""


def check(found: Reading, year: int, today: date) -> list[Mistake]:
    """Every mistake of the reading, those of its words included, at most MOST_TOLD. year: the one it is meant for; 0: whichever it says."""
    wrong = list(found.mistakes)
    if not found.year:
        return [
            *wrong,
            _whole(
                "it does not say for which year it is.",
                "没有写明是哪一年的安排（例如“关于2027年部分节假日安排的通知”）。",
            ),
        ]
    if year and year != found.year:
        wrong.append(
            _whole(
                f"it is for {found.year}, not for {year}.", f"这是 {found.year} 年的安排，不是 {year} 年的。"
            )
        )
    last = today.year + YEARS_AHEAD
    if not FIRST_YEAR <= found.year <= last:
        return [
            *wrong,
            _whole(
                f"{found.year} lies outside {FIRST_YEAR} to {last}, for which schedules are taken.",
                f"{found.year} 年不在可导入的年份（{FIRST_YEAR} 至 {last}）之内。",
            ),
        ]
    if not found.days and not wrong:
        return [_whole("it names no day.", "没有列出任何日期。")]
    return list(islice(chain(wrong, _days(found), _lacking(found)), MOST_TOLD))


def warnings(found: Reading) -> list[Mistake]:
    """What a right notice seldom has: more or fewer working days taken out of the year than the law takes."""
    taken = 0
    for day, kind in kinds(found).items():
        taken += (kind == REST and day.weekday() < 5) - (kind == WORK and day.weekday() >= 5)
    given = days_off_by_law(found.year)
    if taken == given:
        return []
    return [
        _whole(
            f"It takes {taken} working days out of {found.year}, the law {given}: is a make-up workday or a holiday missing?",
            f"{found.year} 年净减少 {taken} 个工作日，而法定为 {given} 个：是否漏了调休上班日或假日？",
        )
    ]


def kinds(found: Reading) -> dict[date, str]:
    """What differs from Monday to Friday by the notice: day → rest or work."""
    return {each.day: each.kind for each in found.days if (each.kind == REST) == (each.day.weekday() < 5)}


def _days(found: Reading) -> Iterator[Mistake]:
    seen: dict[date, Stated] = {}
    for each in found.days:
        said = f"{each.day} {KINDS[each.kind][0]}"
        before = seen.setdefault(each.day, each)
        if before is not each and before.kind != each.kind:
            yield Mistake(
                each.where, said, f"it is {KINDS[before.kind][1]} in {before.where}: a day is off or worked, not both.",
                f"{before.where}写的是{KINDS[before.kind][0]}：同一天不能既休息又上班。",
            )  # fmt: skip
        elif before is not each:
            yield Mistake(
                each.where, said, f"it stands in {before.where} already.", f"在{before.where}已经列出过。"
            )
        elif each.day.year != found.year and not _before_new_year(each, found.year):
            yield Mistake(
                each.where, said, f"it does not lie in {found.year}.", f"不在 {found.year} 年之内。"
            )
        elif each.kind == WORK and each.day.weekday() < 5 and not found.whole:
            yield Mistake(
                each.where, said, f"it is a {each.day:%A} and worked anyway.", f"{weekday(each.day)}本来就上班。"
            )  # fmt: skip


def _before_new_year(each: Stated, year: int) -> bool:
    """Whether it is one of the days around 31 December that a year's notice disposes of for New Year's Day."""
    near = date(year - 1, 12, 24) <= each.day < date(year, 1, 1)
    return near and (not each.name or NEW_YEAR in each.name)


def _lacking(found: Reading) -> Iterator[Mistake]:
    """Days that are missing: of a list of all days, of a holiday between its days off, and by law."""
    listed = {each.day for each in found.days}
    stated = kinds(found)
    if found.whole:
        for day in _days_of(found.year):
            if day not in listed:
                yield _whole(
                    f"it lists the days of {found.year}, but {day} is missing.",
                    f"逐日列出了 {found.year} 年，却缺少 {day}。",
                )
    by_law = holiday_names(found.year)
    for day, name in by_law.items():
        if stated.get(day, REST if day.weekday() >= 5 else WORK) == WORK and (
            not found.whole or day in listed
        ):
            yield _whole(
                f"{day} is a holiday by law ({name}), but it is not off.",
                f"{day} 是法定节假日（{name}），通知没有安排休息。",
            )
    for name, days in _holidays(found).items():
        for day in _between(min(days), max(days)):
            if day not in by_law and stated.get(day, REST if day.weekday() >= 5 else WORK) == WORK:
                yield _whole(
                    f"{day} is missing between {min(days)} and {max(days)} ({name}).",
                    f"{name}从 {min(days)} 到 {max(days)}，中间缺少 {day}。",
                )


def _holidays(found: Reading) -> dict[str, set[date]]:
    """Name → its days off. A name that comes twice a year, weeks apart, is not one holiday, and one without a name none."""
    days: defaultdict[str, set[date]] = defaultdict(set)
    for each in found.days:
        if each.kind == REST and each.name and not found.whole:
            days[each.name].add(each.day)
    return {name: each for name, each in days.items() if (max(each) - min(each)).days <= 16}


def _between(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _days_of(year: int) -> Iterator[date]:
    return _between(date(year, 1, 1), date(year, 12, 31))


def _whole(message: str, message_zh: str) -> Mistake:
    return Mistake("", "通知 notice", message, message_zh)
