"""How much a check may cost. Counted in steps and not in seconds, so that the same file always gets the same answer."""

from __future__ import annotations

from dataclasses import dataclass


class Spent(Exception):
    """The effort is used up: what was to be found out stays open."""


@dataclass(slots=True)
class Effort:
    """One purse for everything that is checked together; it is emptied while the checks run.

    steps: how many sets of rules may be compared (a million take about a second). shown: findings of one kind told for
    each table; more are counted. inputs: columns whose combinations are still looked at. bits: size of one column's
    map of values by rules.
    """

    steps: int = 400_000
    shown: int = 5
    inputs: int = 100
    bits: int = 60_000_000

    def spend(self, steps: int) -> None:
        """Raises Spent when the purse is empty."""
        self.steps -= steps
        if self.steps < 0:
            self.steps = 0
            raise Spent

    def share(self, part: int) -> Effort:
        """A purse with one part of what is left, taken out of this one; give the rest back with `refund`."""
        steps = self.steps // part
        self.steps -= steps
        return Effort(steps, self.shown, self.inputs, self.bits)

    def refund(self, shared: Effort) -> None:
        self.steps += shared.steps
