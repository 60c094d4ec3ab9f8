"""What a trial cannot know it guesses, in turn: which way a gateway goes, which event comes, what an expression gives.

An expression is *open* when it reads something nobody has given yet, or a sample, or what was made from one. Everything
else is evaluated as in earnest: what depends on nothing goes one way only, in a trial as in a case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine.clock import FrozenClock
from engine.dialect.model import Value
from engine.evaluation import FeelEvaluator
from engine.spiff.run import ActivityFailed, TimerPlan
from engine.spiff.specs.gateways import ChoosingSpec, InclusiveSpec
from engine.spiff.warned import Tell, Warned

SAMPLED = frozenset({"case", "clock", "form", "message", "result", "decision"})
"""Homes of what people, tables, operations and messages bring: samples, in a trial."""

DECIDING = frozenset({"collection", "cardinality"})
"""Values on which the way depends: where they are missing it is told."""


@dataclass(slots=True)
class Guesses:
    """The choices of one walk. `offsets` turns a place's first choice away from the natural one; each further visit takes
    the next option, so that no loop is gone round for ever only because of a guess.
    """

    offsets: Mapping[str, int] = field(default_factory=dict)
    options: dict[str, int] = field(default_factory=dict)
    """Place → how many options it has."""
    taken: list[tuple[str, str]] = field(default_factory=list)
    """(place, option), in order. Places are "way:" and a gateway, "event:" and where it may happen, "truth:" and a condition's
    element; an option of "way:" is one flow's id or several, of "event:" an element's id."""
    empty: dict[tuple[str, str], None] = field(default_factory=dict)
    """(element, expression) of what was null for lack of data and decides the way."""
    visits: Counter[str] = field(default_factory=Counter)

    def choose(self, place: str, options: Sequence[str], natural: int = 0) -> str:
        """Return the option this visit takes; natural: the index of what the samples say."""
        self.options[place] = max(len(options), self.options.get(place, 0))
        index = (natural + self.offsets.get(place, 0) + self.visits[place]) % len(options)
        self.visits[place] += 1
        if len(options) > 1:
            self.taken.append((place, options[index]))
        return options[index]


class Watched(Mapping[str, Any]):
    """Variables that remember which of them were read."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self.variables = variables
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return self.variables[name]

    def __contains__(self, name: object) -> bool:
        self.read.add(str(name))
        return name in self.variables

    def __iter__(self) -> Iterator[str]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)


@dataclass(frozen=True, slots=True)
class About:
    """Whose expression is evaluated: it takes the place of what hears warnings."""

    token: Any
    what: str
    of: str

    def __call__(self, text: str, warnings: Any) -> None:
        """Nothing is kept of a trial's warnings."""


class Unheard(Warned):
    """Hands the evaluator whose expression it is; keeps no warnings."""

    def by(self, token: Any, what: str, of: str = "", name: str = "") -> Tell:
        return About(token, what, of)


