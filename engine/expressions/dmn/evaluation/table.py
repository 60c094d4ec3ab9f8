"""Decision tables (DMN 1.5 §8), compiled to closures like everything else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.expressions.dmn.evaluation import policies
from engine.expressions.dmn.evaluation.index import indexes, rows_of
from engine.expressions.dmn.evaluation.trace import TableRun, Trace, Verdict, locate
from engine.expressions.feel.compiling.compile import INPUT, Compiler, fit, register
from engine.expressions.feel.compiling.scoping import Code
from engine.expressions.feel.compiling.unary import TestCode
from engine.expressions.feel.data.types import FeelType
from engine.expressions.feel.errors import EvaluationLimit, Place
from engine.expressions.feel.runtime import Env, Run
from engine.expressions.feel.syntax import tree as t


@dataclass(frozen=True, slots=True)
class InputClause:
    """allowed: the tests of `inputValues`. label: what the author calls the column, or else the expression's
    text. text: the expression as it is written.
    """

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
    """tests and results stand in the order of the clauses. line: in the file. cells: the texts of both, as written.

    annotations: the author's remarks with the name of their column ("" for the description of the rule).
    """

    id: str
    tests: tuple[t.UnaryTests, ...]
    results: tuple[t.Node, ...]
    line: int = 0
    cells: tuple[str, ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Table(t.Node):
    """policy: one letter; aggregation: "", SUM, MIN, MAX or COUNT. owner: the id of the decision or business knowledge
    model it stands in. id, line: of the table itself, in the file.
    """

    owner: str
    policy: str
    aggregation: str
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    id: str = ""
    line: int = 0


Row = list[tuple[int, TestCode]]
"""The cells of a rule that test something, each with its column."""


def table_code(compiler: Compiler, table: Table) -> Code:
    """The whole table as one closure. Its evaluations are noted in the run's Trace."""
    columns = [(compiler.compile(one.expression), one.type) for one in table.inputs]
    with compiler.frame({INPUT}):
        allowed = [None if one.allowed is None else compiler.unary_tests(one.allowed) for one in table.inputs]
        rules = [_row(compiler, rule) for rule in table.rules]
        orders = [
            [] if one.values is None else [compiler.test(test) for test in one.values.tests]
            for one in table.outputs
        ]
    results = [_results(compiler, table, rule.results, row) for row, rule in enumerate(table.rules, 1)]
    default = _default(compiler, table)
    only_first = table.policy == "F"
    found_by = indexes(len(columns), [rule.tests for rule in table.rules])
    sure = {index.column: index.sure for index in found_by}
    unsure = [
        [(column, test) for column, test in rule if not sure.get(column, 0) >> row & 1]
        for row, rule in enumerate(rules)
    ]
    every_row, all_rows = range(len(rules)), (1 << len(rules)) - 1
    owner, position = table.owner, table.position

    def run_table(env: Env) -> Any:
        run = env.run
        quiet = len(run.warnings)
        refused: list[int] = []
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
                refused.append(column)
            if len(run.warnings) > quiet:
                quiet = locate(run, quiet, Place(owner, 0, table.inputs[column].label))
            cells.append(cell)
            values.append(value)
        left, doubtful = 0 if refused else all_rows, unsure
        for index in found_by:
            value = values[index.column]
            candidates = index.candidates(value)
            if type(value) is not index.type:
                doubtful = rules
            if candidates is not None:
                left &= candidates
        run.tick(left.bit_count() + 1)
        rows: Iterable[int] = every_row if left == all_rows else rows_of(left)
        matched: list[int] = []
        for row in rows:
            for column, test in doubtful[row]:
                if test(cells[column], values[column]) is not True:
                    break
            else:
                matched.append(row)
                if only_first:
                    break
        if len(run.warnings) > quiet:
            quiet = _blame(run, table, rules, rows_of(left), cells, values, quiet)
        if matched:
            run.tick(len(matched))
            produced = [(row, results[row](env)) for row in matched]
            value, fired = policies.decide(env, table, produced, orders)
        elif refused:
            # §8.2.4: the input values must be satisfied, by rules with "-" too; the default is for inputs that are.
            fired, value = [], None
        else:
            fired = []
            value = default(env) if default is not None else policies.nothing(table)
        if len(run.warnings) > quiet:
            locate(run, quiet, Place(owner))
        trace: Trace = run.trace
        verdicts = None if refused or trace.why is None else _verdicts(trace.why, cells, values, rules)
        trace.add_table(TableRun(table, values, fired, value, verdicts, refused))
        return value

    return run_table


