"""The rungs of a clock: when somebody is told, written `90% 100% +4h +24h`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from engine.errors import InvalidInput
from tasks.deadlines.calendar.limits import plain

LADDER = "90% 100% +4h +24h"
"""Where nothing else is said (003§2.4.7; domain §1.10 #10)."""

_STEP = re.compile(r"^(?:(?P<share>\d{1,3}(?:\.\d{1,2})?)%|\+(?P<hours>\d{1,4}(?:\.\d{1,2})?)h)$")


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: a share of the limit (0 to 1), or natural hours after its end. text: as it is written without needless zeros,
    so that the log and the figures know a step by one name.
    """

    text: str
    share: Decimal | None = None
    hours: Decimal = Decimal(0)

    @property
    def warns(self) -> bool:
        """Whether it lies before the end: a warning 预警; from the end on it is supervision 督办."""
        return self.share is not None and self.share < 1


@lru_cache(maxsize=1024)
def read_rungs(text: str) -> tuple[Rung, ...]:
    """Read rungs, in order. Raises InvalidInput for what is no rung, is out of order or stands twice."""
    rungs = tuple(_read(step) for step in text.split())
    if len(rungs) > 20:
        raise InvalidInput(f"The rungs '{text}' were given, but a clock has at most 20.")
    for before, later in pairwise(rungs):
        if _place(before) >= _place(later):
            raise InvalidInput(
                f"The rungs '{text}' were given, but {later.text} does not come after {before.text}.",
                message_zh=f"预警梯级“{text}”不对：{later.text} 不在 {before.text} 之后。",
            )
    return rungs


def _read(step: str) -> Rung:
    found = _STEP.match(step)
    if found is not None and found["share"]:
        share = Decimal(found["share"]) / 100
        if 0 < share <= 1:
            return Rung(f"{plain(share * 100)}%", share)
    elif found is not None and Decimal(found["hours"]) > 0:
        hours = Decimal(found["hours"])
        return Rung(f"+{plain(hours)}h", None, hours)
    raise InvalidInput(
        f"The rung '{step}' was given, but a rung is a share such as 90% (up to 100%) or hours after the end such as +4h.",
        message_zh=f"预警梯级“{step}”不对：应为 90% 这样的比例（至多 100%）或 +4h 这样的到期后小时数。",
    )


def _place(rung: Rung) -> tuple[int, Decimal]:
    return (0, rung.share) if rung.share is not None else (1, rung.hours)
