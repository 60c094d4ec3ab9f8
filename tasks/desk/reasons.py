"""Why somebody gave work back or away: a few readable words, kept with the task and told to whom it concerns."""

from __future__ import annotations

import unicodedata

from engine.errors import InvalidInput

LONGEST = 500


def readable(asked: str, text: str) -> str:
    """The reason as it is kept: one line, nothing around it, at most LONGEST characters, of which some can be read and
    none steers a terminal or the direction of reading. asked: what it is the reason of, for the sentence. Raises
    InvalidInput.
    """
    kept = " ".join(text.split())
    kinds = {unicodedata.category(each) for each in kept}
    if (
        len(kept) <= LONGEST
        and not kinds & {"Cc", "Cf", "Cs", "Co"}
        and any(each[0] in "LN" for each in kinds)
    ):
        return kept
    raise InvalidInput(
        f"{asked} was asked; it needs a reason of 1 to {LONGEST} readable characters.",
        message_zh=f"请写明理由：1 至 {LONGEST} 个可读的字。",
    )