def _row(compiler: Compiler, rule: Rule) -> Row:
    return [(column, _cell(compiler, test)) for column, test in enumerate(rule.tests) if test.tests]


def _cell(compiler: Compiler, tests: t.UnaryTests) -> TestCode:
    """The test of a cell; a long one pays for itself, a usual one is paid for with its row."""
    before = compiler.nodes
    test = compiler.unary_tests(tests)
    weight = compiler.weight(before)
    if weight < 4:
        return test

    def pay(env: Env, value: Any) -> bool | None:
        env.run.tick(weight)
        return test(env, value)

    return pay


def _results(compiler: Compiler, table: Table, nodes: tuple[t.Node, ...], row: int) -> Code:
    """What a rule gives: the value of its one output, or a context. row: counted from 1, 0 for the defaults."""
    typed = [
        compiler.paying(
            compiler.nodes,
            compiler.compile(node if clause.type is None else t.Typed(node.position, node, clause.type)),
        )
        for node, clause in zip(nodes, table.outputs, strict=True)
    ]
    placed = [
        _with_place(code, Place(table.owner, row, clause.name))
        for code, clause in zip(typed, table.outputs, strict=True)
    ]
    if len(placed) == 1:
        return placed[0]
    names = [clause.name for clause in table.outputs]
    return lambda env: {name: code(env) for name, code in zip(names, placed, strict=True)}


def _default(compiler: Compiler, table: Table) -> Code | None:
    if all(clause.default is None for clause in table.outputs):
        return None
    nothing = t.Literal(table.position, None)
    # §10.3.2.10: the result is the default value itself, whatever the hit policy.
    return _results(compiler, table, tuple(clause.default or nothing for clause in table.outputs), 0)


# -- where a warning arose ------------------------------------------------------------------------------------------


def _with_place(code: Code, place: Place) -> Code:
    def placing(env: Env) -> Any:
        before = len(env.run.warnings)
        value = code(env)
        if len(env.run.warnings) > before:
            locate(env.run, before, place)
        return value

    return placing


def _blame(
    run: Run,
    table: Table,
    rules: list[Row],
    rows: Iterable[int],
    cells: list[Env],
    values: list[Any],
    quiet: int,
) -> int:
    """Some cells warned: test again, looking which, because looking each time would slow every table down."""
    del run.warnings[quiet:]
    for row in rows:
        for column, test in rules[row]:
            before = len(run.warnings)
            verdict = test(cells[column], values[column])
            if len(run.warnings) > before:
                locate(run, before, Place(table.owner, row + 1, table.inputs[column].label))
            if verdict is not True:
                break
        else:
            if table.policy == "F":
                break
    return len(run.warnings)


# -- why a rule did not fire ----------------------------------------------------------------------------------------


def _verdicts(run: Run, cells: list[Env], values: list[Any], rules: list[Row]) -> list[tuple[Verdict, ...]]:
    """What every cell says, as far as the limits of `run` reach; it is no run of the evaluation that is explained."""
    found: list[tuple[Verdict, ...]] = []
    try:
        for rule in rules:
            run.tick(len(rule) + 1)
            said: list[Verdict] = [True] * len(values)
            for column, test in rule:
                cell = cells[column]
                said[column] = test(Env(cell.vars, cell.parent, cell.root, run), values[column])
            found.append(tuple(said))
    except EvaluationLimit:
        pass
    return found


register(Table, table_code)
__all__ = ["InputClause", "OutputClause", "Rule", "Table", "table_code"]
