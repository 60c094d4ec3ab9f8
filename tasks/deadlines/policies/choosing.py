"""What a case says that a limit is chosen by, and where a limit first warns."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tasks.deadlines.policies.register import Policy
from tasks.deadlines.policies.rungs import read_rungs


def chosen_by(variables: Mapping[str, Any]) -> dict[str, str]:
    """The case's regime and level, the customer's level and network, as far as decisions and facts say them; else empty."""
    decision = variables.get("decision")
    level = decision.get("level") if isinstance(decision, Mapping) else None
    if isinstance(level, Mapping):
        level = level.get("level")
    case = variables.get("case")
    customer = case.get("customer") if isinstance(case, Mapping) else None
    known = customer if isinstance(customer, Mapping) else {}
    found = {
        "regime": case.get("regime") if isinstance(case, Mapping) else None,
        "level": level,
        "customer_level": known.get("level"),
        "network": known.get("network"),
    }
    return {name: str(value) if value else "" for name, value in found.items()}


def warning_share(policy: Policy) -> Decimal:
    """The share of the limit at which its first rung warns; 1 where none lies before the end."""
    return next((rung.share for rung in read_rungs(policy.rungs) if rung.share is not None), Decimal(1))
