"""Builds runnable specs from a compiled process model."""

from __future__ import annotations

from collections.abc import Callable

from engine.dialect.model import (
    EVENT_SUB_PROCESS,
    NOTHING,
    Body,
    Node,
    ProcessModel,
    entered_at,
    start_of,
)
from engine.spiff.specs.activities import DecisionSpec, ListenerSpec, ScriptSpec, UserSpec, WorkSpec
from engine.spiff.specs.base import ITEM, NodeSpec, PassSpec, ProcessSpec
from engine.spiff.specs.events import BoundarySpec, CatchSpec, EndSpec, StartSpec, ThrowSpec, TriggerSpec
from engine.spiff.specs.gateways import EventGatewaySpec, ExclusiveSpec, InclusiveSpec, ParallelSpec
from engine.spiff.specs.repeated import LoopSpec, MultiInstanceSpec
from engine.spiff.specs.scopes import CallSpec, ScopeSpec

SIMPLE: dict[str, Callable[..., NodeSpec]] = {
    "startEvent": StartSpec,
    "task": PassSpec,
    "userTask": UserSpec,
    "manualTask": UserSpec,
    "scriptTask": ScriptSpec,
    "businessRuleTask": DecisionSpec,
    "serviceTask": WorkSpec,
    "sendTask": ThrowSpec,
    "receiveTask": CatchSpec,
    "intermediateCatchEvent": CatchSpec,
    "intermediateThrowEvent": ThrowSpec,
    "boundaryEvent": BoundarySpec,
    "endEvent": EndSpec,
    "callActivity": CallSpec,
    "listener": ListenerSpec,
}
PASSED = ("none", "link")
"""Kinds of intermediate events a token only passes."""
GATEWAYS: dict[str, type[NodeSpec]] = {
    "exclusiveGateway": ExclusiveSpec,
    "parallelGateway": ParallelSpec,
    "inclusiveGateway": InclusiveSpec,
    "eventBasedGateway": EventGatewaySpec,
}


def build(model: ProcessModel) -> ProcessSpec:
    """Return the runnable spec of a compiled process. The model has been checked; nothing here can be refused."""
    process = build_body(model.body, model.key, model.key)
    process.entries = tuple(process.starts[:1])
    process.process_name, process.properties = model.name, dict(model.properties)
    return process


def build_body(body: Body, name: str, process_key: str) -> ProcessSpec:
    """Build a process's or a sub-process's inside."""
    process = ProcessSpec(name, process_key)
    for node in body.nodes:
        add_node(process, node, process_key)
    for flow in body.flows:
        process.task_specs[flow.source].flows.append(flow)
        process.task_specs[flow.target].incoming.append(flow)
    for node in body.nodes:
        if node.kind == EVENT_SUB_PROCESS and node.body is not None:
            TriggerSpec(process, start_of(node.body), process.task_specs[node.id])
        if node.attached_to:
            process.task_specs[node.attached_to].boundaries.append(process.task_specs[node.id])
    starts = [node for node in body.nodes if node.kind == "startEvent"]
    # Whoever starts the process by its key takes the plain start, if there is one.
    starts.sort(key=lambda node: node.event is not None and node.event.kind != "none")
    process.starts = [node.id for node in starts]
    process.entries = entered_at(body)
    for spec in process.task_specs.values():
        if isinstance(spec, InclusiveSpec) and len(spec.incoming) > 1:
            process.inclusive_joins.append(spec)
    return process


def add_node(process: ProcessSpec, node: Node, process_key: str) -> NodeSpec:
    """Add the spec of one node, wrapped if it is repeated."""
    if node.loop is None and node.again is None:
        return make(process, node, process_key, node.id)
    inner = make(process, node, process_key, node.id + ITEM)
    return (LoopSpec if node.loop is None else MultiInstanceSpec)(process, node, inner)


def make(process: ProcessSpec, node: Node, process_key: str, name: str) -> NodeSpec:
    """Make the spec of a node by its kind; an operation turns any task or throwing event into work for a job."""
    if node.kind in GATEWAYS:
        return GATEWAYS[node.kind](process, node)
    if node.body is not None:
        if not entered_at(node.body):
            return PassSpec(process, node, name=name)
        return ScopeSpec(process, node, build_body(node.body, node.id, process_key), name=name)
    kind: Callable[..., NodeSpec] = SIMPLE[node.kind]
    if node.operation and kind is not ListenerSpec:
        kind = PassSpec if node.operation == NOTHING else WorkSpec
    if kind is BoundarySpec:
        return BoundarySpec(process, node)
    if node.event is not None and node.event.kind in PASSED and kind in (CatchSpec, ThrowSpec):
        kind = PassSpec
    return kind(process, node, name=name)
