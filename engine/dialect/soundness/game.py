"""Plays every run of a body's tokens, the shortest first, and keeps how it came to what goes wrong.

Of several tokens that can move, only the one nearest to the start is moved, as long as that takes nothing from the others
(a persistent set: Godefroid, "Partial-Order Methods", LNCS 1032, §4.2): no run that ends in a standstill is lost, and
branches side by side cost their sum instead of their product. The nearest goes first so that two tokens on their way to one
place meet there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.dialect.model import Node
from engine.dialect.soundness.net import Marking, Move, Net

Step = tuple[Marking, Move, Marking]
"""The tokens a move takes, the move, and all tokens after it."""


@dataclass(slots=True)
class Effort:
    """How many moves may still be played; shared by all processes of a deployment."""

    left: int = 60_000

    def spend(self, tokens: int) -> bool:
        """Tell whether another move may be played, of a body with so many tokens on their way."""
        self.left -= 1 + tokens // 32
        return self.left > 0

    def spend_on_joins(self, tokens: int, flows: int) -> None:
        """Count what it costs to ask of so many tokens whether inclusive joins with so many flows wait for them."""
        self.left -= 1 + tokens * flows // 400


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that goes wrong at a node: `starves` (a join waits for ever) or `again` (a second token comes while one is
    there), the steps that lead there from the beginning, and the tokens at the end."""

    kind: str
    node: Node
    steps: tuple[Step, ...]
    beginning: Marking
    end: Marking


@dataclass(slots=True)
class Played:
    """What all runs of a body come to. whole: all of them were played. completes: one of them comes to an end."""

    whole: bool = True
    completes: bool = False
    troubles: dict[tuple[str, str], Trouble] = field(default_factory=dict)


def play(net: Net, effort: Effort) -> Played:
    """Play a body's runs; of each kind of trouble at a node the shortest is kept."""
    return _Game(net, effort).play()


