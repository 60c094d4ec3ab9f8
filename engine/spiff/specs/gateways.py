"""Gateways: one way, all ways, the ways that hold; and waiting for the others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.dialect.model import Flow, Node
from engine.spiff.run import ActivityFailed
from engine.spiff.specs.base import NodeSpec, ProcessSpec, take
from engine.spiff.task import Token
from engine.spiff.workflow import join_lineage


class ChoosingSpec(NodeSpec):
    """Base of gateways that evaluate conditions; the choice is made before anything moves."""

    def _run_hook(self, my_task: Token) -> bool | None:
        my_task.internal_data["chosen"] = [flow.id for flow in self.choose(my_task)]
        return True

    def choose(self, my_task: Token) -> list[Flow]:
        raise ActivityFailed(
            "condition",
            f"'{self.bpmn_id}' does not say how to choose.",
            f"“{self.bpmn_id}”没有说明如何选择。",
        )

    def chosen_flows(self, my_task: Token) -> list[Flow]:
        chosen = my_task.internal_data.get("chosen", [])
        return [flow for flow in self.flows if flow.id in chosen]

    def holding(self, my_task: Token, *, first_only: bool) -> list[Flow]:
        """Return the flows whose condition holds, else the default flow. Raises ActivityFailed when there is none."""
        if len(self.flows) <= 1 and all(flow.condition is None for flow in self.flows):
            return self.flows
        view = my_task.workflow.view(my_task)
        run = my_task.workflow.top_workflow.run
        found: list[Flow] = []
        for flow in self.flows:
            if flow.id == self.node.default_flow:
                continue
            if flow.condition is None or run.evaluator.condition(
                flow.condition, view, run.warned.by(my_task, "condition", flow.id, flow.name)
            ):
                found.append(flow)
                if first_only:
                    break
        if not found:
            found = [flow for flow in self.flows if flow.id == self.node.default_flow]
        if not found:
            raise ActivityFailed(
                "condition",
                f"No way out of '{self.bpmn_id}' ({self.bpmn_name}): no condition holds and there is no default flow.",
                f"“{self.bpmn_name or self.bpmn_id}”（{self.bpmn_id}）没有出路：条件都不成立，也没有默认顺序流。",
            )
        return found


class ExclusiveSpec(ChoosingSpec):
    """Exclusive gateway: the first flow, in document order, whose condition holds."""

    def choose(self, my_task: Token) -> list[Flow]:
        return self.holding(my_task, first_only=True)


class ParallelSpec(NodeSpec):
    """Parallel gateway: opens when one token waits on every incoming flow, consumes one of each."""

    def _update_hook(self, my_task: Token) -> bool:
        if len(self.incoming) <= 1:
            return True
        my_task._set_state(TaskState.WAITING)
        waiting: dict[str, Token] = {}
        for token in my_task.workflow.tasks.values():
            if token.task_spec is self and token._state == TaskState.WAITING:
                waiting.setdefault(token.internal_data["via"], token)
        if len(waiting) < len(self.incoming):
            return False
        merge(my_task, list(waiting.values()))
        return True


class InclusiveSpec(ChoosingSpec):
    """Inclusive gateway: joins once no token on its way can still reach an empty incoming flow (BPMN 2.0 §13.4.3)."""

    def __init__(self, process: ProcessSpec, node: Node) -> None:
        super().__init__(process, node)
        self.process = process

    @cached_property
    def sources(self) -> dict[str, frozenset[str]]:
        """Per incoming flow: the nodes from which it can be reached without passing this gateway.

        Found out when a token first waits here: most joins of a large diagram are never met by most instances.
        """
        return {flow.id: reaching(self.process, flow, self) for flow in self.incoming}

    @cached_property
    def sources_ahead(self) -> dict[str, frozenset[str]]:
        """The same without going back: who can reach an incoming flow in this round of every loop."""
        back = ways_back(self.process)
        return {
            flow.id: frozenset() if flow.id in back else reaching(self.process, flow, self, back)
            for flow in self.incoming
        }

    def choose(self, my_task: Token) -> list[Flow]:
        return self.holding(my_task, first_only=False)

    def _update_hook(self, my_task: Token) -> bool:
        if len(self.incoming) <= 1:
            return True
        my_task._set_state(TaskState.WAITING)
        return False

    def waiting(self, scope: Any) -> list[Token]:
        """Return the tokens that wait here, oldest first."""
        return [t for t in scope.tasks.values() if t.task_spec is self and t._state == TaskState.WAITING]

    def awaited(self, scope: Any, waiting: list[Token]) -> list[Token]:
        """Return the tokens on their way that the waiting ones have to wait for."""
        filled = {token.internal_data["via"] for token in waiting}
        with_token = frozenset().union(*(self.sources[flow] for flow in filled))
        empty = [self.sources[flow.id] for flow in self.incoming if flow.id not in filled]
        found = []
        for token in scope.tasks.values():
            name = token.task_spec.node.id
            on_its_way = token.live and token.task_spec is not self and not token.at_border
            if on_its_way and name not in with_token and any(name in sources for sources in empty):
                found.append(token)
        return found

    def awaits_ahead(self, scope: Any, waiting: list[Token]) -> bool:
        """Tell whether somebody the waiting tokens wait for can come without going back."""
        filled = {token.internal_data["via"] for token in waiting}
        ahead = [self.sources_ahead[flow.id] for flow in self.incoming if flow.id not in filled]
        return any(
            token.task_spec.node.id in sources for token in self.awaited(scope, waiting) for sources in ahead
        )

    def try_open(self, scope: Any) -> bool:
        """Join the waiting tokens if nobody else can still arrive; tell whether it opened."""
        waiting = self.waiting(scope)
        if not waiting or self.awaited(scope, waiting):
            return False
        self.open(waiting)
        return True

    def open(self, waiting: list[Token]) -> None:
        """Consume the oldest waiting token of each incoming flow and go on with one."""
        first: dict[str, Token] = {}
        for token in waiting:
            first.setdefault(token.internal_data["via"], token)
        survivor = next(reversed(first.values()))
        merge(survivor, list(first.values()))
        survivor._ready()

    @staticmethod
    def open_circle(scope: Any) -> bool:
        """Open one of the inclusive joins that wait for nothing but each other; tell whether there was such a circle.

        BPMN 2.0 §13.4.3 lets joins on a common way back wait for each other for ever. One that waits only for what would
        come in another round goes first; of several, the one that was reached last is the innermost round.
        """
        circle: dict[InclusiveSpec, list[Token]] = {
            spec: spec.waiting(scope) for spec in scope.spec.inclusive_joins
        }
        circle = {spec: tokens for spec, tokens in circle.items() if tokens}
        # A token at a parallel join waits for another one: where nothing else is on its way, it is in the circle too.
        resting = all(at_join(token) for token in scope.live_tokens() if not token.at_border)
        while circle:
            free = [
                spec
                for spec, tokens in circle.items()
                if any(
                    token.task_spec not in circle and not (resting and at_join(token))
                    for token in spec.awaited(scope, tokens)
                )
            ]
            if not free:
                order = {token.id: place for place, token in enumerate(scope.tasks.values())}
                first = [spec for spec, tokens in circle.items() if not spec.awaits_ahead(scope, tokens)]
                last = max(first or circle, key=lambda spec: max(order[token.id] for token in circle[spec]))
                last.open(circle[last])
                return True
            for spec in free:
                del circle[spec]
        return False


class EventGatewaySpec(NodeSpec):
    """Event-based gateway: all its events wait; the first to happen wins, the others stop waiting."""

    def send_along(self, my_task: Token, flows: list[Flow]) -> None:
        scope = my_task.workflow
        children = []
        for flow in flows:
            child = my_task._add_child(scope.spec.task_specs[flow.target])
            child.internal_data.update(via=flow.id, gate=str(my_task.id))
            children.append(child)
        for child in children:
            child.task_spec._update(child)


def at_join(token: Token) -> bool:
    """Tell whether a token waits for others at a gateway."""
    return token._state == TaskState.WAITING and isinstance(token.task_spec, ParallelSpec | InclusiveSpec)


def merge(survivor: Token, tokens: list[Token]) -> None:
    """Consume the tokens; the survivor goes on with what they have in common."""
    survivor.set_lineage(join_lineage([survivor, *tokens]))
    for token in tokens:
        if token is not survivor:
            take(token)


def reaching(
    process: ProcessSpec, flow: Flow, gateway: NodeSpec, without: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Return the nodes from which a token can come to this flow without passing the gateway (or the flows `without`)."""
    found: set[str] = set()
    open_nodes = [flow.source]
    while open_nodes:
        name = open_nodes.pop()
        if name in found or name == gateway.name:
            continue
        found.add(name)
        spec = process.task_specs[name]
        open_nodes.extend(incoming.source for incoming in spec.incoming if incoming.id not in without)
        if spec.node.attached_to:
            open_nodes.append(spec.node.attached_to)
    return frozenset(found)


def ways_back(process: ProcessSpec) -> frozenset[str]:
    """Return the flows that lead back to a node on the way to them (the retreating edges of a walk through all nodes)."""
    found: set[str] = set()
    seen: set[str] = set()
    on_way: set[str] = set()
    for start in (*process.starts, *process.entries):
        walk = [] if start in seen else [(start, onward(process, start))]
        seen.add(start)
        on_way.update(name for name, _ in walk)
        while walk:
            name, ways = walk[-1]
            flow, target = next(ways, ("", ""))
            if not target:
                walk.pop()
                on_way.discard(name)
            elif target in on_way:
                found.add(flow)
            elif target not in seen:
                seen.add(target)
                on_way.add(target)
                walk.append((target, onward(process, target)))
    return frozenset(found)


def onward(process: ProcessSpec, name: str) -> Iterator[tuple[str, str]]:
    """Yield what is next to a node: (flow, target), and the events at its border with an empty flow."""
    spec = process.task_specs[name]
    yield from ((flow.id, flow.target) for flow in spec.flows)
    yield from (("", boundary.name) for boundary in spec.boundaries)
