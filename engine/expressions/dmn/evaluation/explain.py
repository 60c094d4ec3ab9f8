"""An outcome told to whoever asks why: decision by decision, which rules fired, and which cell kept the others from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.expressions.dmn.evaluation.evaluate import DecisionOutcome
from engine.expressions.dmn.evaluation.policies import POLICIES
from engine.expressions.dmn.evaluation.table import Rule
from engine.expressions.dmn.evaluation.trace import Step, TableRun, Verdict
from engine.expressions.dmn.model import Decision
from engine.expressions.feel.data.values import Function, to_plain

_POLICY_NAMES = {letter: name for name, letter in POLICIES.items()}


def explained(
    outcome: DecisionOutcome, *, misses: int | None = None, show: Callable[[Any], Any] = to_plain
) -> list[dict[str, Any]]:
    """Every decision in the order in which it was made, as plain data.

    misses: at most that many rules that did not fire are told of each table, those that came closest; None for all. They
    are told only when the evaluation was asked to `explain`. show: what becomes of a FEEL value.

    A decision has: element, name, kind ("decision" or "function"), inputs (by name), tables, value. A table has: element
    (what it stands in), policy, aggregation, inputs (label, expression, value, allowed: false when it is
    none of the allowed values, and no rule was tested), fired (row, rule, cells, outputs,
    annotations), missed (row, rule, matched, because: the cells that did not say yes, each with column, cell, and says:
    false, or null), unexplained (how many more rules did not fire) and value.
    """
    return [_step(step, misses, show) for step in outcome.steps]


def _step(step: Step, misses: int | None, show: Callable[[Any], Any]) -> dict[str, Any]:
    return {
        "element": step.element.id,
        "name": step.element.name,
        "kind": "decision" if isinstance(step.element, Decision) else "function",
        "inputs": {
            name: show(value) for name, value in step.inputs.items() if not isinstance(value, Function)
        },
        "tables": [_table(run, misses, show) for run in step.tables],
        "value": show(step.value),
    }


def _table(run: TableRun, misses: int | None, show: Callable[[Any], Any]) -> dict[str, Any]:
    table = run.table
    missed = _missed(run)
    # The closest first: a rule that matches but whose hit policy preferred another, then by cells in the way.
    closest = sorted(missed, key=lambda one: (len(one["because"]), one["row"]))[:misses]
    return {
        "element": table.owner,
        "policy": _POLICY_NAMES[table.policy],
        "aggregation": table.aggregation,
        "inputs": [
            {
                "label": one.label,
                "expression": one.text,
                "value": show(value),
                "allowed": column not in run.refused,
            }
            for column, (one, value) in enumerate(zip(table.inputs, run.values, strict=True))
        ],
        "fired": [
            {
                "row": row + 1,
                "rule": table.rules[row].id,
                "cells": _cells(run, table.rules[row]),
                "outputs": show(outputs),
                "annotations": [
                    {"column": name, "text": text} for name, text in table.rules[row].annotations
                ],
            }
            for row, outputs in run.fired
        ],
        "missed": sorted(closest, key=lambda one: int(one["row"])),
        "unexplained": len(table.rules) - len({row for row, _ in run.fired}) - len(closest),
        "value": show(run.value),
    }


def _missed(run: TableRun) -> list[dict[str, Any]]:
    """The rules that did not make the result, as far as it was worked out what their cells say."""
    fired = {row for row, _ in run.fired}
    return [
        {
            "row": row + 1,
            "rule": run.table.rules[row].id,
            "matched": not (because := _because(run, run.table.rules[row], verdicts)),
            "because": because,
        }
        for row, verdicts in enumerate(run.verdicts or ())
        if row not in fired
    ]


def _because(run: TableRun, rule: Rule, verdicts: tuple[Verdict, ...]) -> list[dict[str, Any]]:
    return [
        {"column": clause.label, "cell": _cell(rule, column), "says": verdict}
        for column, (clause, verdict) in enumerate(zip(run.table.inputs, verdicts, strict=True))
        if verdict is not True
    ]


def _cells(run: TableRun, rule: Rule) -> list[dict[str, str]]:
    """What stands in the input cells."""
    return [
        {"column": clause.label, "cell": _cell(rule, column)}
        for column, clause in enumerate(run.table.inputs)
    ]


def _cell(rule: Rule, column: int) -> str:
    return (rule.cells[column] if column < len(rule.cells) else "") or "-"
