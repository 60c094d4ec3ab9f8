"""What the drawing and a trial run say of one problem becomes one finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.dialect.findings import Finding, in_reading_order

ENDLESS = ("endless-loop", "too-many-tokens")
"""What a trial run says of tokens that meet each other again and again."""


def with_trial(drawn: Iterable[Finding], tried: Iterable[Finding]) -> list[Finding]:
    """Return the findings of a check with those of its trial run, each problem once, in reading order.

    A join that may starve keeps the sentence that names the choices; what refuses a deployment stays what it is, and gets the
    steps that lead there.
    """
    found = list(drawn)
    joins = {(one.file, one.element_id): one for one in found if one.code == "join-waits-for-ever"}
    twice = [one for one in found if one.code == "runs-twice"]
    for one in tried:
        join = joins.get((one.file, one.element_id))
        if one.code == "may-get-stuck" and join is not None:
            continue
        same = [join] if one.code == "dead-token" and join is not None else []
        if one.code in ENDLESS:
            same = [
                other
                for other in twice
                if other.file == one.file and any(one.element_id in step.at for step in other.walk)
            ]
        if same:
            one = replace(one, walk=same[0].walk)
            found = [other for other in found if other not in same]
        found.append(one)
    return in_reading_order(found)