class _Game:
    def __init__(self, net: Net, effort: Effort) -> None:
        self.net = net
        self.effort = effort
        self.found = Played()
        self.before: dict[Marking, tuple[Marking, Marking, Move] | None] = {}

    def play(self) -> Played:
        first = self.net.beginning
        self.before[first] = None
        waiting: deque[Marking] = deque([first])
        while waiting:
            marking = waiting.popleft()
            if not marking:
                self.found.completes = True
                continue
            moved = False
            for together in self._next(marking):
                new, round_again = False, False
                for taken, move in together:
                    moved = True
                    if not self.effort.spend(len(marking)):
                        self.found.whole = False
                        return self.found
                    if move.outcome:
                        self.found.completes = self.found.completes or move.outcome == "complete"
                        continue
                    after = _after(marking, taken, move)
                    if after in self.before:
                        back = bool(move.produced) and min(move.produced) <= max(taken)
                        round_again = round_again or back
                        continue
                    new = True
                    self.before[after] = (marking, taken, move)
                    if (twice := self._twice(after, move)) is not None:
                        # What comes behind happens twice as well: it is the same trouble.
                        self._keep("again", twice, after)
                        self.found.completes = True
                    else:
                        waiting.append(after)
                if new or not round_again:
                    break  # what goes round and comes nowhere new must not keep the others from moving
            if not moved:
                self._still(marking)
        return self.found

    # -- what can happen ----------------------------------------------------------------------------------------------

    def _next(self, marking: Marking) -> Iterator[list[tuple[Marking, Move]]]:
        """Yield moves that are played together: those of one token or join, and what only happens before them.

        The next ones are only asked for where these lead back and nowhere new.
        """
        net = self.net
        ending: list[tuple[Marking, Move]] = []
        joins = self._openings(marking) if net.inclusive_joins else []
        # Joins that open now, and later perhaps with more tokens: both are played.
        urgent = [(taken, move) for join, taken, alone in joins if not alone for move in net.leaving(join)]
        for place in dict.fromkeys(marking):
            node = net.node_at[place]
            chosen: list[tuple[Marking, Move]] = []
            if not net.via_at[place]:
                moves = net.moves(place)
                if moves and moves[0].outcome:
                    ending.append(((place,), moves[0]))
                    continue
                chosen = [((place,), move) for move in moves if not self._again(move, marking)]
            elif node.kind == "parallelGateway":
                taken = self._all_of(node, marking)
                chosen = [(taken, move) for move in net.leaving(node)] if taken else []
            else:
                opened = [taken for join, taken, alone in joins if join is node and alone]
                chosen = [(taken, move) for taken in opened for move in net.leaving(node)]
            if chosen:
                yield [*chosen, *ending, *urgent]
                ending, urgent = [], []
        if ending or urgent:
            yield [*ending, *urgent]

    def _again(self, move: Move, marking: Marking) -> bool:
        """Tell whether a non-interrupting event would happen again while a token of it is on its own way: that is as good."""
        if move.event is None or not move.stays:
            return False
        own = self.net.beside(move.event)
        return any(self.net.node_at[place].id in own for place in marking)

    def _all_of(self, join: Node, marking: Marking) -> Marking:
        """Return the tokens a parallel join takes, or none where one is missing."""
        places = [self.net.place_of[join.id, flow.id] for flow in self.net.incoming[join.id]]
        return tuple(places) if all(place in marking for place in places) else ()

    def _openings(self, marking: Marking) -> list[tuple[Node, Marking, bool]]:
        """Return the inclusive joins that open here, with what they take; and whether nobody can come there any more."""
        net = self.net
        waiting: dict[str, list[int]] = {}
        for place in marking:
            if net.via_at[place] and net.node_at[place].kind == "inclusiveGateway":
                waiting.setdefault(net.node_at[place].id, []).append(place)
        if not waiting:
            return []
        self.effort.spend_on_joins(len(marking), sum(len(net.sources[join]) for join in waiting))
        found: list[tuple[Node, Marking, bool]] = []
        for join, places in waiting.items():
            if not self._awaited(join, places, marking):
                others = self._others(join, marking)
                anybody = frozenset().union(*net.sources[join].values())
                found.append((net.nodes[join], tuple(places), not any(name in anybody for name, _ in others)))
        return found or self._circle(waiting, marking)

    def _others(self, join: str, marking: Marking) -> list[tuple[str, int]]:
        """Return where the engine keeps the tokens that are not at this join: (node, place)."""
        return [
            (name, place)
            for place in marking
            if self.net.node_at[place].id != join
            for name in self.net.standing(place)
        ]

    def _awaited(self, join: str, places: list[int], marking: Marking) -> list[int]:
        """Return the places of tokens an inclusive join has to wait for (BPMN 2.0 §13.4.3, as `spiff.specs.gateways`)."""
        net, sources = self.net, self.net.sources[join]
        filled = {net.via_at[place] for place in places}
        with_token = frozenset().union(*(sources[flow] for flow in filled))
        empty = [found for flow, found in sources.items() if flow not in filled]
        return [
            place
            for name, place in self._others(join, marking)
            if name not in with_token and any(name in found for found in empty)
        ]

    def _circle(self, waiting: dict[str, list[int]], marking: Marking) -> list[tuple[Node, Marking, bool]]:
        """Return one of the joins that wait for nothing but each other: any of them may be the one the engine opens."""
        net = self.net
        if len(net.inclusive_joins) < 2:
            return []
        resting = all(net.via_at[place] for place in marking)
        circle = dict(waiting)
        while circle:
            free = [
                join
                for join, places in circle.items()
                if any(
                    net.node_at[place].id not in circle and not (resting and net.via_at[place])
                    for place in self._awaited(join, places, marking)
                )
            ]
            if not free:
                return [(net.nodes[join], tuple(places), False) for join, places in circle.items()]
            for join in free:
                del circle[join]
        return []

    # -- what goes wrong ----------------------------------------------------------------------------------------------

    def _twice(self, marking: Marking, move: Move) -> Node | None:
        """Return the node a move brought a second token to while one is there."""
        net = self.net
        for place in dict.fromkeys(move.produced):
            node, via = net.node_at[place], net.via_at[place]
            there = sum(net.node_at[other] is node and net.via_at[other] == via for other in marking)
            if there > 1:
                return node
        return None

    def _still(self, marking: Marking) -> None:
        """Nothing moves: keep the join that waits for what never comes."""
        net = self.net
        if not all(net.via_at[place] for place in marking):
            return  # an activity whose inside never ends is told of there
        joins = list(dict.fromkeys(net.node_at[place].id for place in marking))
        stuck = [join for join in joins if net.nodes[join].kind == "parallelGateway"]
        for join in stuck:
            filled = {net.via_at[place] for place in marking}
            lacking = [flow for flow in net.incoming[join] if flow.id not in filled]
            coming = frozenset().union(*(net.reaching(flow.source, join) for flow in lacking))
            if not any(other in coming for other in joins if other != join):
                self._keep("starves", net.nodes[join], marking)
                return
        if stuck:
            self._keep("starves", net.nodes[stuck[0]], marking)

    def _keep(self, kind: str, node: Node, end: Marking) -> None:
        if (kind, node.id) in self.found.troubles:
            return
        steps: list[Step] = []
        marking = end
        while (came := self.before[marking]) is not None:
            before, taken, move = came
            steps.append((taken, move, marking))
            marking = before
        self.found.troubles[kind, node.id] = Trouble(kind, node, tuple(reversed(steps)), marking, end)


def _after(marking: Marking, taken: Marking, move: Move) -> Marking:
    left = list(marking)
    for place in taken:
        left.remove(place)
    return tuple(sorted((*left, *move.produced)))
