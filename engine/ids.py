"""Identity: ids that sort by the time they were made, so that an index grows at its end."""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Lock
from uuid import UUID

from engine.clock import Clock

NewId = Callable[[], UUID]


def time_ordered(clock: Clock, random: Callable[[int], bytes] = os.urandom) -> NewId:
    """Return a maker of version 7 UUIDs (RFC 9562): 48 bits of milliseconds, 12 that count up, 62 random bits.

    What one maker makes later sorts later, within a millisecond too (§6.2, method 1: a counter that begins at a random
    number, and runs over into the milliseconds).
    """
    lock = Lock()
    last = 0

    def new_id() -> UUID:
        nonlocal last
        noise = int.from_bytes(random(10), "big")
        stamp = (
            int(clock.now().timestamp() * 1000) << 12 | noise >> 69
        )  # the counter's first bit is left free
        with lock:
            last = stamp = max(stamp, last + 1)
        value = (stamp >> 12 & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64
        return UUID(int=value | 0x2 << 62 | noise & 0x3FFFFFFFFFFFFFFF)

    return new_id
