"""Ids sort by the time they were made, also within one millisecond, and still cannot be guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.clock import FrozenClock
from engine.ids import time_ordered

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_ids_of_one_millisecond_sort_as_they_were_made() -> None:
    new_id = time_ordered(FrozenClock(NOON))
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(made)
    assert len({one.int & 0x3FFFFFFFFFFFFFFF for one in made}) == 10_000


def test_ids_carry_the_time_their_version_and_their_variant() -> None:
    clock = FrozenClock(NOON)
    new_id = time_ordered(clock, lambda count: b"\xff" * count)
    first = new_id()
    clock.advance(timedelta(milliseconds=1))
    second = new_id()
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
    assert first.int >> 80 == int(NOON.timestamp() * 1000)
    assert second.int >> 80 == (first.int >> 80) + 1
