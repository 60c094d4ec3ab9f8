"""What an evaluation leaves as evidence: which decisions were made from what, and which rules fired in their tables.

Taking it costs a reference per value. Why the other rules did not fire is worked out only for who asks (`explain`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from engine.expressions.dmn.evaluation.table import Table
    from engine.expressions.dmn.model import Decision, Knowledge
    from engine.expressions.feel.errors import Place
    from engine.expressions.feel.runtime import Run

MAX_KEPT: Final = 1_000
"""Decisions, and evaluations of tables, kept of one evaluation: of a table called in a loop the rest is only counted."""

Verdict = bool | None
"""What a cell says to its input: yes, no, or null (which lets the rule not fire either)."""


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule that fired: of which element, its id in the file, its row counted from 1, and why it stands there.

    decision_id: the decision or business knowledge model the table stands in. outputs: what the rule gave, as a FEEL
    value (a context when the table has several outputs). annotations: the author's remarks, each with its column's name.
    """

    decision_id: str
    rule_id: str
    row: int
    outputs: Any = None
    annotations: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class TableRun:
    """One evaluation of a decision table.

    values: of the input columns, after their types and allowed values were looked at. fired: the rows whose outputs made
    the result, counted from 0, with what each gave, in the order of the result. verdicts: only when an explanation was
    asked for: for every rule, in order, what each of its input cells says (fewer rules than the table has when that is
    too much to say). refused: the columns whose values are not allowed; then no rule is tested.
    """

    table: Table
    values: list[Any]
    fired: list[tuple[int, Any]]
    value: Any
    verdicts: list[tuple[Verdict, ...]] | None = None
    refused: Sequence[int] = ()

    @property
    def hits(self) -> list[RuleHit]:
        """The rules that made the result."""
        rules, owner = self.table.rules, self.table.owner
        return [
            RuleHit(owner, rules[row].id, row + 1, outputs, rules[row].annotations)
            for row, outputs in self.fired
        ]

    @property
    def inputs(self) -> dict[str, Any]:
        """The values by the label of their column."""
        return {one.label: value for one, value in zip(self.table.inputs, self.values, strict=True)}


@dataclass(slots=True)
class Step:
    """A decision that was made (or a function that was called): from which required values, by which tables."""

    element: Decision | Knowledge
    inputs: dict[str, Any]
    value: Any
    tables: list[TableRun]


@dataclass(slots=True)
class Trace:
    """Collects steps in the order in which they ended.

    why: the run in which it is worked out why rules do not fire, so that this takes nothing from the limits of the
    evaluation; None when nobody asked. tables: of the step under way; deciding: the name of its decision. skipped: how
    many were not kept.
    """

    why: Run | None = None
    steps: list[Step] = field(default_factory=list)
    tables: list[TableRun] = field(default_factory=list)
    deciding: str = ""
    skipped: int = 0
    tables_kept: int = 0

    def add_table(self, run: TableRun) -> None:
        self.tables_kept += 1
        if self.tables_kept > MAX_KEPT:
            self.skipped += 1
        else:
            self.tables.append(run)

    def add_step(self, step: Step) -> None:
        if len(self.steps) == MAX_KEPT:
            self.skipped += 1
        else:
            self.steps.append(step)


def locate(run: Run, first: int, place: Place) -> int:
    """Give the warnings from `first` on their place, unless they have one (of a table further in); how many there are."""
    run.warnings[first:] = [
        one if one.place is not None else replace(one, place=place) for one in run.warnings[first:]
    ]
    return len(run.warnings)
