"""The decision tables of a model, wherever they stand in it, with the types of the names they can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.expressions.dmn.evaluation.table import Table
from engine.expressions.dmn.model import Decision, DecisionModel, Element, Input, Knowledge, Reference
from engine.expressions.feel.data.types import ANY, FeelType
from engine.expressions.feel.syntax import tree as t


@dataclass(frozen=True, slots=True)
class Known:
    """What the file tells of a name: its type, and the data its value is made of (when that is not its own)."""

    type: FeelType = ANY
    made_of: frozenset[str] = frozenset()


Reach = Mapping[str, Known]


@dataclass(slots=True)
class Source:
    """A table and where it stands.

    owner: the decision or business knowledge model. names: in reach of the table. result: the declared type of what
    the table answers.
    """

    table: Table
    file: str
    owner: Decision | Knowledge
    names: Reach
    result: FeelType = ANY

    def type_of(self, node: t.Node) -> FeelType:
        """The declared type of an input expression, as far as the file tells."""
        if isinstance(node, t.Name):
            return self.names[node.name].type if node.name in self.names else ANY
        if isinstance(node, t.Path):
            return (self.type_of(node.source).fields or {}).get(node.key, ANY)
        if isinstance(node, t.Comparison | t.Logic | t.Between | t.In | t.Quantified | t.InstanceOf):
            return FeelType("boolean")
        return ANY

    def reads(self, node: t.Node) -> frozenset[str]:
        """The data an expression reads, as dotted paths; at least what it reads."""
        return _data(node, self.names)


def tables_of(model: DecisionModel, decision_id: str | None = None) -> Iterator[Source]:
    """Every table of the model, or only those in one decision or business knowledge model."""
    for element in model.elements.values():
        if not isinstance(element, Decision | Knowledge) or element.logic is None:
            continue
        if decision_id is None or decision_id in (element.id, element.name):
            yield from _inside(model, element, _reach(model, element.requires))


def _reach(model: DecisionModel, requires: tuple[Reference, ...]) -> dict[str, Known]:
    names: dict[str, Known] = {}
    imported: dict[str, dict[str, FeelType]] = {}
    for reference in requires:
        found = model.resolve(reference)
        if found is None:
            continue
        owner, element = found
        kind = element.type if isinstance(element, Input | Decision) else ANY
        made_of = _origins(owner, element) if isinstance(element, Decision) else frozenset()
        if reference.through and reference.through not in model.nameless:
            fields = imported.setdefault(reference.through, {})
            fields[element.name] = kind
            before = names.get(reference.through, Known())
            names[reference.through] = Known(FeelType("context", fields=fields), before.made_of | made_of)
        else:
            names[element.name] = Known(kind, made_of)
    return names


def _origins(model: DecisionModel, decision: Decision) -> frozenset[str]:
    """The names of everything a decision is made of, directly or through others, and what it reads besides."""
    names: set[str] = set()
    seen: set[tuple[int, str]] = set()
    pending: list[tuple[DecisionModel, Element]] = [(model, decision)]
    while pending:
        owner, element = pending.pop()
        if (id(owner), element.id) in seen:
            continue
        seen.add((id(owner), element.id))
        names.add(element.name)
        if isinstance(element, Decision):
            names |= element.paths | element.names
            found = [owner.resolve(one) for one in element.requires]
            pending += [one for one in found if one is not None]
    return frozenset(names)


def _inside(model: DecisionModel, owner: Decision | Knowledge, names: dict[str, Known]) -> Iterator[Source]:
    logic = owner.logic
    body = logic.body if isinstance(owner, Knowledge) and isinstance(logic, t.FunctionLiteral) else logic
    pending: list[tuple[object, dict[str, Known]]] = [(logic, names)]
    while pending:
        node, reach = pending.pop()
        if isinstance(node, Table):
            yield Source(node, model.file, owner, reach, owner.type.answer if node is body else ANY)
        elif isinstance(node, t.FunctionLiteral):
            pending.append(
                (node.body, {**reach, **{name: Known(kind or ANY) for name, kind in node.parameters}})
            )
        elif isinstance(node, t.ContextLiteral):
            inner = dict(reach)
            for name, value in node.entries:
                pending.append((value, dict(inner)))
                inner[name] = Known(value.type if isinstance(value, t.Typed) else ANY, _data(value, inner))
            if node.result is not None:
                pending.append((node.result, inner))
        elif isinstance(node, t.For | t.Quantified):
            inner = dict(reach)
            for iterator in node.iterators:
                pending += [(iterator.domain, dict(inner)), (iterator.end, dict(inner))]
                inner[iterator.name] = Known()
            pending.append((node.body if isinstance(node, t.For) else node.test, inner))
        elif isinstance(node, t.Filter):
            # The entries of an item hide other names, and which it has is not told.
            pending += [(node.source, reach), (node.test, {})]
        elif isinstance(node, t.Node):
            pending.extend((getattr(node, name), reach) for name in node.__dataclass_fields__)
        elif isinstance(node, tuple):
            pending.extend((one, reach) for one in node)


def _data(node: t.Node, names: Reach) -> frozenset[str]:
    found: set[str] = set()
    for path in _paths(node):
        known = names.get(path.partition(".")[0])
        found |= {path} if known is None else {path} | known.made_of
    return frozenset(found)


def _paths(node: t.Node) -> Iterator[str]:
    pending: list[object] = [node]
    while pending:
        one = pending.pop()
        keys: list[str] = []
        source = one
        while isinstance(source, t.Path):
            keys.append(source.key)
            source = source.source
        if isinstance(source, t.Name):
            yield ".".join([source.name, *reversed(keys)])
        elif keys:
            pending.append(source)
        elif isinstance(one, t.Node | t.Iterator):
            pending.extend(getattr(one, name) for name in one.__dataclass_fields__)
        elif isinstance(one, tuple):
            pending.extend(one)
