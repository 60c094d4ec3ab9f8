"""How people are told of a cause where they have not chosen: one table. What needs doing now, at once; the rest gathers."""

from __future__ import annotations

from tasks.notices.channels.protocol import Channel
from tasks.notices.channels.settings import SMS
from tasks.talk import causes

AT_ONCE, DIGEST, NEVER = "at_once", "digest", "never"
HOW = (AT_ONCE, DIGEST, NEVER)
"""digest: with everything else that has gathered, in one message (`tasks.notices.times`)."""

LADDER = frozenset({causes.WARNED, causes.SUPERVISED})
"""Causes that are rungs of the ladder (docs/supervision.md)."""

FOR_INFORMATION = frozenset(
    {
        causes.TOLD,
        causes.COMMENT,
        causes.CANCELLED,
        causes.REROUTED,
        causes.TAKEN,
        causes.TAKEN_MANY,
        causes.RECALLED,
        causes.RETURNED,
        causes.EXPIRING,
        causes.YEAR_MISSING,
        causes.DRAFT_APPROVED,
    }
)
"""Causes that ask nobody to do something now."""


def default(cause: str, channel: Channel) -> str:
    """How somebody is told of a cause through a channel who has not chosen: our rule [D].

    A text message costs money and rings at night: only for rungs of the ladder. In a group chat everybody reads along: what is
    for information is left out.
    """
    if channel.name == SMS:
        return AT_ONCE if cause in LADDER else NEVER
    if cause not in FOR_INFORMATION:
        return AT_ONCE
    return NEVER if channel.shared else DIGEST
