"""Decision tables: all hit policies and aggregations (DMN 1.5 §8), compiled to closures like everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from engine.expressions.feel import operators as op
from engine.expressions.feel.builtins import lists
from engine.expressions.feel.builtins.registry import Fails
from engine.expressions.feel.compile import INPUT, Compiler, fit, register
from engine.expressions.feel.runtime import Env
from engine.expressions.feel.scoping import Code
from engine.expressions.feel.syntax import tree as t
from engine.expressions.feel.types import FeelType
from engine.expressions.feel.unary import TestCode, texts_of

POLICIES: Final = {
    "UNIQUE": "U", "FIRST": "F", "ANY": "A", "PRIORITY": "P",
    "COLLECT": "C", "RULE ORDER": "R", "OUTPUT ORDER": "O",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class InputClause:
    """allowed: the tests of `inputValues`. text: the expression as it is written."""

    expression: t.Node
    type: FeelType | None = None
    allowed: t.UnaryTests | None = None
    label: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class OutputClause:
    name: str
    type: FeelType | None = None
    values: t.UnaryTests | None = None
    default: t.Node | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """tests and results stand in the order of the clauses. line: in the file."""

    id: str
    tests: tuple[t.UnaryTests, ...]
    results: tuple[t.Node, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Table(t.Node):
    """policy: one letter; aggregation: "", SUM, MIN, MAX or COUNT. owner: the id of the decision, for the trace.

    id, line: of the table itself, in the file.
    """

    owner: str
    policy: str
    aggregation: str
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    id: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class TableInfo:
    """What a page shows of a table: the policy, the columns and the ids of the rules."""

    policy: str
    aggregation: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[str, ...]


def table_code(compiler: Compiler, table: Table) -> Code:
    """The whole table as one closure."""
    columns = [(compiler.compile(one.expression), one.type) for one in table.inputs]
    with compiler.frame({INPUT}):
        allowed = [None if one.allowed is None else compiler.unary_tests(one.allowed) for one in table.inputs]
        rules = [_rule_tests(compiler, rule) for rule in table.rules]
        orders = [
            [] if one.values is None else [compiler.test(test) for test in one.values.tests]
            for one in table.outputs
        ]
    results = [_results(compiler, table, rule) for rule in table.rules]
    default = _default(compiler, table)
    decide = _POLICIES[table.policy]
    ids = [rule.id for rule in table.rules]
    only_first = table.policy == "F"
    index = _index(table)
    every_row = range(len(rules))
    owner, position = table.owner, table.position

    def run_table(env: Env) -> Any:
        run = env.run
        cells: list[Env] = []
        values: list[Any] = []
        for column, (code, wanted) in enumerate(columns):
            value = code(env)
            if wanted is not None and value is not None:
                value = fit(env, value, wanted, position)
            cell = Env({INPUT: value}, env, env.root, run)
            test = allowed[column]
            if test is not None and value is not None and test(cell, value) is not True:
                run.warn(
                    "type-mismatch",
                    f'The input "{table.inputs[column].label}" is none of its allowed values.',
                    position,
                )
                value = None
                cell.vars[INPUT] = None
            cells.append(cell)
            values.append(value)
        rows: Iterable[int] = every_row
        if index is not None and type(values[index.column]) is str:
            rows = index.rows.get(values[index.column], index.others)
        matched: list[int] = []
        run.tick(len(rules) // 8 + 1)
        for row in rows:
            for column, test in rules[row]:
                if test(cells[column], values[column]) is not True:
                    break
            else:
                matched.append(row)
                if only_first:
                    break
        if not matched:
            return default(env) if default is not None else _NOTHING[table.policy](table.aggregation)
        produced = [(row, results[row](env)) for row in matched]
        value, fired = decide(env, table, produced, orders)
        for row in fired:
            run.trace.append((owner, ids[row], row + 1))
        return value

    return run_table


@dataclass(frozen=True, slots=True)
class Index:
    """Which rows can match at all, by the text in one column: large tables mostly list texts there."""

    column: int
    rows: dict[str, tuple[int, ...]]
    others: tuple[int, ...]


def _index(table: Table) -> Index | None:
    """An index over the column with the most rows that list texts; None where it would not pay."""
    best: Index | None = None
    if len(table.rules) < 16:
        return None
    for column in range(len(table.inputs)):
        listed = [texts_of(rule.tests[column]) for rule in table.rules]
        others = tuple(row for row, texts in enumerate(listed) if texts is None)
        values = {text for texts in listed for text in texts or ()}
        if len(others) * 2 > len(listed) or (best and len(best.others) <= len(others)):
            continue
        if len(values) * (len(others) + 1) > 200_000:
            continue
        rows: dict[str, list[int]] = {text: list(others) for text in values}
        for row, texts in enumerate(listed):
            for text in texts or ():
                rows[text].append(row)
        best = Index(column, {text: tuple(sorted(found)) for text, found in rows.items()}, others)
    return best


def _rule_tests(compiler: Compiler, rule: Rule) -> list[tuple[int, TestCode]]:
    """Only the cells that test something."""
    return [(column, compiler.unary_tests(test)) for column, test in enumerate(rule.tests) if test.tests]


def _results(compiler: Compiler, table: Table, rule: Rule) -> Code:
    typed = [
        compiler.compile(node if clause.type is None else t.Typed(node.position, node, clause.type))
        for node, clause in zip(rule.results, table.outputs, strict=True)
    ]
    if len(typed) == 1:
        return typed[0]
    names = [clause.name for clause in table.outputs]
    return lambda env: {name: code(env) for name, code in zip(names, typed, strict=True)}


def _default(compiler: Compiler, table: Table) -> Code | None:
    if all(clause.default is None for clause in table.outputs):
        return None
    nothing = t.Literal(table.position, None)
    rule = Rule("", (), tuple(clause.default or nothing for clause in table.outputs))
    made = _results(compiler, table, rule)
    if table.policy in "CRO" and not table.aggregation:
        return lambda env: [made(env)]
    return made


Produced = list[tuple[int, Any]]
Orders = list[list[TestCode]]


def _unique(env: Env, table: Table, produced: Produced, orders: Orders) -> tuple[Any, list[int]]:
    if len(produced) > 1:
        rows = ", ".join(str(index + 1) for index, _ in produced)
        env.run.warn(
            "hit-policy", f"The rules {rows} all match, but the hit policy is unique.", table.position
        )
        return None, [index for index, _ in produced]
    return produced[0][1], [produced[0][0]]


def _first(env: Env, table: Table, produced: Produced, orders: Orders) -> tuple[Any, list[int]]:
    return produced[0][1], [produced[0][0]]


def _any(env: Env, table: Table, produced: Produced, orders: Orders) -> tuple[Any, list[int]]:
    first = produced[0][1]
    if any(op.equal(first, other, env.run) is not True for _, other in produced[1:]):
        env.run.warn("hit-policy", "Matching rules disagree, but the hit policy is any.", table.position)
        return None, [index for index, _ in produced]
    return first, [index for index, _ in produced]


def _rank(env: Env, table: Table, value: Any, orders: Orders) -> tuple[int, ...]:
    """The places of the outputs in their lists of output values; what is not listed comes last."""
    parts = [value] if len(orders) == 1 else [value[clause.name] for clause in table.outputs]
    ranks: list[int] = []
    for part, order in zip(parts, orders, strict=True):
        place = next((i for i, test in enumerate(order) if test(env, part) is True), len(order))
        ranks.append(place)
    return tuple(ranks)


def _ordered(env: Env, table: Table, produced: Produced, orders: Orders) -> Produced:
    return sorted(produced, key=lambda one: _rank(env, table, one[1], orders))


def _priority(env: Env, table: Table, produced: Produced, orders: Orders) -> tuple[Any, list[int]]:
    index, value = _ordered(env, table, produced, orders)[0]
    return value, [index]


def _output_order(env: Env, table: Table, produced: Produced, orders: Orders) -> tuple[Any, list[int]]:
    ordered = _ordered(env, table, produced, orders)
    return [value for _, value in ordered], [index for index, _ in ordered]


def _collect(env: Env, table: Table, produced: Produced, orders: Orders) -> tuple[Any, list[int]]:
    values, fired = [value for _, value in produced], [index for index, _ in produced]
    env.run.made(len(values))
    if not table.aggregation:
        return values, fired
    return _aggregate(env, table, values), fired


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


_POLICIES: Final = {
    "U": _unique, "F": _first, "A": _any, "P": _priority, "C": _collect, "R": _collect, "O": _output_order,
}  # fmt: skip


def _no_list(aggregation: str) -> Any:
    if aggregation == "COUNT":
        return Decimal(0)
    return None if aggregation else []


_NOTHING: Final[dict[str, Callable[[str], Any]]] = {
    "U": lambda _: None, "F": lambda _: None, "A": lambda _: None, "P": lambda _: None,
    "C": _no_list, "R": _no_list, "O": _no_list,
}  # fmt: skip

register(Table, table_code)
__all__ = ["POLICIES", "InputClause", "OutputClause", "Rule", "Table", "TableInfo", "table_code"]
