"""One walk of one process: from a start to rest, and on from there with samples, until it is over or nothing is left to do."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from engine.clock import FrozenClock
from engine.dialect.binding import nodes_of
from engine.dialect.model import Body, Flow, Node, ProcessModel, is_generated
from engine.spiff.build import build
from engine.spiff.run import Run
from engine.spiff.specs.events import SENT, raise_code
from engine.spiff.specs.gateways import at_join
from engine.spiff.specs.scopes import MAX_DEPTH
from engine.spiff.state import forget_dead_forks
from engine.spiff.workflow import Instance
from engine.trial.guessing import Guesses, Guessing, Unheard
from engine.trial.samples import Samples

BEGINNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
MOST_ACTIONS = 200
"""People's answers, events and results one walk brings."""
MOST_STEPS = 20_000
"""Automatic steps after which no further answer, event or walk is begun."""
MOST_LIVE = 5_000
"""Tokens on their way at a time: more is a process that splits without end."""
LOOKED_BACK = 2_000
"""Lines of the journal in which the elements of an endless loop are looked for."""
MOST_NAMED = 8

NOT_COMING = frozenset({"error", "escalation", "compensation", "cancel"})
"""What only comes out of the process itself."""

SKIPPED = build(
    ProcessModel(
        key="",
        name="",
        file="",
        body=Body((Node("start", "startEvent"), Node("end", "endEvent")), (Flow("flow", "start", "end"),)),
    )
)
"""Stands for a called process that is not at hand."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a trial is given: compiled models by key, samples by path, the names of FEEL's additional functions."""

    models: Mapping[str, ProcessModel]
    samples: Samples = field(default_factory=lambda: Samples({}))
    functions: tuple[str, ...] = ()
    spent: Callable[[], float] = lambda: 0.0
    """Seconds the trial has taken so far."""
    seconds: float = 1.0
    """After which nothing new is begun: a trial that has seen enough ends by itself, long before it is killed."""

    def tired(self, steps: int) -> bool:
        """Tell whether nothing new is to be begun."""
        return steps > MOST_STEPS or self.spent() > self.seconds


@dataclass(slots=True)
class End:
    """How a walk ended.

    kind: over; resting (it waits for what only a person with a reason brings, or for an incident); moving (it still moved
    after MOST_ACTIONS); dead (nothing moves and nothing waits); loop, depth or crowd (it goes on for ever, calls itself for
    ever, fills the memory). elements: where. incidents: (element, kind, sentence, sentence in Chinese) of what failed.
    """

    kind: str
    elements: list[str] = field(default_factory=list)
    guesses: Guesses = field(default_factory=Guesses)
    incidents: list[tuple[str, str, str, str]] = field(default_factory=list)
    steps: int = 0


class Ready(deque[Any]):
    """The runtime's queue of tokens that may run; it says where the next one is, so that a killed child is known by it."""

    def __init__(self, at: Callable[[str], None]) -> None:
        super().__init__()
        self.at = at

    def popleft(self) -> Any:
        token = super().popleft()
        self.at(token.task_spec.bpmn_id)
        return token


