"""Would a join wait for ever? The control flow of one scope is played from its tokens on, over every way they can go.

Tokens stand at nodes, or wait at a join on one of its flows. A gateway chooses freely, an activity may be left by any of its
interrupting events; events that interrupt nothing may never happen, so they are not played. What is found is every way for the
scope to end with somebody waiting at a parallel join. The same ways are looked for from the version's own beginning and in the
version the instance comes from: what would happen to any instance there is no fault of moving this one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any

from engine.dialect.model import EVENT_SUB_PROCESS, Flow
from engine.spiff.specs.base import NodeSpec, ProcessSpec
from engine.spiff.specs.gateways import (
    EventGatewaySpec,
    ExclusiveSpec,
    InclusiveSpec,
    ParallelSpec,
    reaching,
)

MOST_STATES = 2_000
"""How many states of a scope are looked at; the nearest first; of what is beyond, only what the drawing says."""
MOST_MORE = 10
"""How many more tokens than now may be on their way in a state that is looked at."""

_ACTIVITIES = ("task", "activity", "process", "transaction")
"""How the types of activities end; at an event or a gateway nothing is done twice that is not done behind it."""

Place = tuple[str, str]
"""A token: (node, ""), or (join, the flow it waits on)."""
Marking = tuple[Place, ...]
Stuck = tuple[str, frozenset[str]]
"""A parallel join and the flows on which tokens wait there for ever."""


def joins(spec: Any) -> bool:
    """Tell whether tokens wait for each other at a node."""
    return isinstance(spec, ParallelSpec | InclusiveSpec) and len(spec.incoming) > 1


def can_starve(process: ProcessSpec) -> bool:
    """Tell whether a scope has a join at which a token could wait for ever."""
    return any(isinstance(spec, ParallelSpec) and joins(spec) for spec in process.task_specs.values())


def beginning(process: ProcessSpec) -> Iterator[Marking]:
    """Yield the markings a scope begins with."""
    begins: list[tuple[str, ...]] = (
        [(name,) for name in process.starts] if process.starts else [process.entries]
    )
    if len(process.entries) > 1:
        begins.append(process.entries)
    for names in begins:
        yield tuple(sorted((name, "") for name in names))


@lru_cache(maxsize=512)
def control_flow(process: ProcessSpec) -> frozenset[tuple[object, ...]]:
    """Return all that decides how tokens go in a scope: two with the same starve in the same ways."""
    nodes = (
        (name, type(spec), spec.event.kind, spec.node.attached_to, spec.node.interrupting)
        for name, spec in process.task_specs.items()
    )
    flows = (
        (flow.id, flow.source, flow.target) for spec in process.task_specs.values() for flow in spec.flows
    )
    return frozenset((*nodes, *flows))


def starving(process: ProcessSpec, marking: Marking) -> tuple[frozenset[Stuck], bool]:
    """Return every way to end with tokens waiting at parallel joins, and whether all states were looked at."""
    stuck, sure, _ = _played(process, marking)
    return stuck, sure


def meeting(process: ProcessSpec, marking: Marking) -> frozenset[str]:
    """Return the activities at which a second token can arrive while one is there."""
    return _played(process, marking)[2]


@lru_cache(maxsize=4_096)
def _played(process: ProcessSpec, marking: Marking) -> tuple[frozenset[Stuck], bool, frozenset[str]]:
    first = _joined(process, marking)
    seen, open_ones, stuck, sure = {first}, deque([first]), set[Stuck](), True
    twice: set[str] = set()
    while open_ones:
        here = open_ones.popleft()
        twice |= {one[0] for one, other in pairwise(here) if one == other and not one[1]}
        moved = False
        for following in _following(process, here):
            moved = True
            following = _joined(process, following)
            if following in seen:
                continue
            if len(seen) >= MOST_STATES or len(following) > len(first) + MOST_MORE:
                sure = False
                continue
            seen.add(following)
            open_ones.append(following)
        if not moved and here:
            stuck |= _waiting(process, here)
    if not sure:
        stuck |= set(_cut_off(process, first))
    acting = (name for name in twice if process.task_specs[name].bpmn_type.lower().endswith(_ACTIVITIES))
    return frozenset(stuck), sure, frozenset(acting)


def _joined(process: ProcessSpec, marking: Iterable[Place]) -> Marking:
    """Let every parallel join open that can."""
    places = sorted(marking)
    opened = True
    while opened:
        opened = False
        for name in {name for name, flow in places if flow}:
            spec = process.task_specs[name]
            wanted = [(name, flow.id) for flow in spec.incoming]
            if isinstance(spec, ParallelSpec) and all(place in places for place in wanted):
                for place in wanted:
                    places.remove(place)
                places.extend(_put(process, spec.flows))
                opened = True
    return tuple(sorted(places))


def _put(process: ProcessSpec, flows: Iterable[Flow]) -> list[Place]:
    return [(flow.target, flow.id if joins(process.task_specs[flow.target]) else "") for flow in flows]


def _following(process: ProcessSpec, marking: Marking) -> Iterator[Iterable[Place]]:
    """Yield what can come next; joins where nobody else can come open before anything is stuck."""
    moved = False
    for place in dict.fromkeys(marking):
        name, waits = place
        if waits:
            continue
        rest = list(marking)
        rest.remove(place)
        spec = process.task_specs[name]
        moved = True
        if spec.bpmn_type == "endEvent" and spec.event.kind in ("terminate", "error", "cancel"):
            yield ()
            continue
        for flows in _ways(spec):
            yield [*rest, *_put(process, flows)]
        for border in spec.boundaries:
            if border.interrupting:
                yield [*rest, *_put(process, border.flows)]
    inclusive = sorted(
        {name for name, flow in marking if flow and isinstance(process.task_specs[name], InclusiveSpec)}
    )
    ready = [name for name in inclusive if not _awaited(process, marking, name)]
    for name in ready or ([] if moved else inclusive[:1]):
        spec = process.task_specs[name]
        rest = list(marking)
        for flow in spec.incoming:
            if (name, flow.id) in rest:
                rest.remove((name, flow.id))
        for flows in _ways(spec):
            yield [*rest, *_put(process, flows)]


def _ways(spec: NodeSpec) -> Iterator[list[Flow]]:
    """Yield the sets of flows by which a token may leave a node."""
    flows: list[Flow] = spec.flows
    if spec.bpmn_type == EVENT_SUB_PROCESS or not flows:
        yield []
    elif isinstance(spec, ExclusiveSpec | EventGatewaySpec):
        yield from ([flow] for flow in flows)
    elif isinstance(spec, InclusiveSpec) and len(flows) > 1:
        sizes = range(1, len(flows) + 1) if len(flows) <= 4 else (1, 2, len(flows))
        yield from (list(chosen) for size in sizes for chosen in combinations(flows, size))
    else:
        yield flows


def _awaited(process: ProcessSpec, marking: Marking, join: str) -> bool:
    """Tell whether an inclusive join waits for somebody who can still come (see `InclusiveSpec.awaited`)."""
    spec = process.task_specs[join]
    filled = {flow for name, flow in marking if name == join}
    with_token: frozenset[str] = frozenset().union(*(spec.sources[flow] for flow in filled))
    empty = [spec.sources[flow.id] for flow in spec.incoming if flow.id not in filled]
    return any(
        name != join and name not in with_token and any(name in sources for sources in empty)
        for name, _ in marking
    )


def _waiting(process: ProcessSpec, marking: Marking) -> set[Stuck]:
    names = {name for name, flow in marking if flow and isinstance(process.task_specs[name], ParallelSpec)}
    return {(name, frozenset(flow for at, flow in marking if at == name)) for name in names}


def _cut_off(process: ProcessSpec, marking: Marking) -> Iterator[Stuck]:
    """Yield the joins where tokens wait and one of the empty flows is out of everybody's reach."""
    for name, filled in _waiting(process, marking):
        spec = process.task_specs[name]
        for flow in spec.incoming:
            feeding = reaching(process, flow, spec) if flow.id not in filled else None
            if feeding is not None and not any(at in feeding for at, _ in marking if at != name):
                yield name, filled
                break
