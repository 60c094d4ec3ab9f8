"""Walks a requirement graph: each decision at most once per evaluation, from the names it requires.

Decisions also see whatever else the caller gave: Camunda's tables read the variables of a process without drawing them.
Business knowledge and decision services see their parameters and requirements alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from engine.expressions.dmn.evaluation.trace import RuleHit, Step, Trace, locate
from engine.expressions.dmn.model import (
    Decision,
    DecisionModel,
    Element,
    Input,
    Knowledge,
    Reference,
    Service,
)
from engine.expressions.feel.compiling.compile import fit
from engine.expressions.feel.data.types import FeelType, coerce
from engine.expressions.feel.data.values import MISSING, Function, to_plain
from engine.expressions.feel.errors import EvaluationLimit, Place, Warning
from engine.expressions.feel.runtime import Env, Run, Scope


@dataclass(frozen=True, slots=True)
class DecisionOutcome:
    """outputs: plain data. value: the same as FEEL values.

    steps: every decision that was made on the way, in the order in which they ended, each with the values it was made
    from and the evaluations of its tables; skipped: how many decisions and tables were not kept, because they were too
    many.
    """

    decision_id: str
    outputs: Any
    value: Any
    warnings: tuple[Warning, ...] = ()
    steps: tuple[Step, ...] = ()
    skipped: int = 0

    @property
    def hits(self) -> tuple[RuleHit, ...]:
        """The rules that fired, of all tables, in the order in which the tables were evaluated."""
        return tuple(hit for step in self.steps for table in step.tables for hit in table.hits)

    @property
    def matched(self) -> tuple[RuleHit, ...]:
        """The rules that fired in the tables of the decision asked for itself."""
        return tuple(hit for hit in self.hits if hit.decision_id == self.decision_id)


Key = tuple[int, str, tuple[str, ...]]


class Session:
    """One evaluation of one model: what was already decided, and what the caller gave.

    path: the imports gone through whose inputs the caller gave as a context of their own (`{"lib": {"x": 1}}`).
    """

    def __init__(self, run: Run, given: dict[str, Any], path: tuple[str, ...] = ()) -> None:
        self.run = run
        self.given = given
        self.path = path
        self.known: dict[Key, Any] = {}
        self.busy: set[Key] = set()

    def through(self, name: str) -> Session:
        """The session in which an imported model is evaluated: its inputs may stand under the import's name."""
        inner = self.given.get(name) if name else None
        if not isinstance(inner, Mapping):
            return self
        made = Session(self.run, {**self.given, **inner}, (*self.path, name))
        made.known, made.busy = self.known, self.busy
        return made

    def value(self, model: DecisionModel, element: Element) -> Any:
        """The value of a required element: an input, a decision's result, or a function."""
        key = (id(model), element.id, self.path)
        if key in self.known:
            return self.known[key]
        if key in self.busy:
            # A circle is refused when the file is read; a function may refer to itself.
            return None
        self.busy.add(key)
        try:
            if isinstance(element, Input):
                made = self._input(element)
            elif isinstance(element, Decision):
                made = self._decision(model, element)
            elif isinstance(element, Knowledge):
                made = self._knowledge(model, element)
            else:
                made = self._service(model, element)
        finally:
            self.busy.discard(key)
        self.known[key] = made
        return made

    def _input(self, element: Input) -> Any:
        value = self.given.get(element.name, MISSING)
        if value is MISSING:
            self.run.warn("unknown-name", f'The input "{element.name}" was not given.')
            return MISSING
        made = self.run.plain(value, 0)
        return fit(Env({}, None, {}, self.run), made, element.type, 0)

    def required(self, model: DecisionModel, requires: tuple[Reference, ...]) -> dict[str, Any]:
        """The values of what an element requires, by name; those of a named import in a context of its own."""
        names: dict[str, Any] = {}
        imported: dict[str, dict[str, Any]] = {}
        for reference in requires:
            found = model.resolve(reference)
            if found is None:
                continue
            owner, element = found
            value = self.through(reference.through).value(owner, element)
            if value is MISSING:
                continue
            if reference.through and reference.through not in model.nameless:
                imported.setdefault(reference.through, {})[element.name] = value
            else:
                names[element.name] = value
        names.update(imported)
        return names

    def _decision(self, model: DecisionModel, decision: Decision) -> Any:
        if decision.code is None:
            return self.run.warn("function-error", f'The decision "{decision.name}" has no logic.')
        run, trace = self.run, self.run.trace
        inputs = self.required(model, decision.requires)
        env = Env({}, None, {**self.given, **inputs}, run)
        run.check_time()
        outer, trace.tables, trace.deciding = (trace.tables, trace.deciding), [], decision.name
        quiet = len(run.warnings)
        value = _typed(env, decision.code(env), decision.type)
        if len(run.warnings) > quiet:
            locate(run, quiet, Place(decision.id))
        trace.add_step(Step(decision, inputs, value, trace.tables))
        trace.tables, trace.deciding = outer
        return value

    def _knowledge(self, model: DecisionModel, knowledge: Knowledge) -> Any:
        if knowledge.code is None:
            return self.run.warn("function-error", f'"{knowledge.name}" has no logic.')
        names = self.required(model, knowledge.requires)
        made = knowledge.code(Env({}, None, names, self.run))
        # A function may call itself.
        names[knowledge.name] = made
        return made

    def _service(self, model: DecisionModel, service: Service) -> Function:
        parameters: list[tuple[str, FeelType, Key]] = []
        for reference in (*service.inputs, *service.input_decisions):
            found = model.resolve(reference)
            if found is not None:
                parameters.append((found[1].name, found[1].type, (id(found[0]), found[1].id, ())))

        def call(run: Run, arguments: list[Any]) -> Any:
            if len(arguments) != len(parameters):
                return run.warn("function-error", f'"{service.name}" takes {len(parameters)} argument(s).')
            env = Env({}, None, {}, run)
            known: dict[Key, Any] = {}
            names: dict[str, Any] = {}
            for (name, wanted, key), value in zip(parameters, arguments, strict=True):
                fitted = coerce(value, wanted, run)
                if fitted is MISSING:
                    return run.warn("type-mismatch", f'The argument "{name}" must be of type {wanted}.')
                known[key] = names[name] = fitted
            inner = Session(run, names)
            inner.known = known
            made: dict[str, Any] = {}
            for reference in service.outputs:
                found = model.resolve(reference)
                if found is not None:
                    made[found[1].name] = inner.value(found[0], found[1])
            result = next(iter(made.values())) if len(service.outputs) == 1 and made else made
            return _typed(env, result, service.type)

        return Function(
            service.name,
            tuple(name for name, _, _ in parameters),
            call,
            types=tuple(wanted for _, wanted, _ in parameters),
            result=None if service.type.kind == "any" else service.type,
        )