class Walk:
    """An instance in memory and who plays everybody around it."""

    def __init__(
        self,
        errand: Errand,
        specs: Mapping[str, Any],
        key: str,
        offsets: Mapping[str, int],
        at: Callable[[str], None],
    ) -> None:
        self.errand = errand
        self.specs = specs
        self.clock = FrozenClock(BEGINNING)
        self.guesses = Guesses(offsets)
        learnt = {
            name
            for model in errand.models.values()
            for node in nodes_of(model.body)
            if node.kind != "startEvent"  # nobody fills in its form in a trial
            for name in node.spread
        }
        self.done: Counter[str] = Counter()
        self.undisturbed: set[tuple[str, UUID]] = set()
        """Activities, and the repeated ones around them, whose other items go on as the first did: what could happen
        instead was not chosen, and does not happen to the second item either."""
        self.steps = 0
        numbers = iter(range(1, 1 << 62))
        case = errand.samples.at("case")
        self.run = Run(
            evaluator=Guessing(self.clock, errand.functions, self.guesses, at, learnt),
            outside=lambda: {"case": case, "clock": {"now": self.clock.now().isoformat()}},
            decide=lambda definition, call, variables, tell: (self.decided(tell, call), {}),
            callee=lambda definition, call: (call.process, specs.get(call.process, SKIPPED)),
            new_id=lambda: UUID(int=next(numbers)),
            now=self.clock.now,
            warned=Unheard(),
        )
        self.instance = Instance(specs[key], key, self.run)
        self.instance.ready = Ready(at)

    def decided(self, tell: Any, call: Any) -> Any:
        """Return a sample of what a business rule task's table says."""
        return self.errand.samples.at(call.result or f"decision.{tell.token.task_spec.bpmn_id}")

    def go(self, start: str) -> End:
        """Walk from a start to the end of the walk."""
        self.instance.begin(start)
        self.instance.run_to_rest()
        for _ in range(MOST_ACTIONS):
            if (end := self.ended()) is not None:
                return end
            action = self.next_action()
            if action is None:
                return self.rested()
            self.steps += self.run.steps
            if self.errand.tired(self.steps):
                break
            self.run.steps = self.run.made = 0
            action()
            self.instance.run_to_rest()
            forget_dead_forks(self.instance)  # as saving does between two actions
        return self.ended() or self.end("moving")

    def end(self, kind: str, elements: Iterator[str] | list[str] = ()) -> End:  # type: ignore[assignment]
        shown = list(dict.fromkeys(one for one in elements if not is_generated(one)))[:MOST_NAMED]
        incidents = [(one.activity_id, one.kind, one.message, one.message_zh) for one in self.run.held]
        return End(kind, shown, self.guesses, incidents, self.steps + self.run.steps)

    def ended(self) -> End | None:
        """Say whether the walk is over, or can only go wrong from here."""
        if any(one.kind == "loop" for one in self.run.held):
            return self.end("loop", self.circle())
        deep = [one for one in self.live() if one.workflow.depth >= MAX_DEPTH]
        if any(one.kind == "call" for one in self.run.held) and deep:
            return self.end("depth", self.way_to(deep[0]))
        if self.instance.completed:
            return self.end("over")
        live = self.live()
        if len(live) > MOST_LIVE:
            return self.end(
                "crowd", [name for name, _ in Counter(t.task_spec.bpmn_id for t in live).most_common(3)]
            )
        return None

    def live(self) -> list[Any]:
        """Return the tokens on their way, in every open scope."""
        return [
            token for scope in self.instance.scopes() for token in scope.live_tokens() if not token.at_border
        ]

    def circle(self) -> list[str]:
        """Return the elements the last steps went through again and again."""
        last = [
            one.activity_id for one in self.run.journal[-LOOKED_BACK:] if one.kind == "activity_completed"
        ]
        counted = Counter(last)
        often = max(counted.values(), default=0)
        found = [name for name in dict.fromkeys(last) if counted[name] * 4 > often]
        circular = {
            name
            for spec in self.specs.values()
            for process in inside(spec)
            for name in circular_nodes(process)
        }
        return [name for name in found if name in circular] or found

    def way_to(self, token: Any) -> list[str]:
        """Return the activities that are open around a token, the innermost ones."""
        names = [token.task_spec.bpmn_id]
        scope = token.workflow
        while scope is not self.instance and len(names) < 4 * MOST_NAMED:
            names.append(scope.parent.task_spec.bpmn_id)
            scope = scope.parent.workflow
        return names

    def rested(self) -> End:
        """Nothing is left to do: tell rest from death."""
        live = self.live()
        if any("held" in token.internal_data for token in live):
            return self.end("resting")
        if any(token.task_spec.waits_for and token.waits for token in live):
            return self.end("resting")
        return self.end("dead", [token.task_spec.bpmn_id for token in live if at_join(token)])

    # -- what happens next ----------------------------------------------------------------------------------------

    def next_action(self) -> Callable[[], object] | None:
        """Return what somebody does next: at the place that has had its turn least often, the oldest first."""
        found = [(token, act) for token in self.live() if (act := self.action(token)) is not None]
        if not found:
            return None
        token, act = min(found, key=lambda one: self.done[one[0].task_spec.bpmn_id])
        self.done[token.task_spec.bpmn_id] += 1
        own = token.task_spec.bpmn_id
        box = repeated_around(token, self.instance)
        rivals = {} if box is not None and (own, box.id) in self.undisturbed else self.rivals(token)
        if not rivals:
            return act
        options = {own: act, **rivals}
        chosen = self.guesses.choose(f"event:{own}", list(options))
        if chosen == own and box is not None:
            self.undisturbed.add((own, box.id))
        return options[chosen]

    def action(self, token: Any) -> Callable[[], object] | None:
        """Return what brings a resting token on, or None."""
        spec = token.task_spec
        if "held" in token.internal_data:
            return None
        if spec.manual:
            return partial(spec.finish, token, self.answers(spec.bpmn_id))
        if spec.operates and token.works:
            return partial(spec.finish, token, {})
        if token.waits and spec.waits_for and spec.waits_for not in NOT_COMING:
            return partial(self.catch, token)
        return None

    def answers(self, activity_id: str) -> Mapping[str, Any]:
        found = self.errand.samples.at(f"form.{activity_id}")
        return found if isinstance(found, Mapping) else {}

    def catch(self, token: Any) -> None:
        """Let the awaited event come; a timer's instant is then now."""
        due = token.internal_data.get("due")
        if due is not None:
            wait = datetime.fromisoformat(due) - self.clock.now()
            self.clock.advance(max(wait, wait - wait))
        token.task_spec.catch(token, {} if token.task_spec.waits_for in SENT else None)

    def rivals(self, token: Any) -> dict[str, Callable[[], object]]:
        """Return what could happen instead, by element: another event of the gateway, or an event at a border around it."""
        found: dict[str, Callable[[], object]] = {}
        gate = token.internal_data.get("gate")
        for other in token.workflow.live_tokens() if gate else ():
            if other is not token and other.internal_data.get("gate") == gate:
                found[other.task_spec.bpmn_id] = partial(self.catch, other)
        host = token
        while host is not None:
            around = [] if "item" in host.internal_data else host.workflow.task_tree.children
            for child in (*host.children, *around):
                if child is None or not child.at_border or not child.waits:
                    continue
                spec = child.task_spec
                if spec.waits_for == "error" and host is token and spec.bpmn_id and token.task_spec.operates:
                    code = spec.event.code or "sample"
                    found[spec.bpmn_id] = partial(raise_code, token, "error", code)
                elif spec.waits_for not in NOT_COMING:
                    found[spec.bpmn_id] = partial(self.catch, child)
            if "item" in host.internal_data:
                host = host.parent
            else:
                host = host.workflow.parent if host.workflow is not self.instance else None
        return found


def repeated_around(token: Any, instance: Instance) -> Any:
    """Return the token of the outermost repeated activity a token is an item of, or is inside an item of; or None."""
    found = None
    host = token
    while host is not None:
        if "item" in host.internal_data:
            found = host = host.parent
        else:
            host = host.workflow.parent if host.workflow is not instance else None
    return found


def inside(process: Any) -> Iterator[Any]:
    """Yield a process's spec and those of the sub-processes in it."""
    yield process
    for spec in process.task_specs.values():
        inner = getattr(spec, "inside", None) or getattr(getattr(spec, "item_spec", None), "inside", None)
        if inner is not None:
            yield from inside(inner)


def circular_nodes(process: Any) -> Iterator[str]:
    """Yield the nodes of a process or sub-process from which its flows lead back to themselves."""
    onward = {
        name: [flow.target for flow in spec.flows]
        for name, spec in process.task_specs.items()
        if hasattr(spec, "flows")
    }
    for name, ways in onward.items():
        seen: set[str] = set()
        waiting = list(ways)
        while waiting and name not in seen:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += onward.get(one, ())
        if name in seen:
            yield name