class Guessing:
    """Evaluates a diagram's FEEL, and guesses where it cannot know. An Evaluator of `engine.spiff.run`."""

    def __init__(
        self,
        clock: FrozenClock,
        functions: Sequence[str],
        guesses: Guesses,
        at: Callable[[str], None],
        learnt: Iterable[str] = (),
    ) -> None:
        """learnt: names of variables that people, operations and messages give."""
        self.clock = clock
        self.guesses = guesses
        self.at = at
        self.functions = frozenset(functions)
        self.real = FeelEvaluator(clock, dict.fromkeys(functions, self._called))
        self.open = {*SAMPLED, *learnt}
        self._asked = False
        self._ways: dict[UUID, frozenset[str]] = {}

    def _called(self, context: Any, *arguments: Any) -> None:
        """Stands for every function of the installation: what it would say nobody knows."""
        self._asked = True

    def _is_open(self, seen: Watched) -> bool:
        asked, self._asked = self._asked, False
        return asked or any(name in self.open or name not in seen.variables for name in seen.read)

    def _lacks(self, seen: Watched) -> bool:
        """Tell whether something that failed may have failed for lack of data: it reads any, or asks the installation."""
        asked, self._asked = self._asked, False
        return asked or bool(seen.read)

    def _missed(self, about: About, feel: str, seen: Watched) -> None:
        """Keep that an expression has no value because nobody gives what it reads; a poor sample is not worth telling."""
        if any(name not in seen.variables for name in seen.read - SAMPLED - self.functions):
            self.guesses.empty[(about.token.task_spec.bpmn_id, feel)] = None

    def value(self, feel: str, variables: Mapping[str, Any], tell: Tell) -> Any:
        """Return the value, or a sample of what the place needs where it is open and has none."""
        about, seen = _about(tell), Watched(variables)
        self.at(about.token.task_spec.bpmn_id)
        try:
            found = self.real.value(feel, seen, tell)
        except ActivityFailed:
            if not self._lacks(seen):
                raise
            is_open, found = True, None
        else:
            # What a mapping reads is what a person or an operation has just given, under any name.
            is_open = self._is_open(seen) or (about.what == "output" and bool(seen.read))
        if not is_open:
            return found
        if found is None and about.what in DECIDING:
            self._missed(about, feel, seen)
        loop = about.token.task_spec.node.loop
        item = loop.element_variable if about.what == "collection" and loop is not None else None
        self.open.update(name.partition(".")[0] for name in (about.of, item) if name)
        return needed(about, found)

    def condition(self, feel: str, variables: Mapping[str, Any], tell: Tell) -> bool:
        """Return the truth; where it is open, what this walk has guessed for the gateway."""
        about, seen = _about(tell), Watched(variables)
        spec = about.token.task_spec
        self.at(spec.bpmn_id)
        try:
            truth: bool | None = self.real.condition(feel, seen, tell)
        except ActivityFailed:
            if not self._lacks(seen):
                raise
            truth = None
        else:
            if not self._is_open(seen):
                return bool(truth)
        if truth is None:
            self._missed(about, feel, seen)
        if isinstance(spec, ChoosingSpec) and about.what == "condition":
            return about.of in self._way(about.token, variables)
        return self.guesses.choose(f"truth:{spec.bpmn_id}", ("true", "false"), 0 if truth else 1) == "true"

    def met(self, feel: str, variables: Mapping[str, Any], tell: Tell) -> bool:
        """Return whether an event's condition holds; one that is open does not yet: the walk lets it come like a message."""
        seen = Watched(variables)
        self.at(_about(tell).token.task_spec.bpmn_id)
        try:
            return self.real.met(feel, seen, tell)
        except ActivityFailed:
            if not self._lacks(seen):
                raise
            return False

    def _way(self, token: Any, variables: Mapping[str, Any]) -> frozenset[str]:
        """Return the flows this token takes out of a gateway, chosen when the first open condition is asked."""
        if token.id not in self._ways:
            spec = token.task_spec
            default = spec.node.default_flow
            conditional = [flow for flow in spec.flows if flow.id != default and flow.condition is not None]
            holding = [flow.id for flow in conditional if self._holds(flow.condition, variables)]
            single = [flow.id for flow in conditional] + ([default] if default else [])
            if isinstance(spec, InclusiveSpec):
                natural = " ".join(holding or [default or single[0]])
                together = " ".join(flow.id for flow in conditional)
                options = list(dict.fromkeys([natural, together, *single]))
            else:
                first = holding[0] if holding else default or single[0]
                options = [first, *(one for one in single if one != first)]
            self._ways[token.id] = frozenset(self.guesses.choose(f"way:{spec.bpmn_id}", options).split(" "))
        return self._ways[token.id]

    def _holds(self, feel: str | None, variables: Mapping[str, Any]) -> bool:
        try:
            return feel is not None and self.real.condition(feel, variables, _deaf)
        except ActivityFailed:
            return False

    def due(self, kind: str, value: Value, variables: Mapping[str, Any], tell: Tell) -> TimerPlan:
        """Return when a timer fires: in an hour, where it is open and has no time."""
        about, seen = _about(tell), Watched(variables)
        self.at(about.token.task_spec.bpmn_id)
        try:
            return self.real.due(kind, value, seen, tell)
        except ActivityFailed:
            if not self._lacks(seen):
                raise
            self._missed(about, value.feel or "", seen)
            return TimerPlan(self.clock.now() + timedelta(hours=1))

    def moment(self, value: Any) -> datetime:
        """Read a date; what is none was a sample."""
        try:
            return self.real.moment(value)
        except ActivityFailed:
            return self.clock.now()

    def next_round(self, last: datetime, every: str) -> datetime:
        """Return the next instant of a repeating timer."""
        return self.real.next_round(last, every)


def needed(about: About, found: Any) -> Any:
    """Return what was found where the place can use it, else a sample of what it needs."""
    if about.what == "collection":
        return found if isinstance(found, list) else [None]
    if about.what == "cardinality":
        return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else 2
    if about.what == "priority":
        return found if isinstance(found, int) else 50
    if about.what in ("candidate_users", "candidate_groups"):
        return found if isinstance(found, list) and all(isinstance(one, str) for one in found) else []
    if about.what == "assignee":
        return found if isinstance(found, str) else None
    return found


def _about(tell: Tell) -> About:
    assert isinstance(tell, About), "a trial's run tells whose expression it evaluates"
    return tell


def _deaf(text: str, warnings: Any) -> None:
    """Hears nothing."""
