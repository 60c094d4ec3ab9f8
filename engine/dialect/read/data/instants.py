"""What an author may write literally where a time is asked for: ISO 8601 dates, durations and repetitions."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

_DURATION = re.compile(
    r"P(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?\Z"
)
_LONGEST = {"Y": 1_000, "M": 12_000, "W": 52_000, "D": 366_000}
"""A thousand years in each unit: what is longer is a slip, and no calendar reaches it."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\Z")


def is_duration(text: str) -> bool:
    """Tell whether a text is an ISO 8601 duration such as PT4H or P7D."""
    if not _DURATION.match(text):
        return False
    days, _, hours = text.partition("T")
    numbers = [*re.findall(r"(\d+)([YMWD])", days), *re.findall(r"(\d+)()", hours)]
    return all(int(number) <= _LONGEST.get(unit, 10**10) for number, unit in numbers)


def is_date(text: str) -> bool:
    """Tell whether a text is an existing ISO 8601 date or date-time."""
    if not _DATE.match(text):
        return False
    try:
        return 1 < datetime.fromisoformat(text).year < 9999
    except ValueError:
        return False


def is_cycle(text: str) -> bool:
    """Tell whether a text is an ISO 8601 repetition that comes round: R3/PT1H or R/2026-01-01T00:00Z/P1D."""
    count, *parts = text.split("/")
    if not re.fullmatch(r"R(?:[1-9]\d{0,5})?", count) or len(parts) not in (1, 2):
        return False
    return is_duration(parts[-1]) and bool(re.search("[1-9]", parts[-1])) and all(map(is_date, parts[:-1]))


TIMER_KINDS = {"date": "时刻", "duration": "时长", "cycle": "周期"}
TIMER_CHECKS: dict[str, Callable[[str], bool]] = {
    "date": is_date,
    "duration": is_duration,
    "cycle": is_cycle,
}
