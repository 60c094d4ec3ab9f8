"""Flowable: what only its own extensions say differently."""

from __future__ import annotations

from engine.dialect.read.vendors.saying import Saying, say, written
from engine.dialect.safe_xml import Element


def _aggregation(owner: Element, element: Element) -> None:
    """Say a variable aggregation as the list of what each item gives."""
    pairs = [
        (
            item.get("target") or item.get("source") or "",
            item.get("source") or item.get("sourceExpression") or "",
        )
        for item in written(element, "variable")
    ]
    if pairs and all(name and source and "${" not in source for name, source in pairs):
        say(owner, "outputCollection", element.get("target"))
        entries = ", ".join(f"{name}: {source}" for name, source in pairs)
        say(owner, "outputElement", f"={{{entries}}}")


SAYINGS: dict[str, Saying] = {"variableAggregation": _aggregation}
"""Extension element → what says it."""
