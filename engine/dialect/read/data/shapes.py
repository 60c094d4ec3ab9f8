"""What is known before anything runs of the values expressions read: answers by their forms, results by their tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from engine.dialect.model import Node, ProcessModel
from engine.dialect.read.data.forms import fields_of
from engine.expressions.dmn import DecisionModel
from engine.expressions.dmn.evaluation.table import Table
from engine.expressions.feel.syntax import tree as t

KINDS = frozenset(
    {
        "string", "number", "boolean", "list", "context", "date", "time", "date and time",
        "days and time duration", "years and months duration",
    }
)  # fmt: skip
"""Kinds of which a value surely is one or the other."""


MOST_SHAPES = 50_000
"""Paths of which something is known; homes that come after them may hold anything."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A value's kind (of KINDS) and, where only these can occur, the values; `by` says who knows, in both languages."""

    kind: str
    options: tuple[Any, ...] = ()
    by: tuple[str, str] = ("", "")


@dataclass(slots=True)
class Known:
    """Shapes by dotted path, and which paths exist below a home whose entries are all known.

    shapes: `form.review.amount` → Shape. Homes that are not in `entries` may hold anything.
    """

    shapes: dict[str, Shape] = field(default_factory=dict)
    below: dict[str, set[str]] = field(default_factory=dict)
    """The entries of a home and every beginning of their paths: `customer.name` stands beside `customer`."""
    entries: dict[str, set[str]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    """Paths that are written in two ways."""

    def put(self, path: str, shape: Shape | None) -> None:
        """Take what is at a path; what is known in two ways is known in none."""
        if shape is None or self.shapes.get(path, shape) != shape:
            self.unsure.add(path)
        if path in self.unsure:
            self.shapes.pop(path, None)
        elif shape is not None:
            self.shapes[path] = shape

    def add(self, home: str, shapes: Mapping[str, Shape | None]) -> None:
        """Take all that is below a home, while there is room for it."""
        if len(self.shapes) + len(shapes) > MOST_SHAPES:
            return
        for key, shape in shapes.items():
            self.put(f"{home}.{key}", shape)
            self.enter(home, key)

    def enter(self, home: str, key: str) -> None:
        """Take one entry of a home."""
        self.entries.setdefault(home, set()).add(key)
        self.below.setdefault(home, set()).update(beginnings(key))

    def holds(self, home: str, path: str) -> bool:
        """Tell whether a path may lead somewhere below a home: to an entry, on the way to one, or into one."""
        return path in self.below[home] or not self.entries[home].isdisjoint(beginnings(path))

    def overwritten(self, paths: set[str]) -> None:
        """Forget what assignments may change: each path, what is below it, and that nothing else is beside it."""
        for path in [one for one in self.shapes if not paths.isdisjoint(beginnings(one))]:
            del self.shapes[path]
        for home in [one for one in self.below if not paths.isdisjoint(beginnings(one))]:
            del self.below[home], self.entries[home]
        for path in paths:
            for home in beginnings(path):
                if home in self.below and home != path:
                    self.enter(home, path.removeprefix(f"{home}."))


def beginnings(path: str) -> list[str]:
    """Return a path and every path on the way to it: a, a.b, a.b.c."""
    parts = path.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def known_of(
    models: Iterable[ProcessModel],
    forms: Mapping[str, Mapping[str, Any]],
    decisions: Mapping[str, DecisionModel],
    facts: frozenset[str],
) -> Known:
    """Return what the deployment's own forms and tables tell.

    facts: what the host puts under `case` besides the answers to a start form. What a path that something else in
    the deployment writes too is, nobody knows.
    """
    known = Known()
    answers = cache(lambda key: shapes_of(forms[key]))
    starts: list[Mapping[str, Any]] = []
    written: set[str] = set()
    for model in models:
        starts += _start_forms(model, forms)
        for node in nodes_of(model.body):
            written.update(targets_of(node))
            asked = (node.user.form or "") if node.user is not None else ""
            if asked in forms and node.kind != "startEvent" and _of_this_deployment(node):
                known.add(f"form.{node.id}", _repeated(node, answers(asked)))
            if (
                node.decision is not None
                and node.decision.decision in decisions
                and _of_this_deployment(node)
            ):
                _decided(known, written, node, decisions[node.decision.decision])
    if starts:
        for form in starts:
            known.add("case", shapes_of(form))
        known.add("case", dict.fromkeys(facts))
    known.overwritten(written)
    return known


def _of_this_deployment(node: Node) -> bool:
    bound = (
        node.user.form_binding if node.user is not None else node.decision.binding if node.decision else None
    )
    return bound is None or bound.kind in ("deployment", "latest")


def _repeated(node: Node, shapes: dict[str, Shape | None]) -> dict[str, Shape | None]:
    """What several people answer is a list, to those who look from outside."""
    return shapes if node.loop is None else dict.fromkeys(shapes)


def shapes_of(form: Mapping[str, Any]) -> dict[str, Shape | None]:
    """Return what the answers to a form are, by key. None: it may be anything."""
    return {key: _answer(component) for key, component in fields_of(form)}


def _answer(component: Mapping[str, Any]) -> Shape | None:
    kind, label = component.get("type"), component.get("label") or component.get("key")
    by = (f'the form\'s field "{label}"', f"表单字段“{label}”")
    if kind in ("textfield", "textarea", "datetime"):
        # A date comes as text, as form-js writes it.
        return Shape("string", (), by)
    if kind == "number":
        return Shape("string" if component.get("serializeToString") is True else "number", (), by)
    if kind == "checkbox":
        return Shape("boolean", (), by)
    if kind == "filepicker" and component.get("multiple") in (None, False):
        return Shape("string", (), by)  # the id of an attachment
    if kind in ("checklist", "taglist", "dynamiclist") or (
        kind == "filepicker" and component["multiple"] is True
    ):
        return Shape("list", (), by)
    values = component.get("values")
    if kind in ("radio", "select") and isinstance(values, list) and values:
        options = tuple(one.get("value") if isinstance(one, Mapping) else one for one in values)
        if all(isinstance(one, str) for one in options):
            closed = not (component.get("valuesKey") or component.get("valuesExpression"))
            return Shape("string", options if closed else (), by)
    return None


def _start_forms(model: ProcessModel, forms: Mapping[str, Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    names = [model.properties.get("form.start"), f"{model.key}_start"]
    names += [node.user.form for node in model.body.nodes if node.kind == "startEvent" and node.user]
    for name in dict.fromkeys(names):
        if name and name in forms:
            yield forms[name]


def _decided(known: Known, written: set[str], node: Node, model: DecisionModel) -> None:
    call = node.decision
    assert call is not None
    home = call.result or f"decision.{node.id}"
    decision = model.decisions.get(call.decision)
    table = decision.logic if decision is not None else None
    if decision is None or not isinstance(table, Table) or table.policy in "CRO" or node.loop is not None:
        written.add(home)
        return
    if call.shape in ("collectEntries", "resultList"):
        known.put(home, Shape("list", (), (f'the decision "{decision.name}"', f"决策“{decision.name}”")))
        return
    shapes = {
        clause.name: _output(clause.type.kind if clause.type else "", clause.values, decision.name)
        for clause in table.outputs
    }
    if len(shapes) > 1 or call.shape in ("singleResult", "columns"):
        known.add(home, shapes)
    else:
        known.put(home, next(iter(shapes.values())))


def _output(kind: str, values: t.UnaryTests | None, decision: str) -> Shape | None:
    if kind not in KINDS:
        return None
    options: tuple[Any, ...] = ()
    if values is not None and all(isinstance(one, t.Literal) for one in values.tests) and not values.negated:
        options = tuple(one.value for one in values.tests if isinstance(one, t.Literal))
    return Shape(kind, options, (f'the decision "{decision}"', f"决策“{decision}”"))


def nodes_of(body: Any) -> Iterator[Node]:
    """Yield every node of a process, those inside sub-processes too."""
    for node in body.nodes:
        yield node
        if node.body is not None:
            yield from nodes_of(node.body)


def caught_by(node: Node) -> Iterator[str]:
    """Yield the variables that keep the code and text of what an event caught."""
    if node.event is not None:
        yield from (name for name in (node.event.code_variable, node.event.message_variable) if name)


def targets_of(node: Node) -> Iterator[str]:
    """Yield the paths a node writes by assignments and mappings; its input mapping is its own."""
    for assignment in (*node.script, *node.outputs):
        yield assignment.target
    yield from caught_by(node)
    if node.call is not None:
        for assignment in (*node.call.inputs, *node.call.outputs):
            yield assignment.target
