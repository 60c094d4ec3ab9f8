"""Random small drawings, structured or not: what is said of their runs is what the engine does with them."""

from __future__ import annotations

import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import FrozenClock
from engine.dialect.model import Body, EventDefinition, Flow, Node, ProcessModel
from engine.dialect.soundness.game import Effort, Played, Trouble, play
from engine.dialect.soundness.net import Inside, Net
from engine.spiff.build import build
from engine.spiff.run import Run
from engine.spiff.specs.gateways import InclusiveSpec, at_join
from engine.spiff.workflow import Instance
from engine.trial.guessing import Unheard

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
MESSAGE = EventDefinition(kind="message", name="news")
INSIDE = Inside(lambda node: True, lambda code: "")
MOST_ACTIONS = 60


def drawing(chance: random.Random, *, inclusive: bool) -> Body:
    """Draw nodes in a row, each with a flow from somewhere before it, and some flows more, also back."""
    kinds = ["user", "user", "exclusiveGateway", "parallelGateway"]
    kinds += ["inclusiveGateway", "parallelGateway"] if inclusive else []
    nodes = [Node("s", "startEvent")]
    ways: dict[str, list[str]] = defaultdict(list)
    for number in range(chance.randint(3, 8)):
        kind = chance.choice(kinds)
        name = f"{kind[0]}{number}"
        open_nodes = [n for n in nodes if n.kind.endswith("Gateway") or not ways[n.id]]
        source = chance.choice(open_nodes[-4:])
        ways[source.id].append(name)
        nodes.append(Node(name, "userTask" if kind == "user" else kind))
        if kind == "user" and chance.random() < 0.3:
            border = Node(
                f"b{number}",
                "boundaryEvent",
                event=MESSAGE,
                attached_to=name,
                interrupting=chance.random() < 0.6,
            )
            nodes.append(border)
    for node in list(nodes):
        gateway = node.kind.endswith("Gateway")
        if not ways[node.id] or (gateway and chance.random() < 0.5):
            targets = [
                n.id for n in nodes if n.kind not in ("startEvent", "boundaryEvent") and n.id != node.id
            ]
            later = targets[len(targets) // 2 :] or targets
            target = chance.choice(later if chance.random() < 0.75 else targets)
            if target not in ways[node.id]:
                ways[node.id].append(target if chance.random() < 0.7 else "e")
    nodes.append(
        Node("e", "endEvent", event=EventDefinition(kind="terminate") if chance.random() < 0.1 else None)
    )
    flows = []
    for node in nodes:
        for number, target in enumerate(dict.fromkeys(ways[node.id])):
            decides = node.kind in ("exclusiveGateway", "inclusiveGateway") and len(ways[node.id]) > 1
            flows.append(Flow(f"{node.id}_{number}", node.id, target, condition="c" if decides else None))
    return Body(tuple(nodes), tuple(flows))


class Chooser:
    """Says which conditions hold, per token of a gateway; everything else it does not have to know."""

    def __init__(self, choose: Callable[[Any], tuple[str, ...]]) -> None:
        self.choose = choose
        self.chosen: dict[UUID, tuple[str, ...]] = {}

    def condition(self, feel: str, variables: Mapping[str, Any], tell: Any) -> bool:
        token = tell.token
        if token.id not in self.chosen:
            self.chosen[token.id] = self.choose(token.task_spec)
        return tell.of in self.chosen[token.id]


def begun(body: Body, choose: Callable[[Any], tuple[str, ...]]) -> Instance:
    numbers = iter(range(1, 1 << 62))
    run = Run(
        evaluator=Chooser(choose),  # type: ignore[arg-type]
        outside=dict,
        decide=lambda *asked: (None, {}),
        callee=lambda *asked: ("", None),
        new_id=lambda: UUID(int=next(numbers)),
        now=FrozenClock(NOW).now,
        warned=Unheard(),
    )
    instance = Instance(build(ProcessModel("p", "p", "p.bpmn", body)), "p", run)
    instance.begin("s")
    instance.run_to_rest()
    return instance


def is_dead(instance: Instance) -> bool:
    live = [token for token in instance.live_tokens() if not token.at_border]
    return not instance.completed and bool(live) and all(at_join(token) for token in live)


def act(instance: Instance, name: str, event: str = "") -> bool:
    """Complete a user task, or let an event happen at its border; tell whether its token was there."""
    for token in instance.live_tokens():
        if token.task_spec.bpmn_id == name and token.task_spec.manual:
            if not event:
                token.task_spec.finish(token, {})
            else:
                border = [
                    one
                    for one in token.children
                    if one is not None and one.task_spec.bpmn_id == event and one.live
                ]
                if not border:
                    return False
                border[0].task_spec.catch(border[0], {})
            instance.run_to_rest()
            return True
    return False


def walk_at_random(body: Body, chance: random.Random) -> tuple[str, ...]:
    """Walk until nothing is left to do; return what was met: dead, and twice if an activity had two tokens at once."""

    def choose(spec: Any) -> tuple[str, ...]:
        flows = [flow.id for flow in spec.flows]
        if isinstance(spec, InclusiveSpec):
            return tuple(chance.sample(flows, chance.randint(1, len(flows))))
        return (chance.choice(flows),)

    instance = begun(body, choose)
    net = Net(body, ["s"], INSIDE)
    order = {node.id: number for number, node in enumerate(body.nodes)}
    goes_back = any(order[flow.target] <= order[flow.source] for flow in body.flows)
    own_ways = {
        name for node in body.nodes if node.attached_to and not node.interrupting for name in net.beside(node)
    }
    met: list[str] = []
    events: Counter[UUID] = Counter()
    for _ in range(MOST_ACTIONS):
        if is_dead(instance):
            return (*met, "dead")
        waiting = [token for token in instance.live_tokens() if token.task_spec.manual]
        counts = Counter(
            token.task_spec.bpmn_id for token in waiting if token.task_spec.bpmn_id not in own_ways
        )
        # On ways back two may miss each other by the order in which the runs are played.
        if counts and max(counts.values()) > 1 and not goes_back:
            met.append("twice")
            return tuple(met)
        if not waiting or instance.stopped:
            break
        token = chance.choice(waiting)
        borders = [one for one in token.children if one is not None and one.live]
        if borders and chance.random() < 0.4 and not events[token.id]:
            events[token.id] += 1
            act(instance, token.task_spec.bpmn_id, chance.choice(borders).task_spec.bpmn_id)
        else:
            act(instance, token.task_spec.bpmn_id)
    return tuple(met)


def replayed(body: Body, trouble: Trouble) -> Instance:
    """Let the engine go the steps of a trouble: the same choices, tasks and events."""
    choices: dict[str, deque[tuple[str, ...]]] = defaultdict(deque)
    for _, move, _ in trouble.steps:
        if move.event is None and len(move.flows) and move.options > 1:
            choices[move.node.id].append(tuple(flow.id for flow in move.flows))
    instance = begun(body, lambda spec: choices[spec.bpmn_id].popleft() if choices[spec.bpmn_id] else ())
    for _, move, _ in trouble.steps:
        if move.node.kind == "userTask":
            assert act(instance, move.node.id, move.event.id if move.event is not None else "")
    return instance


def played(body: Body) -> Played:
    return play(Net(body, ["s"], INSIDE), Effort())


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 1 << 32), inclusive=st.booleans())
def test_what_is_called_sound_never_stops(seed: int, inclusive: bool) -> None:
    chance = random.Random(seed)
    body = drawing(chance, inclusive=inclusive)
    found = played(body)
    if not found.whole or found.troubles:
        return
    for _ in range(4):
        assert walk_at_random(body, chance) == (), body


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_a_walk_into_a_standstill_is_one_in_the_engine_too(seed: int) -> None:
    body = drawing(random.Random(seed), inclusive=False)
    for (kind, name), trouble in played(body).troubles.items():
        if kind == "starves":
            instance = replayed(body, trouble)
            assert is_dead(instance), (name, body, trouble.steps)
            assert any(token.task_spec.bpmn_id == name for token in instance.live_tokens())


@pytest.mark.parametrize("inclusive", [False, True])
def test_the_drawings_are_of_every_sort(inclusive: bool) -> None:
    """What is compared above is not always the same answer."""
    kinds: Counter[str] = Counter()
    for seed in range(200):
        found = played(drawing(random.Random(seed), inclusive=inclusive))
        kinds.update({kind for kind, _ in found.troubles} or {"sound"})
    assert min(kinds[kind] for kind in ("sound", "starves", "again")) > 10, kinds
