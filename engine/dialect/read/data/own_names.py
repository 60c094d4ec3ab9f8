"""Decides which answers, results and messages of a process are variables of their own names too.

Here what a process learns has a home: `form.<task>`, `result.<task>`, `message.<event>`. Other engines put it into the scope
under the names it brings along (design §9), and no mark in a file tells which of the two its author wrote for. What the
expressions read tells it: processes that read no home were written for another engine, and in any process a name that
nothing writes and a form asks for can only mean the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.dialect.findings import Report
from engine.dialect.model import EVERY_ENTRY, HOMES, Body, Node, ProcessModel
from engine.dialect.read.context import place_of_node
from engine.dialect.read.data.shapes import nodes_of
from engine.dialect.read.data.texts import RESERVED, Read
from engine.dialect.read.data.variables import GIVEN, asked, form_keys, roots_of, targets_of_node
from engine.expressions.dmn import DecisionModel

_LEARNT = ("form", "decision", "result", "message", "signal")
"""Homes with an entry per node. Other engines know no such names: their authors may call a variable so."""
_KEPT = 200
"""How many names a node lists; where there are more, it is told that all its entries are meant."""
_MORE = 12
"""How many names a sentence lists."""

Forms = Mapping[str, Mapping[str, object]]
Change = Callable[[Node], Node]


@dataclass
class Group:
    """Processes of a deployment that call each other, and what their expressions and decisions read.

    names: root names. homes: what is read of nodes' homes, as "form.review". written: root names that assignments write.
    foreign: nothing reads a home. closed: everything that is called or decided is in the deployment. fields: form key → those
    of its fields that are wanted.
    """

    names: set[str] = field(default_factory=set)
    homes: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    foreign: bool = True
    closed: bool = True
    fields: dict[str, set[str]] = field(default_factory=dict)

    @cached_property
    def wanted(self) -> set[str]:
        """Root names that what a process learns can be meant by."""
        own = {name for name in _LEARNT if not any(home.startswith(f"{name}.") for home in self.homes)}
        names = self.names - (GIVEN - own if self.foreign else GIVEN)
        return names if self.foreign else names - self.written


def groups_of(
    models: Mapping[str, ProcessModel],
    forms: Forms,
    tables: Mapping[str, DecisionModel],
    reads: Mapping[str, Iterable[Read]],
) -> list[tuple[list[str], Group]]:
    """Return the processes that call each other, by their keys, and what they read.

    forms: form key → form, of this deployment. tables: decision id → file. reads: process key → what its expressions read.
    """
    fields = roots_of(models.values(), forms)
    found = []
    for keys in _together(models):
        group = _read_group([models[key] for key in keys], tables, reads)
        group.fields = {key: names & group.wanted for key, names in fields.items()}
        found.append((keys, group))
    return found


def give_own_names(
    models: Mapping[str, ProcessModel],
    groups: Iterable[tuple[Iterable[str], Group]],
    report: Callable[[str], Report],
) -> dict[str, ProcessModel]:
    """Return the models with `Node.spread` set; each form's answers that are spread are told by the task's id.

    report: file name → where findings of it go.
    """
    found = dict(models)
    for keys, group in groups:
        for key in keys:
            model = models[key]

            def change(node: Node, model: ProcessModel = model, group: Group = group) -> Node:
                names = node.spread or spread_of(group, model, node)
                if names and any(key in group.fields for key in form_keys(model, node)):
                    _tell(report(model.file), node, names)
                return replace(node, spread=names)

            found[key] = replace(model, body=rewritten(model.body, change))
    return found


def spread_of(group: Group, model: ProcessModel, node: Node) -> tuple[str, ...]:
    """Return which entries of what a node learns are variables of their own names too."""
    own_output = {item.target.partition(".")[0] for item in node.outputs}
    keys = [key for key in form_keys(model, node) if key in group.fields]
    if keys:
        if group.foreign and not group.closed and not node.outputs:
            return EVERY_ENTRY
        if f"form.{node.id}" in group.homes:
            return ()
        return tuple(sorted(set[str]().union(*(group.fields[key] for key in keys)) - own_output))
    if not group.foreign or node.outputs or node.result or not learns(node):
        return ()
    if group.closed and len(group.wanted) <= _KEPT:
        return tuple(sorted(group.wanted))
    return EVERY_ENTRY


def learns(node: Node) -> bool:
    """Tell whether something comes to a node from outside that no file of the deployment describes."""
    if node.kind in ("userTask", "startEvent") or node.operation is not None:
        return True
    catches = node.kind in ("receiveTask", "intermediateCatchEvent", "boundaryEvent")
    return (node.kind in ("serviceTask", "sendTask", "businessRuleTask") and node.event is None) or (
        catches and node.event is not None and node.event.kind in ("message", "signal")
    )


def rewritten(body: Body, change: Change) -> Body:
    """Return a body with every node changed, those of its sub-processes too."""
    nodes = (change(node) for node in body.nodes)
    return replace(
        body,
        nodes=tuple(
            node if node.body is None else replace(node, body=rewritten(node.body, change)) for node in nodes
        ),
    )


def _together(models: Mapping[str, ProcessModel]) -> Iterator[list[str]]:
    """Yield the keys of processes that call each other, directly or through others."""
    beside: dict[str, set[str]] = {key: set() for key in models}
    for key, model in models.items():
        for node in nodes_of(model.body):
            if node.call is not None and node.call.process in models:
                beside[key].add(node.call.process)
                beside[node.call.process].add(key)
    seen: set[str] = set()
    for first in models:
        found, waiting = [], [first]
        while waiting:
            key = waiting.pop()
            if key not in seen:
                seen.add(key)
                found.append(key)
                waiting += beside[key]
        if found:
            yield found


def _read_group(
    models: list[ProcessModel],
    tables: Mapping[str, DecisionModel],
    reads: Mapping[str, Iterable[Read]],
) -> Group:
    group, ids, paths = Group(), set[str](), set[str]()
    keys = {model.key for model in models}
    for model in models:
        for read in reads.get(model.key, ()):
            group.names |= read.names | read.builtins
            paths |= read.paths
        for decision in asked(model, tables):
            paths |= decision.paths
        for node in nodes_of(model.body):
            ids.add(node.id)
            for target in targets_of_node(node):
                home, _, rest = target.partition(".")
                group.written.add(home)
                if home in _LEARNT:
                    ids.add(rest.partition(".")[0])
            if node.call is not None and node.call.process not in keys:
                group.closed = False
            if node.decision is not None and node.decision.decision not in tables:
                group.closed = False
    group.names |= {path.partition(".")[0] for path in paths}
    for path in paths:
        home, _, rest = path.partition(".")
        entry = rest.partition(".")[0]
        if rest and home in HOMES and (home not in _LEARNT or home == "form" or entry in ids):
            group.homes.add(f"{home}.{entry}")
    group.foreign = not group.homes and not group.names & (RESERVED | {"loop"})
    return group


def _tell(report: Report, node: Node, names: tuple[str, ...]) -> None:
    place = place_of_node(node)
    listed = ", ".join(names[:_MORE]) + (" …" if len(names) > _MORE else "")
    every = names == EVERY_ENTRY
    report.note(
        "own-names",
        place,
        (f"All answers of {place:en} become" if every else f"The answers {listed} of {place:en} become")
        + " variables of their own names too, as expressions here read them so; they are kept under "
        f"{'case' if node.kind == 'startEvent' else f'form.{node.id}'} as well.",
        (f"{place:zh}的所有回答" if every else f"{place:zh}的回答 {listed} ")
        + f"也会成为同名变量，因为表达式这样读取；同时保存在 "
        f"{'case' if node.kind == 'startEvent' else f'form.{node.id}'} 下。",
    )
