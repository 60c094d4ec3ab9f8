"""Makes the forms of user tasks that have none here, from what the expressions behind them read.

In other engines a task's answers may come from a page of the application around it, or from whoever calls the API: the file
holds no form, and a gateway behind the task reads `approved` all the same. What is read behind a task, before anything else
could have given it, is what the task has to ask for. An owner who wants to ask otherwise draws a form and names its key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from engine.dialect.findings import Report
from engine.dialect.model import Body, Node, ProcessModel, entered_at
from engine.dialect.read.context import place_of_node
from engine.dialect.read.data.own_names import Group, learns, rewritten
from engine.dialect.read.data.shapes import nodes_of
from engine.dialect.read.data.slips import compared, every_node
from engine.dialect.read.data.texts import Read
from engine.expressions.dmn import DecisionModel
from engine.expressions.dmn.evaluation.table import Table
from engine.expressions.feel import ExpressionError
from engine.expressions.feel.api import parse
from engine.expressions.feel.syntax import tree as t

MOST_STEPS = 50_000
"""Nodes that are looked at behind all tasks of a deployment; what a hostile diagram has beyond them gets no form."""
MOST_FIELDS = 50
_COMPONENTS: dict[str, dict[str, Any]] = {
    "boolean": {"type": "checkbox"},
    "number": {"type": "number"},
    "date": {"type": "datetime", "subtype": "date"},
    "string": {"type": "textfield"},
}
"""What a name is read as → the component that asks for it."""
_SAID = {"boolean": "true/false", "number": "number", "date": "date", "string": "text"}
_UNASKABLE = "context"
"""Read as something a single field cannot hold."""


@dataclass(slots=True)
class Asked:
    """How a name is read: its kind, and the texts it is compared with."""

    kind: str = ""
    texts: dict[str, None] = field(default_factory=dict)

    def be(self, kind: str) -> None:
        """Take it as of a kind; of two kinds it is a text, unless no field could hold it."""
        if self.kind not in ("", kind):
            kind = _UNASKABLE if _UNASKABLE in (self.kind, kind) else "string"
        self.kind = kind


@dataclass(slots=True)
class Work:
    """What of the compilation is looked at. forms: the keys of its own. reads: process key → what its expressions read.
    has_form: tells whether a form is in it or deployed already. report: of a file by name."""

    models: Mapping[str, ProcessModel]
    tables: Mapping[str, DecisionModel]
    forms: Collection[str]
    reads: Mapping[str, Iterable[Read]]
    has_form: Callable[[str], bool]
    report: Callable[[str], Report]
    steps: int = 0


def stand_ins(
    work: Work, groups: Sequence[tuple[Sequence[str], Group]]
) -> tuple[dict[str, ProcessModel], dict[str, dict[str, Any]]]:
    """Return the models in which tasks without a form have one, and the forms by key; each is told by its task's id."""
    models, forms = dict(work.models), dict[str, dict[str, Any]]()
    for keys, group in groups:
        given = group.written | set().union(*group.fields.values())
        missing = group.wanted - given if group.foreign else set[str]()
        for key in keys if missing else ():
            made = _forms_of(work, work.models[key], missing)
            forms |= made
            models[key] = _with(models[key], made)
    return models, forms


def _forms_of(work: Work, model: ProcessModel, missing: set[str]) -> dict[str, dict[str, Any]]:
    graph = _Graph(model)
    reads = _reads_at(work, model, graph, missing)
    found: dict[str, dict[str, Any]] = {}
    for node in nodes_of(model.body):
        if not _is_blind(node, work.has_form):
            continue
        asked: dict[str, Asked] = {}
        behind = _behind(work, graph, node)
        for identity in behind:
            for read in reads.get(identity, ()):
                _take(asked, read, missing, graph.flow_conditions)
        for read in reads.get(node.id, ()):
            if read.what[0] in ("condition", "completion condition"):
                _take(asked, read, missing, graph.flow_conditions)
        for identity in behind:
            _take_table(asked, work, graph.nodes[identity], missing)
        components = [_component(name, how) for name, how in sorted(asked.items()) if how.kind != _UNASKABLE]
        if components and f"{model.key}.{node.id}" not in work.forms:
            key = f"{model.key}.{node.id}"
            found[key] = {"type": "default", "id": key, "components": components[:MOST_FIELDS]}
            _tell(work.report(model.file), node, asked)
        if unasked := sorted(name for name, how in asked.items() if how.kind == _UNASKABLE):
            _tell_unasked(work.report(model.file), node, unasked)
    return found


