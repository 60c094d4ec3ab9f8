"""Applies bindings: what a process owner chose for each need of a diagram becomes part of the model that runs.

A binding is a text per need. An operation or a listener is bound to the name of an operation or to "nothing", a callee
to the key of a process ("key": the version newest when it is entered, "key:3": that one), a decision to its id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.dialect.listening import Listening, Moments
from engine.dialect.model import (
    NOTHING,
    Binding,
    Body,
    Call,
    DecisionCall,
    EventDefinition,
    Need,
    Node,
    ProcessModel,
)


def bound(model: ProcessModel, targets: Mapping[str, str]) -> ProcessModel:
    """Return the model with what its needs are bound to; a need without a target stays one.

    targets: need key → target. Pure; the targets have been checked (`engine.binding` refuses wrong ones).
    """
    if not model.needs:
        return model
    chosen = {need.key: (need, targets[need.key]) for need in model.needs if need.key in targets}
    nodes = {need.element: (need, target) for need, target in chosen.values() if need.kind != "listener"}
    moments = Moments(model)
    called: dict[str, list[tuple[Need, str]]] = defaultdict(list)
    for need, target in chosen.values():
        if need.kind == "listener" and target != NOTHING and moments.runs(need):
            called[need.element].append((need, target))
    body = _applied(model.body, nodes) if nodes else model.body
    return replace(
        model,
        body=Listening(model.key, called).inside(body) if called else body,
        needs=tuple(need for need in model.needs if need.key not in chosen),
    )


def split_version(target: str) -> tuple[str, int | None]:
    """Return the process key and the version a target names; no version means the newest when it is entered."""
    key, _, version = target.partition(":")
    return key, int(version) if version.isdecimal() and len(version) < 10 else None


def may_be_nothing(need: Need) -> bool:
    """Tell whether a need may be bound to nothing: only what runs beside the flow may be left out."""
    return need.kind in ("operation", "listener")


def nodes_of(body: Body) -> Iterator[Node]:
    """Yield every node of a body, those of its sub-processes included."""
    for node in body.nodes:
        yield node
        if node.body is not None:
            yield from nodes_of(node.body)


def _applied(body: Body, chosen: Mapping[str, tuple[Need, str]]) -> Body:
    return replace(body, nodes=tuple(_node(node, chosen) for node in body.nodes))


def _node(node: Node, chosen: Mapping[str, tuple[Need, str]]) -> Node:
    if node.body is not None:
        node = replace(node, body=_applied(node.body, chosen))
    if node.id not in chosen:
        return node
    need, target = chosen[node.id]
    if need.kind == "process":
        key, version = split_version(target)
        binding = Binding("latest") if version is None else Binding("version", str(version))
        return replace(node, call=replace(node.call or Call(key), process=key, binding=binding))
    if need.kind == "decision":
        decision = node.decision or DecisionCall(target, result=f"decision.{node.id}")
        return replace(node, decision=replace(decision, decision=target, binding=Binding()), operation=None)
    if target != NOTHING:
        return replace(node, operation=target)
    # Nothing answers, so only what does not depend on an answer is still written; an event throws nothing.
    literal = tuple(item for item in node.outputs if item.value.feel is None)
    event = EventDefinition() if node.event is not None else None
    return replace(node, operation=NOTHING, event=event, inputs=(), outputs=literal)
