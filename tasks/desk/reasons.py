"""Why somebody gave work back or away: a few readable words, kept with the task and told to whom it concerns."""

from __future__ import annotations

from engine.errors import InvalidInput
from tasks.core import legible

LONGEST = 500


def readable(asked: str, text: str) -> str:
    """The reason as it is kept: one line, nothing around it, at most LONGEST characters, of which some can be read and
    none steers a terminal or the direction of reading. asked: what it is the reason of, for the sentence. Raises
    InvalidInput.
    """
    kept = " ".join(text.split())
    if len(kept) <= LONGEST and legible(kept):
        return kept
    raise InvalidInput(
        f"{asked} was asked; it needs a reason of 1 to {LONGEST} readable characters.",
        message_zh=f"请写明理由：1 至 {LONGEST} 个可读的字。",
    )