def _is_blind(node: Node, has_form: Callable[[str], bool]) -> bool:
    """Tell whether a node is a user task that asks nothing here."""
    return node.kind == "userTask" and not (
        node.user is not None and node.user.form and has_form(node.user.form)
    )


class _Graph:
    """A process with the insides of its sub-processes laid flat: what a token reaches next."""

    def __init__(self, model: ProcessModel) -> None:
        self.nodes: dict[str, Node] = {}
        self.next: dict[str, list[str]] = defaultdict(list)
        self.sources: dict[str, str] = {}
        """Flow → where it leaves from: its condition is asked there."""
        self.flow_conditions: set[str] = set()
        self._lay(model.body, "")

    def _lay(self, body: Body, around: str) -> None:
        leaving = {flow.source for flow in body.flows}
        for flow in body.flows:
            self.next[flow.source].append(flow.target)
            self.sources[flow.id] = flow.source
            if flow.condition is not None:
                self.flow_conditions.add(flow.id)
        for node in body.nodes:
            self.nodes[node.id] = node
            if node.body is not None:
                self._lay(node.body, node.id)
            if around and node.id not in leaving:
                self.next[node.id].append(f"{around}>")  # out of the sub-process

    def following(self, identity: str) -> Iterator[str]:
        """Yield what comes after a node has been left."""
        waiting, seen = list(self.next[identity]), set[str]()
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            if one.endswith(">"):
                yield one[:-1]
                waiting += self.next[one[:-1]]
            else:
                yield one


def _behind(work: Work, graph: _Graph, task: Node) -> list[str]:
    """Return the nodes a token comes to behind a task until somebody or something else may have given what is read."""
    found: dict[str, None] = {}
    waiting = list(graph.following(task.id))
    while waiting and work.steps < MOST_STEPS:
        identity = waiting.pop()
        if identity in found or identity not in graph.nodes:
            continue
        work.steps += 1
        found[identity] = None
        node = graph.nodes[identity]
        if learns(node):
            continue
        if node.body is not None:
            waiting += entered_at(node.body)
        waiting += graph.following(identity)
    return list(found)


def _reads_at(work: Work, model: ProcessModel, graph: _Graph, missing: set[str]) -> dict[str, list[Read]]:
    """Return by node what is read at it, its flows and in the process it calls, as far as a missing name is in it."""
    found: dict[str, list[Read]] = defaultdict(list)
    for read in work.reads.get(model.key, ()):
        if not missing.isdisjoint(read.names | read.builtins):
            at = graph.sources.get(read.place.id, read.place.id)
            found[at].append(read)
    for node in graph.nodes.values():
        if node.call is not None and node.call.shares:
            found[node.id] += [
                read
                for read in work.reads.get(node.call.process, ())
                if not missing.isdisjoint(read.names | read.builtins)
            ]
    return found


def _take(asked: dict[str, Asked], read: Read, missing: set[str], conditions: set[str]) -> None:
    """Take the missing names an expression reads, each as what it is read as."""
    names = missing & (read.names | read.builtins)
    try:
        tree, _ = parse(read.text)
    except ExpressionError:  # reported already
        return
    for name in names:
        asked.setdefault(name, Asked())
    is_condition = "condition" in read.what[0] or read.place.id in conditions
    for name, kind, text in _uses(tree, is_condition):
        if name in names:
            asked[name].be(kind)
            if text:
                asked[name].texts[text] = None
    if read.what[0] == "collection":
        for name in names:
            asked[name].be(_UNASKABLE)
    if read.what[0] == "loop cardinality":
        for name in names:
            asked[name].be("number")


