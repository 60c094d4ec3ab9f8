"""Walks a requirement graph: each decision at most once per evaluation, each with just the names it requires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.expressions.dmn.model import (
    Decision,
    DecisionModel,
    Element,
    Input,
    Knowledge,
    Reference,
    Service,
)
from engine.expressions.errors import EvaluationLimit, Warning
from engine.expressions.feel.compile import fit
from engine.expressions.feel.runtime import Env, Run, Scope
from engine.expressions.feel.types import FeelType, coerce
from engine.expressions.feel.values import MISSING, Function, to_plain


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule that fired: of which decision, its id in the file and its row, counted from 1."""

    decision_id: str
    rule_id: str
    row: int


@dataclass(frozen=True, slots=True)
class DecisionOutcome:
    """outputs: plain data. value: the same as FEEL values. matched: the rules of the decision asked for; hits: of all."""

    decision_id: str
    outputs: Any
    value: Any
    matched: tuple[RuleHit, ...] = ()
    hits: tuple[RuleHit, ...] = ()
    warnings: tuple[Warning, ...] = ()


class Session:
    """One evaluation of one model: what was already decided, and what the caller gave."""

    def __init__(self, run: Run, given: dict[str, Any]) -> None:
        self.run = run
        self.given = given
        self.known: dict[tuple[int, str], Any] = {}
        self.busy: set[tuple[int, str]] = set()

    def child(self, known: dict[tuple[int, str], Any], given: dict[str, Any]) -> Session:
        made = Session(self.run, given)
        made.known = known
        return made

    def value(self, model: DecisionModel, element: Element, path: str = "") -> Any:
        """The value of a required element: an input, a decision's result, or a function."""
        key = (id(model), element.id)
        if key in self.known:
            return self.known[key]
        if isinstance(element, Input):
            return self._input(element, path)
        if key in self.busy:
            # A circle is refused when the file is read; a function may refer to itself.
            return None
        self.busy.add(key)
        try:
            if isinstance(element, Decision):
                made = self._decision(model, element)
            elif isinstance(element, Knowledge):
                made = self._knowledge(model, element)
            else:
                made = self._service(model, element)
        finally:
            self.busy.discard(key)
        self.known[key] = made
        return made

    def _input(self, element: Input, path: str) -> Any:
        given: Any = self.given
        if path:
            inner = given.get(path)
            if isinstance(inner, dict) and element.name in inner:
                given = inner
        value = given.get(element.name, MISSING)
        if value is MISSING:
            self.run.warn("unknown-name", f'The input "{element.name}" was not given.')
            return MISSING
        made = self.run.plain(value, 0)
        return fit(Env({}, None, {}, self.run), made, element.type, 0)

    def root(
        self, model: DecisionModel, requires: tuple[Reference, ...], base: dict[str, Any]
    ) -> dict[str, Any]:
        """The root variables an element sees: what it requires, over what the caller gave."""
        names = dict(base)
        for reference in requires:
            found = model.resolve(reference)
            if found is None:
                continue
            owner, element = found
            value = self.value(owner, element, reference.through)
            if value is MISSING:
                continue
            if reference.through:
                through = names.get(reference.through)
                names[reference.through] = {
                    **(through if isinstance(through, dict) else {}),
                    element.name: value,
                }
            else:
                names[element.name] = value
        return names

    def _decision(self, model: DecisionModel, decision: Decision) -> Any:
        if decision.code is None:
            return self.run.warn("function-error", f'The decision "{decision.name}" has no logic.')
        env = Env({}, None, self.root(model, decision.requires, self.given), self.run)
        self.run.check_time()
        return _typed(env, decision.code(env), decision.type)

    def _knowledge(self, model: DecisionModel, knowledge: Knowledge) -> Any:
        if knowledge.code is None:
            return self.run.warn("function-error", f'"{knowledge.name}" has no logic.')
        names = self.root(model, knowledge.requires, {})
        made = knowledge.code(Env({}, None, names, self.run))
        # A function may call itself.
        names.setdefault(knowledge.name, made)
        return made

    def _service(self, model: DecisionModel, service: Service) -> Function:
        parameters: list[tuple[str, FeelType, tuple[int, str]]] = []
        for reference in (*service.inputs, *service.input_decisions):
            found = model.resolve(reference)
            if found is not None:
                parameters.append((found[1].name, found[1].type, (id(found[0]), found[1].id)))

        def call(run: Run, arguments: list[Any]) -> Any:
            if len(arguments) != len(parameters):
                return run.warn("function-error", f'"{service.name}" takes {len(parameters)} argument(s).')
            env = Env({}, None, {}, run)
            known: dict[tuple[int, str], Any] = {}
            names: dict[str, Any] = {}
            for (name, wanted, key), value in zip(parameters, arguments, strict=True):
                fitted = coerce(value, wanted)
                if fitted is MISSING:
                    return run.warn("type-mismatch", f'The argument "{name}" must be of type {wanted}.')
                known[key] = names[name] = fitted
            inner = self.child(known, names)
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


def evaluate(model: DecisionModel, element: Element, scope: Scope) -> DecisionOutcome:
    """Evaluate one element of a model; see DecisionModel.evaluate."""
    run = Run(scope)
    session = Session(run, dict(scope.variables))
    try:
        value = session.value(model, element)
        if isinstance(element, Service) and type(value) is Function:
            env = Env({}, None, {}, run)
            plain = [run.plain(scope.variables.get(name), 0) for name in value.parameters]
            given = [fit(env, one, wanted, 0) for one, wanted in zip(plain, value.types, strict=True)]
            value = run.call(value, given)
        run.measure(value)
    except RecursionError:
        raise EvaluationLimit(
            "The evaluation was stopped: it is nested too deeply.", "嵌套过深，计算已停止。"
        ) from None
    hits = tuple(RuleHit(*hit) for hit in run.trace)
    return DecisionOutcome(
        element.id,
        to_plain(None if value is MISSING else value),
        None if value is MISSING else value,
        tuple(hit for hit in hits if hit.decision_id == element.id),
        hits,
        tuple(run.warnings),
    )
