"""Identity: ids that sort by the time they were made, so that an index grows at its end."""

from __future__ import annotations

import os
from collections.abc import Callable
from uuid import UUID

from engine.clock import Clock

NewId = Callable[[], UUID]


def time_ordered(clock: Clock, random: Callable[[int], bytes] = os.urandom) -> NewId:
    """Return a maker of version 7 UUIDs (RFC 9562): 48 bits of milliseconds, then 74 random bits."""

    def new_id() -> UUID:
        millis = int(clock.now().timestamp() * 1000)
        noise = int.from_bytes(random(10), "big")
        value = (millis & 0xFFFFFFFFFFFF) << 80 | (noise & 0xFFFFFFFFFFFFFFFFFFFF)
        value = value & ~(0xF << 76) | 0x7 << 76
        return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)

    return new_id