def _uses(tree: t.Node, is_condition: bool) -> Iterator[tuple[str, str, str]]:
    """Yield (name, kind, text it is compared with) where an expression tells what a name is."""
    truths: list[t.Node] = [tree] if is_condition else []
    for node in every_node(tree):
        if isinstance(node, t.Logic):
            truths += node.operands
        elif isinstance(node, t.Call) and isinstance(node.callee, t.Name) and node.callee.name == "not":
            truths += node.arguments
        elif isinstance(node, t.If):
            truths.append(node.condition)
        elif isinstance(node, t.Path | t.Filter) and isinstance(node.source, t.Name):
            yield node.source.name, _UNASKABLE, ""
        elif isinstance(node, t.Arithmetic):
            parts = [node.first, *(step.operand for step in node.rest)]
            if any(isinstance(one, t.Literal) and isinstance(one.value, Decimal) for one in parts):
                yield from ((one.name, "number", "") for one in parts if isinstance(one, t.Name))
        for left, right, _, _ in compared(node):
            for one, other in ((left, right), (right, left)):
                if isinstance(one, t.Name) and isinstance(other, t.Literal):
                    yield one.name, *_literal(other.value)
    yield from ((one.name, "boolean", "") for one in truths if isinstance(one, t.Name))


def _literal(value: Any) -> tuple[str, str]:
    if isinstance(value, bool):
        return "boolean", ""
    if isinstance(value, str):
        return "string", value
    return ("number", "") if isinstance(value, Decimal) else ("", "")


def _take_table(asked: dict[str, Asked], work: Work, node: Node, missing: set[str]) -> None:
    """Take the names a decision's table reads, of the kinds its columns are declared."""
    call = node.decision
    if call is None or node.inputs or call.decision not in work.tables:
        return
    logic = work.tables[call.decision].decisions[call.decision].logic
    for clause in logic.inputs if isinstance(logic, Table) else ():
        if isinstance(clause.expression, t.Name) and clause.expression.name in missing:
            kind = clause.type.kind if clause.type is not None else ""
            asked.setdefault(clause.expression.name, Asked()).be(kind if kind in _COMPONENTS else "string")


def _component(name: str, how: Asked) -> dict[str, Any]:
    kind = how.kind or "string"
    component = {**_COMPONENTS[kind], "key": name, "id": f"field_{name}", "label": name}
    if kind == "date":
        component["dateLabel"] = name
    if kind == "string" and how.texts:
        component["description"] = " · ".join(sorted(how.texts)[:10])[:200]
    return component


def _with(model: ProcessModel, forms: Mapping[str, object]) -> ProcessModel:
    def change(node: Node) -> Node:
        key = f"{model.key}.{node.id}"
        return replace(node, user=replace(node.user, form=key)) if node.user and key in forms else node

    return replace(model, body=rewritten(model.body, change)) if forms else model


def _tell_unasked(report: Report, node: Node, names: Sequence[str]) -> None:
    place = place_of_node(node)
    listed = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    report.warning(
        "form-needed",
        place,
        f"Expressions behind {place:en} read {listed}, which nothing gives and no single field could ask for; draw a form for "
        "the task, or make sure that whoever starts the process gives it. What is missing rests as an incident until it is set.",
        f"{place:zh}之后的表达式读取 {listed}，没有任何地方给出，单个字段也无法询问；请为任务画一个表单，或由启动者提供。"
        "缺失时会停为异常，直到设置了变量。",
    )


def _tell(report: Report, node: Node, asked: Mapping[str, Asked]) -> None:
    place = place_of_node(node)
    fields = [
        f"{name} ({_SAID[how.kind or 'string']})"
        for name, how in sorted(asked.items())
        if how.kind != _UNASKABLE
    ]
    listed = ", ".join(fields[:12]) + (" …" if len(fields) > 12 else "")
    report.note(
        "form-made",
        place,
        f"{place:en} has no form here, and expressions behind it read what nothing else gives; it gets a form that asks for "
        f"{listed}. To ask otherwise draw a form and name its key.",
        f"{place:zh}在这里没有表单，而其后的表达式读取没有别处给出的内容；因此为它生成一个表单，询问 {listed}。"
        "如需其他问法，请画一个表单并引用它的键。",
    )
