"""What is known of a year before its schedule is published: the statutory days, without any make-up workday."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

_BY_LAW = frozenset(("元旦", "农历除夕", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"))
"""The holidays of the law. The library also knows what single notices shifted (休息日（由…调休）) and what was decided once
(春节延长假期 of 2020): neither is known before it is published, nor need a notice say it.
"""
_GIVEN, _SHIFTED = "（补假）", "休息日"
"""How the library marks a day given for a holiday on a weekend, and one for which another day is worked."""


def statutory_days(year: int) -> frozenset[date]:
    """The days off that the law gives by itself (全国年节及纪念日放假办法), days given for those on a weekend included."""
    return frozenset(day for day, name in _named(year).items() if _lawful(name))


def holiday_names(year: int) -> Mapping[date, str]:
    """The days that are holidays by their own name, on whatever weekday: 元旦, 农历除夕, 春节 …"""
    return {day: name for day, name in _named(year).items() if _lawful(name) and _GIVEN not in name}


def days_off_by_law(year: int) -> int:
    """How many working days are taken out of a year without another being worked for them: by the law, those given for
    holidays on a weekend included, and by what was decided once.
    """
    return sum(day.weekday() < 5 for day, name in _named(year).items() if _SHIFTED not in name)


@lru_cache(maxsize=64)
def _named(year: int) -> Mapping[date, str]:
    import holidays  # takes a tenth of a second, and few need it

    return MappingProxyType(dict(holidays.country_holidays("CN", years=year, language="zh_CN")))


def _lawful(name: str) -> bool:
    return not _BY_LAW.isdisjoint(name.replace(_GIVEN, "").split("; "))
