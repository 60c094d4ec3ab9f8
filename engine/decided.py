"""Wraps what a decision gives as the author of the diagram wants it: the ways Camunda 7 and SpiffWorkflow know."""

from __future__ import annotations

from typing import Any

from engine.expressions.dmn import Decision
from engine.expressions.dmn.evaluation.table import Table
from engine.spiff.run import ActivityFailed

COLLECTING = "CRO"
"""Hit policies that give every rule that matches; an aggregation makes one value of them again."""


def wrapped(shape: str, outputs: Any, decision: Decision) -> Any:
    """Return a decision's plain outputs in a shape of DecisionCall; "" leaves them as they are. Raises ActivityFailed.

    singleEntry: the one output of the one rule. singleResult: the outputs of the one rule by name. collectEntries: the one
    output of each rule. resultList: the outputs of each rule by name. columns: each output by name, in a list where the
    table collects. No rule at all is null or an empty list (Camunda 7, "DMN: Decision Result", predefined mappings).
    """
    if not shape:
        return outputs
    table = decision.logic if isinstance(decision.logic, Table) else None
    collects = table is not None and table.policy in COLLECTING and not table.aggregation
    names = [clause.name for clause in table.outputs] if table is not None else [decision.name]
    given = outputs if collects and isinstance(outputs, list) else [outputs]
    if table is not None and not collects and outputs is None:
        given = []
    results = [one if len(names) > 1 else {names[0]: one} for one in given]
    if shape == "resultList":
        return results
    if shape == "columns":
        column = {name: [one[name] for one in results] for name in names}
        return column if collects else results[0] if results else dict.fromkeys(names)
    if shape in ("singleEntry", "collectEntries") and len(names) > 1:
        raise ActivityFailed(
            "decision",
            f'The result of decision "{decision.id}" is mapped as {shape}, but it has the outputs {", ".join(names)}; '
            f"map it as {'singleResult' if shape == 'singleEntry' else 'resultList'}.",
            f"决策“{decision.id}”的结果按 {shape} 映射，但它有多个输出：{'、'.join(names)}；"
            f"请改为 {'singleResult' if shape == 'singleEntry' else 'resultList'}。",
        )
    if shape == "collectEntries":
        return [one[names[0]] for one in results]
    if len(results) > 1:
        raise ActivityFailed(
            "decision",
            f'The result of decision "{decision.id}" is mapped as {shape}, but {len(results)} rules match; map it as '
            f"{'collectEntries' if shape == 'singleEntry' else 'resultList'}.",
            f"决策“{decision.id}”的结果按 {shape} 映射，但有 {len(results)} 条规则匹配；"
            f"请改为 {'collectEntries' if shape == 'singleEntry' else 'resultList'}。",
        )
    if not results:
        return None
    return results[0] if shape == "singleResult" else results[0][names[0]]
