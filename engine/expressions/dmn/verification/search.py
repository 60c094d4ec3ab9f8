"""Finds inputs that a set of rules leaves uncovered, input by input; the whole of the geometry is here.

At each axis the segments are grouped by the rules still alive in them; a group in which some rule covers everything
that follows needs no further look, a group in which none is alive is a hole as wide as all that follows. What was found
below one set of rules is kept, so that equal situations are worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import and_

from engine.expressions.dmn.verification.effort import Effort
from engine.expressions.dmn.verification.grid import Box, Side, members, runs

_KEPT = 6
"""Boxes kept of each partial result: the largest."""


class Search:
    """Holes inside one box.

    sides: which rules cover what, by axis. box: where to look. rules: those that count.
    """

    def __init__(self, sides: list[Side], box: Box, rules: int, effort: Effort) -> None:
        self.sides, self.box, self.effort = sides, box, effort
        self.weight = 1 + rules.bit_length() // 4096
        # Rules that cover all of the box from an axis on.
        self.covering = [rules]
        for side, segments in zip(reversed(sides), reversed(box), strict=True):
            effort.spend(self.weight * (segments.bit_count() // 4 + 1))
            full = reduce(and_, (side.at[one] for one in members(segments)), self.covering[-1])
            self.covering.append(full)
        self.covering.reverse()
        self.rules = rules
        self._holes: dict[tuple[int, int], tuple[int, tuple[Box, ...]]] = {}
        self._closed: set[tuple[int, int]] = set()

    def holes(self) -> tuple[int, list[Box]]:
        """How many boxes (that do not overlap) no rule covers, and the largest of them. Raises Spent."""
        if not all(self.box) or self.covering[0]:
            return 0, []
        if not self.rules:
            return 1, [self.box]
        count, found = self._below(0, self.rules)
        return count, list(found)

    def hole(self) -> Box | None:
        """Any box that no rule covers. Raises Spent."""
        if not all(self.box) or self.covering[0]:
            return None
        return self.box if not self.rules else self._first(0, self.rules)

    def _below(self, axis: int, alive: int) -> tuple[int, tuple[Box, ...]]:
        key = (axis, alive)
        known = self._holes.get(key)
        if known is not None:
            return known
        count = 0
        joined: dict[Box, int] = {}
        for left, segments in self._split(axis, alive):
            if left & self.covering[axis + 1]:
                continue
            more, found = self._below(axis + 1, left) if left else (1, (self.box[axis + 1 :],))
            count += more
            for one in found:
                joined[one] = joined.get(one, 0) | segments
        boxes = sorted(((segments, *rest) for rest, segments in joined.items()), key=volume, reverse=True)
        self._holes[key] = count, tuple(boxes[:_KEPT])
        return self._holes[key]

    def _first(self, axis: int, alive: int) -> Box | None:
        if (axis, alive) in self._closed:
            return None
        groups = [one for one in self._split(axis, alive) if not one[0] & self.covering[axis + 1]]
        for left, segments in sorted(groups, key=lambda one: one[0].bit_count()):
            rest = self._first(axis + 1, left) if left else self.box[axis + 1 :]
            if rest is not None:
                return (segments, *rest)
        self._closed.add((axis, alive))
        return None

    def _split(self, axis: int, alive: int) -> Iterable[tuple[int, int]]:
        """The segments of an axis, grouped by which of the rules cover them."""
        side, within = self.sides[axis], self.box[axis]
        groups: dict[int, int] = {}
        if alive.bit_count() * 6 < within.bit_count():
            # Few rules on a long axis: only where one of them begins or ends is anything new.
            toggles: dict[int, int] = {}
            for rule in members(alive):
                for start, stop in runs(side.cover[rule]):
                    toggles[start] = toggles.get(start, 0) ^ 1 << rule
                    toggles[stop] = toggles.get(stop, 0) ^ 1 << rule
            left = before = 0
            for place in [*sorted(toggles), within.bit_length()]:
                part = within & ((1 << place) - (1 << before)) if place > before else 0
                if part:
                    groups[left] = groups.get(left, 0) | part
                left, before = left ^ toggles.get(place, 0), place
            self.effort.spend(self.weight * (len(toggles) + 1))
        else:
            for segment in members(within):
                left = side.at[segment] & alive
                groups[left] = groups.get(left, 0) | 1 << segment
            self.effort.spend(self.weight * (within.bit_count() // 4 + len(groups)))
        return groups.items()


def volume(box: Box) -> int:
    """How large a box is, beside others of the same grid."""
    size = 1
    for segments in box:
        size *= segments.bit_count()
    return size


def meeting(sides: list[Side], box: Box, rules: int, effort: Effort) -> int:
    """The rules that cover some part of a box."""
    for side, segments in zip(sides, box, strict=True):
        if not rules:
            break
        if rules.bit_count() < segments.bit_count():
            rules = sum(1 << rule for rule in members(rules) if side.cover[rule] & segments)
        else:
            found = 0
            for segment in members(segments):
                found |= side.at[segment]
            rules &= found
        effort.spend(1 + segments.bit_count() // 16)
    return rules


def widened(sides: list[Side], box: Box, whole: Box, rules: int, effort: Effort) -> Box:
    """A hole made as large as it can be, axis by axis, within `whole`."""
    grown = list(box)
    for axis in range(len(box)):
        rest = [*grown[:axis], whole[axis], *grown[axis + 1 :]]
        covered = 0
        for rule in members(meeting(sides, tuple(rest), rules, effort)):
            covered |= sides[axis].cover[rule]
        effort.spend(1 + covered.bit_count() // 16)
        grown[axis] = whole[axis] & ~covered
    return tuple(grown)
