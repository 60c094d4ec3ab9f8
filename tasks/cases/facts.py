"""The facts of a case that refers to another: its own laid over those of the earlier one, read through, never copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from tasks.cases.tables import Case
from tasks.core import table

EARLIER = sa.func.earlier_facts(table(Case).c.refers_to, type_=JSONB()).label("earlier")
"""The facts of the cases a case refers to, the nearest first; null, and nothing is read, where it refers to none."""

LONGEST_SUMMARY = 160


def facts_of(row: Any) -> Mapping[str, Any]:
    """The facts of a case row that was read with EARLIER."""
    return laid_over(row.facts, row.earlier)


def laid_over(own: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]] | None) -> Mapping[str, Any]:
    """Lay a case's own facts over those of earlier cases, the nearest first.

    A context is laid over a context, name by name; any other value, a list too, hides the earlier one as a whole. What is
    null or was left empty hides nothing.
    """
    for facts in earlier or ():
        own = _over(own, facts)
    return own


def _over(own: Mapping[str, Any], earlier: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(earlier)
    for name, value in own.items():
        below = found.get(name)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            found[name] = _over(value, below)
        elif name not in found or value not in (None, "", [], {}):
            found[name] = value
    return found


def summary(facts: Mapping[str, Any]) -> str:
    """The case in half a line, whatever its form: who it is about, then its longest text."""
    customer = facts.get("customer")
    name = customer.get("name") if isinstance(customer, Mapping) else None
    texts = [
        text
        for text in facts.values()
        if isinstance(text, str) and any("\u4e00" <= c <= "\u9fff" for c in text)
    ]
    about = max(texts, key=len, default="")
    return " · ".join(str(part) for part in (name, about) if part)[:LONGEST_SUMMARY]
