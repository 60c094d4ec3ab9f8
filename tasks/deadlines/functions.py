"""The FEEL functions `due("R01.audit")` and `warn("R01.stage")`: instants counted from now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from tasks.deadlines.policies import NoSuchPolicy, Policy, WorkingDaysUnavailable
from tasks.organisation.office import Office


def levels(variables: Mapping[str, Any]) -> tuple[str, str]:
    """The case's level and the customer's level, as far as the decisions and facts say them; else empty."""
    decision = variables.get("decision")
    level = decision.get("level") if isinstance(decision, Mapping) else None
    if isinstance(level, Mapping):
        level = level.get("level")
    case = variables.get("case")
    customer = case.get("customer") if isinstance(case, Mapping) else None
    customer_level = customer.get("level") if isinstance(customer, Mapping) else None
    return (str(level) if level else "", str(customer_level) if customer_level else "")


def deadline_functions(office: Office) -> dict[str, Callable[..., Any]]:
    """`due(code)` and `warn(code, ratio?)` over the office's register, for `f(context, *args)` calls."""

    def find(context: Any, code: str) -> Policy:
        level, customer_level = levels(context.variables)
        return office.latest.policies.find(str(code), level=level, customer_level=customer_level)

    def due(context: Any, code: str) -> datetime:
        with _said_to_feel():
            return find(context, code).due_from(_now(context))

    def warn(context: Any, code: str, ratio: Any = None) -> datetime:
        share = None if ratio is None else Decimal(str(ratio))
        with _said_to_feel():
            return find(context, code).warn_from(_now(context), share)

    return {"due": due, "warn": warn}


@contextmanager
def _said_to_feel() -> Iterator[None]:
    """A limit that cannot be given is a failing function to FEEL, so an incident at the activity that asked."""
    try:
        yield
    except (NoSuchPolicy, WorkingDaysUnavailable) as error:
        raise ValueError(str(error).removesuffix(".")) from error


def _now(context: Any) -> datetime:
    now = context.now
    instant: datetime = now() if callable(now) else now
    return instant
