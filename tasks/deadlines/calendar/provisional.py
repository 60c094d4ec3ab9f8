"""What is known of a year before its schedule is published: the statutory days, without any make-up workday."""

from __future__ import annotations

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=64)
def statutory_days(year: int) -> frozenset[date]:
    """The days off that the law gives by itself (全国年节及纪念日放假办法), days given for those on a weekend included."""
    import holidays  # takes a tenth of a second, and only provisional years need it

    return frozenset(holidays.country_holidays("CN", years=year))
