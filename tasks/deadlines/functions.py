"""The FEEL functions `due("R01.audit")` and `warn("R01.stage")`: instants counted from now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from tasks.deadlines.calendar.arithmetic import OutsideCalendar
from tasks.deadlines.clocks.limits import reckon
from tasks.deadlines.policies.register import NoSuchPolicy, Policy
from tasks.deadlines.policies.rungs import read_rungs
from tasks.organisation.office import Office


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


def deadline_functions(office: Office) -> dict[str, Callable[..., Any]]:
    """`due(code)` and `warn(code, ratio?)` over the office's register, for `f(context, *args)` calls."""

    def find(context: Any, code: str) -> Policy:
        chosen = chosen_by(context.variables)  # reading the facts brings the office up to date
        return office.latest.policies.find(str(code), **chosen)

    def due(context: Any, code: str) -> datetime:
        with _said_to_feel():
            policy = find(context, code)
            return reckon(office.latest.calendars.of(), policy.limit, _now(context)).at

    def warn(context: Any, code: str, ratio: Any = None) -> datetime:
        with _said_to_feel():
            policy = find(context, code)
            share = warning_share(policy) if ratio is None else Decimal(str(ratio))
            return reckon(office.latest.calendars.of(), policy.limit, _now(context), share=share).at

    return {"due": due, "warn": warn}


@contextmanager
def _said_to_feel() -> Iterator[None]:
    """A limit that cannot be given is a failing function to FEEL, so an incident at the activity that asked."""
    try:
        yield
    except (NoSuchPolicy, OutsideCalendar) as error:
        raise ValueError(str(error).removesuffix(".")) from error


def _now(context: Any) -> datetime:
    now = context.now
    instant: datetime = now() if callable(now) else now
    return instant
