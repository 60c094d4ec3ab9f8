"""Why a clock may stand still (domain §1.10 #12): what the register allows, diagrams ask for and ledgers keep."""

from __future__ import annotations

PAUSE_REASONS: dict[str, tuple[str, str]] = {
    "customer": ("等待客户", "waiting for the customer"),
    "mass_event": ("群发事件", "mass event"),
    "regulator": ("等待监管机构", "waiting for the regulator"),
}
"""reason → (Chinese, English)."""


def pause_words(reason: str) -> tuple[str, str]:
    """A reason in Chinese and English; one that is not known reads as it is."""
    return PAUSE_REASONS.get(reason, (reason, reason))
