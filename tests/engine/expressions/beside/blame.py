"""Runs both engines on a case and, where they differ, finds the smallest part whose own parts they agree about.

So a difference is not an expression as long as a page but one form with the values of its operands, and a known
difference can be told apart from a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.expressions.feel import (
    EvaluationLimit,
    ExpressionError,
    Scope,
    compile_expression,
    compile_unary_tests,
)
from tests.engine.expressions.beside.feelin import Feelin
from tests.engine.expressions.beside.generate import Case, Node, is_cell
from tests.engine.expressions.beside.values import (
    Outcome,
    Tagged,
    agree,
    literal,
    of_ours,
    of_theirs,
    type_of,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """form: the text with holes. operands: the values both engines agree the parts have (None where a part has none by
    itself, such as the body of a loop). cells: what our engine says of the input cells it consists of. noise: with the
    operands written out they agree."""

    form: str
    text: str
    variables: Mapping[str, str]
    given: str | None
    operands: tuple[Any, ...]
    ours: Outcome
    theirs: Outcome
    noise: bool = False
    cells: tuple[bool | None, ...] = ()

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(map(type_of, self.operands))

    @property
    def input(self) -> Any:
        """The value an input cell was tested with."""
        return None if self.given is None else of_ours(_value(self.given))

    @property
    def item(self) -> Any:
        """The item a filter's test was tried with (for a list of contexts, the entry it names)."""
        name = self.form.split(" ", 1)[0].rsplit(".", 1)[-1]
        return of_ours(_value(self.variables[name]))

    def __str__(self) -> str:
        cell = "" if self.given is None else f"\n  input:  {self.given}"
        operands = ", ".join(map(literal, self.operands))
        return (
            f"{self.form}\n  text:   {self.text}\n  where:  {dict(self.variables)}{cell}\n  parts:  {operands}"
            f"\n  ours:   {self.ours}\n  feelin: {self.theirs}"
        )


@lru_cache(20_000)
def _value(text: str) -> Any:
    return compile_expression(text).evaluate(Scope()).value


def ask_ours(text: str, variables: Mapping[str, str], given: str | None = None) -> Outcome:
    """What our engine makes of it."""
    try:
        scope = Scope({name: _value(code) for name, code in variables.items()})
        if given is not None:
            # A cell that is not true does not fire, be it false or null.
            return Outcome(
                compile_unary_tests(text, names=variables).evaluate(scope, _value(given)).value is True
            )
        return Outcome(of_ours(compile_expression(text, names=variables).evaluate(scope).value))
    except EvaluationLimit as limit:
        return Outcome(failed="thrown", why=limit.message)
    except ExpressionError as refusal:
        return Outcome(failed="refused", why=str(refusal))


def verdict(text: str, variables: Mapping[str, str], given: str | None) -> bool | None:
    """True, false or null: what our engine says of an input cell that can be read."""
    scope = Scope({name: _value(code) for name, code in variables.items()})
    found: bool | None = (
        compile_unary_tests(text, names=variables).evaluate(scope, _value(given or "null")).value
    )
    return found


def ask_theirs(feelin: Feelin, text: str, variables: Mapping[str, str], given: str | None = None) -> Outcome:
    """What feelin makes of it."""
    found = feelin.ask(text, variables, given)
    if given is not None and "value" in found:
        return Outcome(found["value"] is True)
    if "error" in found:
        return Outcome(failed="refused" if found["syntax"] else "thrown", why=found["error"])
    return Outcome(of_theirs(found["value"]))


def difference(feelin: Feelin, case: Case) -> Difference | None:
    """The smallest difference of the two engines in a case, or None when they agree about the whole of it."""
    text = case.node.text()
    ours, theirs = (
        ask_ours(text, case.variables, case.given),
        ask_theirs(feelin, text, case.variables, case.given),
    )
    if agree(ours, theirs):
        return None
    found = _Search(feelin, case.given).search(case.node, dict(case.variables))
    # With brackets around every part they agree: they read the text differently.
    if found is None:
        return Difference("reading", text, case.variables, case.given, (), ours, theirs)
    read = {name: code for name, code in found.variables.items() if name in found.text or name == "a"}
    return replace(found, variables=read)


