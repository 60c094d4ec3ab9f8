"""Hit policies and aggregations (DMN 1.5 §8.2.8): what the rules that match make together."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.expressions.dmn.evaluation.trace import locate
from engine.expressions.feel.builtins import lists
from engine.expressions.feel.builtins.registry import Fails
from engine.expressions.feel.compiling.compile import INPUT
from engine.expressions.feel.compiling.unary import TestCode
from engine.expressions.feel.data import operators as op
from engine.expressions.feel.errors import Place
from engine.expressions.feel.runtime import Env

if TYPE_CHECKING:
    from engine.expressions.dmn.evaluation.table import Table

POLICIES: Final = {
    "UNIQUE": "U", "FIRST": "F", "ANY": "A", "PRIORITY": "P",
    "COLLECT": "C", "RULE ORDER": "R", "OUTPUT ORDER": "O",
}  # fmt: skip
"""How the file writes a policy → its letter in the standard."""

Produced = list[tuple[int, Any]]
"""The rows that match, counted from 0, with what each gives."""
Orders = list[list[TestCode]]
"""The output values of each output, in the order of their priority."""


def decide(env: Env, table: Table, produced: Produced, orders: Orders) -> tuple[Any, Produced]:
    """The result of a table some of whose rules match, and the rules that made it, in the order of the result.

    An output that is none of its column's output values makes the result null (§8.3.3: they are all there are); the
    outputs of rules that the policy does not take do not matter.
    """
    value, fired = _DECIDE[table.policy](env, table, produced, orders)
    if any(orders):
        for row, outputs in fired:
            strange = _strange(env, table, outputs, orders)
            if strange is not None:
                locate(env.run, len(env.run.warnings) - 1, Place(table.owner, row + 1, strange))
                return None, fired
    return value, fired


def _strange(env: Env, table: Table, value: Any, orders: Orders) -> str | None:
    """The name of the first output that is not allowed, of which it has warned."""
    for clause, part, order in zip(table.outputs, _parts(table, value), orders, strict=True):
        if order and _place(env, part, order) == len(order):
            env.run.warn(
                "type-mismatch", f'The output "{clause.name}" is none of its allowed values.', table.position
            )
            return clause.name
    return None


def _parts(table: Table, value: Any) -> list[Any]:
    """The outputs of a rule, one by one."""
    return [value] if len(table.outputs) == 1 else [value[clause.name] for clause in table.outputs]


def _place(env: Env, part: Any, order: list[TestCode]) -> int:
    """The place of an output in its list of output values; behind the last when it is not in it."""
    env.run.tick(1 + len(order) // 4)
    cell = Env({INPUT: part}, env, env.root, env.run)
    return next((place for place, test in enumerate(order) if test(cell, part) is True), len(order))


def nothing(table: Table) -> Any:
    """The result of a table none of whose rules match, and which has no default output: null (§10.3.2.10).

    Where every rule that matches is collected, none at all are the empty list, and their count is 0, as in the
    reference implementation.
    """
    if table.aggregation == "COUNT":
        return Decimal(0)
    return [] if table.policy == "C" and not table.aggregation else None


def _unique(env: Env, table: Table, produced: Produced, orders: Orders) -> tuple[Any, Produced]:
    if len(produced) > 1:
        rows = ", ".join([str(index + 1) for index, _ in produced[:20]] + ["…"] * (len(produced) > 20))
        env.run.warn(
            "hit-policy", f"The rules {rows} all match, but the hit policy is unique.", table.position
        )
        return None, produced
    return produced[0][1], produced[:1]


def _first(env: Env, table: Table, produced: Produced, orders: Orders) -> tuple[Any, Produced]:
    return produced[0][1], produced[:1]


def _any(env: Env, table: Table, produced: Produced, orders: Orders) -> tuple[Any, Produced]:
    first = produced[0][1]
    if any(op.equal(first, other, env.run) is not True for _, other in produced[1:]):
        env.run.warn("hit-policy", "Matching rules disagree, but the hit policy is any.", table.position)
        return None, produced
    return first, produced


def _rank(env: Env, table: Table, value: Any, orders: Orders) -> list[int]:
    """How early the outputs stand in their lists of output values, the first output first."""
    parts = _parts(table, value)
    return [_place(env, part, order) for part, order in zip(parts, orders, strict=True)]


def _ordered(env: Env, table: Table, produced: Produced, orders: Orders) -> Produced:
    return sorted(produced, key=lambda one: _rank(env, table, one[1], orders))


def _priority(env: Env, table: Table, produced: Produced, orders: Orders) -> tuple[Any, Produced]:
    ordered = _ordered(env, table, produced, orders)
    return ordered[0][1], ordered[:1]


def _output_order(env: Env, table: Table, produced: Produced, orders: Orders) -> tuple[Any, Produced]:
    ordered = _ordered(env, table, produced, orders)
    return [value for _, value in ordered], ordered


def _collect(env: Env, table: Table, produced: Produced, orders: Orders) -> tuple[Any, Produced]:
    values = [value for _, value in produced]
    env.run.made(len(values))
    return (_aggregate(env, table, values) if table.aggregation else values), produced


_AGGREGATES: Final[dict[str, Callable[..., Any]]] = {
    "SUM": lists.sum_,
    "MIN": lists.min_,
    "MAX": lists.max_,
    "COUNT": lambda run, values: Decimal(len(values)),
}


def _aggregate(env: Env, table: Table, values: list[Any]) -> Any:
    aggregate = _AGGREGATES[table.aggregation]
    try:
        if len(table.outputs) == 1:
            return aggregate(env.run, values)
        if table.aggregation == "COUNT":
            return Decimal(len(values))
        return {one.name: aggregate(env.run, [value[one.name] for value in values]) for one in table.outputs}
    except Fails as problem:
        return env.run.warn("function-error", f"{table.aggregation.lower()}: {problem}.", table.position)


_DECIDE: Final = {
    "U": _unique, "F": _first, "A": _any, "P": _priority, "C": _collect, "R": _collect, "O": _output_order,
}  # fmt: skip
