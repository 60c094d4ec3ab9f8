"""What is known of a year before its schedule is published: the statutory days, without any make-up workday."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

_SHIFTED = ("休息日", "补假")
"""What the library calls days that are not off by their own name: 休息日（由…调休）, 春节（补假）."""


def statutory_days(year: int) -> frozenset[date]:
    """The days off that the law gives by itself (全国年节及纪念日放假办法), days given for those on a weekend included."""
    return frozenset(_named(year))


def holiday_names(year: int) -> Mapping[date, str]:
    """The days that are holidays by their own name, on whatever weekday: 元旦, 农历除夕, 春节 …"""
    return {day: name for day, name in _named(year).items() if not any(word in name for word in _SHIFTED)}


def days_off_by_law(year: int) -> int:
    """How many working days the law takes out of a year, those given for holidays on a weekend included."""
    own = [day for day, name in _named(year).items() if _SHIFTED[0] not in name]
    return sum(day.weekday() < 5 for day in own)


@lru_cache(maxsize=64)
def _named(year: int) -> Mapping[date, str]:
    import holidays  # takes a tenth of a second, and few need it

    return MappingProxyType(dict(holidays.country_holidays("CN", years=year, language="zh_CN")))
