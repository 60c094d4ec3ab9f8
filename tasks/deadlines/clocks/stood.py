"""The times a case has waited for somebody outside, kept on its file: what clocks are credited that begin later, but run since
before (`sla.from`). The ledger of a clock has what the clock itself stood still.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tasks.deadlines.calendar.limits import Pause
from tasks.memo import Stood


def read_stood(kept: Iterable[Any]) -> tuple[Stood, ...]:
    """What `case_file.stood_still` says."""
    return tuple(
        Stood(tuple(reasons), datetime.fromisoformat(since), datetime.fromisoformat(until))
        for reasons, since, until in kept
    )


def written(stood: Iterable[Stood]) -> list[Any]:
    """The same for the column."""
    return [[list(each.reasons), each.since.isoformat(), each.until.isoformat()] for each in stood]


def stood_until(
    before: tuple[Stood, ...], since: datetime | None, held_by: Iterable[str], until: datetime
) -> tuple[Stood, ...]:
    """`before`, and what a case has stood still that waits since then for what holds it (`reason:id`), up to `until`; two waits
    never overlap.
    """
    reasons = tuple(dict.fromkeys(holder.partition(":")[0] for holder in held_by))
    if since is None or not reasons:
        return before
    begin = max([since, *(each.until for each in before)])
    return (*before, Stood(reasons, begin, until)) if begin < until else before


def credited(
    stood: Iterable[Stood], pausable: Sequence[str], start: datetime, until: datetime
) -> list[tuple[str, Pause]]:
    """The times between `start` and `until` that count for a clock which stands still for these reasons, each with its own."""
    found = []
    for each in stood:
        reason = next((reason for reason in each.reasons if reason in pausable), "")
        begin, end = max(each.since, start), min(each.until, until)
        if reason and begin < end:
            found.append((reason, (begin, end)))
    return found
