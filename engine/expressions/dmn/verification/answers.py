"""What the rules of a table answer, as far as it can be read without evaluating them."""

from __future__ import annotations

from typing import Any

from engine.expressions.dmn.verification.cells import constant
from engine.expressions.dmn.verification.sources import Source
from engine.expressions.feel.data import operators as op
from engine.expressions.feel.data.types import coerce
from engine.expressions.feel.data.values import MISSING
from engine.expressions.feel.runtime import Run, Scope


class Answers:
    """By rule, for each output whether it is one value always, and which."""

    def __init__(self, source: Source) -> None:
        table, names = source.table, source.names
        self.source = source
        self.values: list[list[tuple[bool, Any]]] = []
        for rule in table.rules:
            found = []
            for node, clause in zip(rule.results, table.outputs, strict=True):
                known, value = constant(node, names)
                if known and clause.type is not None:
                    value = coerce(value, clause.type, Run(Scope()))
                    value = None if value is MISSING else value
                found.append((known, value))
            self.values.append(found)

    def differ(self, one: int, other: int) -> bool:
        """Do they surely answer differently?"""
        return any(
            a[0] and b[0] and op.equal(a[1], b[1]) is not True
            for a, b in zip(self.values[one], self.values[other], strict=True)
        )

    def agree(self, one: int, other: int) -> bool:
        """Do they surely answer the same?"""
        return all(
            a[0] and b[0] and op.equal(a[1], b[1]) is True
            for a, b in zip(self.values[one], self.values[other], strict=True)
        )

    def ranks(self) -> list[tuple[int, ...] | None]:
        """The priority of each rule: where its outputs stand in the lists of output values, what is not listed behind
        them. None for a rule whose outputs are computed."""
        orders = []
        for clause in self.source.table.outputs:
            listed = [
                constant(one, self.source.names) for one in (clause.values.tests if clause.values else ())
            ]
            orders.append([value for _, value in listed] if all(known for known, _ in listed) else None)
        found: list[tuple[int, ...] | None] = []
        for values in self.values:
            places = [
                None
                if order is None or not known
                else next((i for i, one in enumerate(order) if op.equal(value, one) is True), len(order))
                for (known, value), order in zip(values, orders, strict=True)
            ]
            found.append(None if None in places else tuple(place for place in places if place is not None))
        return found