def _typed(env: Env, value: Any, wanted: FeelType) -> Any:
    return value if wanted.kind == "any" and wanted.allowed is None else fit(env, value, wanted, 0)


def evaluate(
    model: DecisionModel, element: Element, scope: Scope, *, explain: bool = False
) -> DecisionOutcome:
    """Evaluate one element of a model; see DecisionModel.evaluate."""
    run = Run(scope)
    trace = run.trace = Trace()
    if explain:
        trace.why = Run(scope)
        trace.why.trace = Trace()
    session = Session(run, dict(scope.variables))
    try:
        value = session.value(model, element)
        if isinstance(element, Service | Knowledge) and type(value) is Function:
            value = _called(run, element, value)
        run.measure(value)
    except RecursionError:
        raise _stopped(
            trace, "The evaluation was stopped: it is nested too deeply.", "嵌套过深，计算已停止。"
        ) from None
    except EvaluationLimit as stop:
        raise _stopped(trace, stop.message, stop.message_zh) from stop
    return DecisionOutcome(
        element.id,
        to_plain(None if value is MISSING else value),
        None if value is MISSING else value,
        tuple(run.warnings),
        tuple(trace.steps),
        trace.skipped,
    )


def _stopped(trace: Trace, message: str, message_zh: str) -> EvaluationLimit:
    """A limit, with the decision in which it was met."""
    if not trace.deciding:
        return EvaluationLimit(message, message_zh)
    return EvaluationLimit(
        f'In the decision "{trace.deciding}": {message}', f"决策“{trace.deciding}”：{message_zh}"
    )


def _called(run: Run, element: Service | Knowledge, function: Function) -> Any:
    """Call what was asked for with what the caller gave, by the names of its parameters."""
    given, env = run.scope.variables, Env({}, None, {}, run)
    inputs: dict[str, Any] = {}
    for name, wanted in zip_longest(function.parameters, function.types, fillvalue=None):
        if name is None:
            break
        if name not in given:
            run.warn("unknown-name", f'The input "{name}" was not given.')
        value = run.plain(given.get(name), 0)
        inputs[name] = value if wanted is None else fit(env, value, wanted, 0)
    made = run.call(function, list(inputs.values()))
    if isinstance(element, Knowledge):
        trace: Trace = run.trace
        trace.add_step(Step(element, inputs, made, trace.tables))
    return made
