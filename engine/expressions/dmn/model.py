"""A decision file, read and compiled: decisions, business knowledge, decision services, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.expressions.feel.compiling.scoping import Code
from engine.expressions.feel.data.types import ANY, FeelType
from engine.expressions.feel.errors import ExpressionError, Finding, did_you_mean
from engine.expressions.feel.runtime import DEFAULT, Limits, Scope, _no_clock
from engine.expressions.feel.syntax import tree as t

if TYPE_CHECKING:
    from engine.expressions.dmn.evaluation.evaluate import DecisionOutcome


@dataclass(frozen=True, slots=True)
class Reference:
    """A requirement: the element it points at, and the import it comes through ("" for this file)."""

    id: str
    through: str = ""


@dataclass(slots=True)
class Input:
    """An input data element: a value the caller gives by its name."""

    id: str
    name: str
    type: FeelType = ANY


@dataclass(slots=True)
class Decision:
    """names, paths: the root variables its logic reads that no requirement supplies. logic: the tree `code` was
    made of.
    """

    id: str
    name: str
    type: FeelType = ANY
    requires: tuple[Reference, ...] = ()
    code: Code | None = None
    names: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    line: int = 0
    logic: t.Node | None = None


@dataclass(slots=True)
class Knowledge:
    """A business knowledge model: `code` makes the function, given its requirements."""

    id: str
    name: str
    type: FeelType = ANY
    requires: tuple[Reference, ...] = ()
    code: Code | None = None
    logic: t.Node | None = None


@dataclass(slots=True)
class Service:
    """A decision service: a function from its inputs to its output decisions."""

    id: str
    name: str
    outputs: tuple[Reference, ...] = ()
    input_decisions: tuple[Reference, ...] = ()
    inputs: tuple[Reference, ...] = ()
    type: FeelType = ANY


Element = Input | Decision | Knowledge | Service


@dataclass(slots=True)
class DecisionModel:
    """decisions by id. elements: everything that can be required, by id. imports: other models by import name."""

    file: str
    namespace: str = ""
    name: str = ""
    decisions: dict[str, Decision] = field(default_factory=dict)
    elements: dict[str, Element] = field(default_factory=dict)
    types: dict[str, FeelType] = field(default_factory=dict)
    imports: dict[str, DecisionModel] = field(default_factory=dict)
    nameless: set[str] = field(default_factory=set)
    """Imports without a name (kept under their namespace): their names are used as they are."""
    findings: list[Finding] = field(default_factory=list)

    def find(self, id_or_name: str) -> Element | None:
        """An element by id, or else by name."""
        found = self.elements.get(id_or_name)
        if found is None:
            wanted = " ".join(id_or_name.split())
            found = next((one for one in self.elements.values() if one.name == wanted), None)
        return found

    def resolve(self, reference: Reference) -> tuple[DecisionModel, Element] | None:
        """The element a requirement points at, and the model it stands in."""
        model = self.imports.get(reference.through) if reference.through else self
        if model is None:
            return None
        found = model.elements.get(reference.id)
        return None if found is None else (model, found)

    def evaluate(
        self,
        decision_id: str,
        variables: Mapping[str, Any],
        *,
        now: Callable[[], datetime] = _no_clock,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        limits: Limits = DEFAULT,
        zone: str = "Asia/Shanghai",
        explain: bool = False,
        asked: Any = None,
    ) -> DecisionOutcome:
        """Decide. `decision_id` is an id or a name of a decision (or of a service or business knowledge model, which is
        called with the variables).

        explain: also work out what every cell of the tables says, for who asks why a rule did not fire. asked: what the
        host's functions are handed as `context.asked`. Data problems become null and warnings. Raises ExpressionError
        when there is no such decision, EvaluationLimit when it takes too much.
        """
        from engine.expressions.dmn.evaluation.evaluate import evaluate

        found = self.find(decision_id)
        if found is None:
            raise ExpressionError(
                f'There is no decision "{decision_id}" in {self.file}.',
                f"{self.file} 中没有决策“{decision_id}”。",
                hint=did_you_mean(
                    decision_id, [*self.elements, *(one.name for one in self.elements.values())]
                ),
            )
        scope = Scope(variables, now, functions or {}, limits, zone, asked)
        return evaluate(self, found, scope, explain=explain)