class _Search:
    def __init__(self, feelin: Feelin, given: str | None) -> None:
        self.feelin = feelin
        self.given = given

    def both(self, node: Node, variables: Mapping[str, str]) -> tuple[Outcome, Outcome]:
        text, given = node.text(True), self.given if is_cell(node) else None
        return ask_ours(text, variables, given), ask_theirs(self.feelin, text, variables, given)

    def search(self, node: Node, variables: dict[str, str]) -> Difference | None:
        ours, theirs = self.both(node, variables)
        if agree(ours, theirs):
            return None
        operands: list[Any] = []
        cells: list[bool | None] = []
        for index, part in enumerate(node.parts):
            if node.bound(index):
                inner = self.inside(node, index, part, operands, variables)
                operands.append(None)
            else:
                inner = self.search(part, variables)
                if inner is None and is_cell(part):
                    cells.append(verdict(part.text(True), variables, self.given))
                elif inner is None:
                    operands.append(self.both(part, variables)[0].value)
            if inner is not None:
                return inner
        given = self.given if is_cell(node) else None
        noise = self.noise(node, operands, variables, given)
        return Difference(
            node.form.template,
            node.text(True),
            variables,
            given,
            tuple(operands),
            ours,
            theirs,
            noise,
            tuple(cells),
        )

    def inside(
        self, node: Node, index: int, part: Node, operands: list[Any], variables: dict[str, str]
    ) -> Difference | None:
        """A difference in a part that sees further names, tried with the values these names take."""
        if node.form.domain == "last":
            last = self.search(node.parts[-1], variables)
            if last is not None:
                return last
            values = [self.both(node.parts[-1], variables)[0].value]
        elif node.form.domain == "items":
            values = operands[0] if isinstance(operands[0], list) else [operands[0]]
        elif node.form.domain == "span":
            low, high = operands[0], operands[1]
            if not isinstance(low, Decimal) or not isinstance(high, Decimal):
                return None
            step = 1 if low <= high else -1
            values = [Decimal(i) for i in range(int(low), int(high) + step, step)]
        elif node.form.domain == "value":
            values = [operands[0]]
        else:
            return None
        for value in values[:20]:
            if has_function(value):
                continue
            known = dict(variables)
            for name in node.bound(index):
                known[name] = literal(value)
            if isinstance(value, dict) and "item" in known:
                known.update({key: literal(entry) for key, entry in value.items()})
            found = self.search(part, known)
            if found is not None:
                return found
        return None

    def noise(self, node: Node, operands: list[Any], variables: Mapping[str, str], given: str | None) -> bool:
        """Do they agree when the operands are written out as our digits? Then a part's sixteenth digit differed."""
        if len(operands) != len(node.parts) or any(node.bound(i) for i in range(len(operands))):
            return False
        if any(map(has_function, operands)):
            return False
        text = node.form.template.format(*(f"({literal(one)})" for one in operands), name=node.name)
        return agree(
            ask_ours(text, variables, given), ask_theirs(self.feelin, text, variables, given)
        ) and any(map(has_fraction, operands))


def has_function(value: Any) -> bool:
    if isinstance(value, list | dict):
        return any(map(has_function, value.values() if isinstance(value, dict) else value))
    return isinstance(value, Tagged) and value.kind in ("function", "other", "number")


def has_fraction(value: Any) -> bool:
    """Does it hold a number that JavaScript may have only nearly?"""
    if isinstance(value, list | dict):
        return any(map(has_fraction, value.values() if isinstance(value, dict) else value))
    return isinstance(value, Decimal) and (value != value.to_integral_value() or abs(value) > 2**53)
