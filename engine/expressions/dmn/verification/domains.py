"""The values one input can have, cut into atoms: within an atom no cell of the table tells two values apart.

Atoms are numbered, and a set of them is a Python integer with one bit for each. Atom 0 is null, atom 1 is anything of
a sort no cell speaks of (a list, a context, another type); then follow, sort by sort, the values the cells mention and
the intervals before, between and behind them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from engine.expressions.dmn.verification import sorts
from engine.expressions.dmn.verification.cells import Among, Cell, Equal, Interval, Nothing, Test, Unknown
from engine.expressions.feel.data.temporal import SECOND

NULL: Final = 1
ELSE: Final = 2
INTEGERS: Final = frozenset({"integer", "int", "long"})
"""Number types of modelers that hold whole numbers only."""


@dataclass(slots=True)
class Line:
    """The atoms of one sort: 2i is what lies before the i-th key, 2i+1 the key itself.

    values: the keys as FEEL values, None where this sort has none there. first: the number of its first atom. void: the
    atoms in which no value lies. whole: by its type the input only takes whole numbers; broken: the atoms without one.
    """

    sort: str
    keys: list[Any]
    values: list[Any]
    first: int
    whole: bool = False
    size: int = 0
    all: int = 0
    void: int = 0
    broken: int = 0

    def __post_init__(self) -> None:
        self.size = 2 * len(self.keys) + 1
        self.all = ((1 << self.size) - 1) << self.first
        self.void = bits(self.sample(atom) is None for atom in range(self.size)) << self.first
        if self.whole:
            self.broken = bits(self._breaks(atom) for atom in range(self.size)) << self.first

    def _breaks(self, atom: int) -> bool:
        if atom % 2:
            key = self.keys[atom // 2]
            return bool(key != key.to_integral_value())
        return self.sample(atom, True) is None

    def sample(self, atom: int, whole: bool = False) -> Any | None:
        """A value in the atom (counted within the line), or None when there is none."""
        if atom % 2:
            return self.values[atom // 2]
        before, after = atom // 2 - 1, atom // 2
        low = self.keys[before] if before >= 0 else None
        high = self.keys[after] if after < len(self.keys) else None
        like = self.values[before if before >= 0 else after] if self.keys else None
        return sorts.between(self.sort, low, high, like, whole)

    def key_at(self, key: Any) -> int:
        """The number of the atom a key is in, counted over all lines."""
        index = bisect_left(self.keys, key)
        is_key = index < len(self.keys) and self.keys[index] == key
        return self.first + 2 * index + int(is_key)

    def interval(self, low: Any, low_closed: bool, high: Any, high_closed: bool) -> int:
        """The atoms between two keys of this line (None: no end)."""
        start = self.first if low is None else self.key_at(low) + (not low_closed)
        stop = self.first + self.size if high is None else self.key_at(high) + high_closed
        return ((1 << stop) - (1 << start)) if stop > start else 0


@dataclass(slots=True)
class Cover:
    """Which atoms a cell lets through: surely, and perhaps."""

    sure: int
    maybe: int


@dataclass(slots=True)
class Domain:
    """lines by sort. strange: the input may also hold values of sorts that no line has. all: every atom there is."""

    lines: dict[str, Line]
    strange: bool
    all: int = 0
    size: int = 2

    def __post_init__(self) -> None:
        self.all = NULL | ELSE if self.strange else NULL
        for line in self.lines.values():
            self.all |= line.all & ~line.void
            self.size += line.size

    @property
    def broken(self) -> int:
        """The atoms without a whole number, of an input that takes nothing else."""
        return sum(line.broken for line in self.lines.values())

    def line_of(self, atom: int) -> Line | None:
        return next((one for one in self.lines.values() if one.first <= atom < one.first + one.size), None)

    def sample(self, atom: int, whole: bool = False) -> Any | None:
        """A value in the atom; None for null, for what is strange, and where there is none."""
        line = self.line_of(atom)
        return None if line is None else line.sample(atom - line.first, whole)

    def fractions(self) -> int:
        """The atoms that hold nothing but fractions, where every cell counts in whole numbers or seconds."""
        found = 0
        for line in self.lines.values():
            if not line.whole and _counts_whole(line):
                for atom in range(2, line.size - 1, 2):
                    if line.sample(atom, True) is None:
                        found |= 1 << (line.first + atom)
        return found & self.all

    # -- what cells cover ------------------------------------------------------------------------------------------

    def cover(self, cell: Cell) -> Cover:
        """The atoms whose values pass the cell."""
        everything = self.all
        if not cell.tests:
            return Cover(everything, everything)
        found = [self._test(test) for test in cell.tests]
        sure = maybe = everything if cell.negated else 0
        for passes, may, fails in found:
            if cell.negated:
                sure, maybe = sure & fails, maybe & (fails | (may & ~passes))
            else:
                sure, maybe = sure | passes, maybe | passes | may
        return Cover(sure & everything, maybe & everything)

    def _test(self, test: Test) -> tuple[int, int, int]:
        """Where one test surely passes, where that cannot be told, and where it says no (it may also say null)."""
        if isinstance(test, Equal):
            return self._equal(test)
        if isinstance(test, Interval):
            return self._interval(test)
        if isinstance(test, Among):
            inside = 0
            for item in test.items:
                inside |= self._test(item)[0]
            # A list as the input may equal the list in the cell.
            return inside, ELSE & ~inside, self.all & ~inside & ~ELSE
        if isinstance(test, Nothing):
            return 0, 0, 0
        assert isinstance(test, Unknown)
        return 0, self.all, 0

    def _equal(self, test: Equal) -> tuple[int, int, int]:
        placed = sorts.place(test.value)
        assert placed is not None
        sort, key = placed
        if test.value is None:
            point, decided = NULL, self.all
        else:
            line = self.lines.get(sort)
            point = 0 if line is None else 1 << line.key_at(key)
            kin = sorts.EQUATABLE[sort]
            decided = NULL | sum(one.all for one in self.lines.values() if one.sort in kin)
        yes, no = point, decided & ~point
        return (no, 0, yes) if test.differs else (yes, 0, no)

    def _interval(self, test: Interval) -> tuple[int, int, int]:
        inside = outside = unclear = 0
        ends = [end for end in (test.low, test.high) if end is not None]
        kin = frozenset.intersection(*(sorts.COMPARABLE[sorts.sort_of(end)] for end in ends))
        for line in self.lines.values():
            if line.sort not in kin:
                continue
            low, high = (
                None if end is None else sorts.key_on(line.sort, end) for end in (test.low, test.high)
            )
            if (low is None) is not (test.low is None) or (high is None) is not (test.high is None):
                unclear |= line.all
                continue
            found = line.interval(low, test.low_closed, high, test.high_closed)
            inside, outside = inside | found, outside | line.all & ~found
        # What else can be compared is of a sort no cell speaks of.
        return inside, unclear | (ELSE if len(kin) > 1 else 0), outside


def _counts_whole(line: Line) -> bool:
    if line.sort == sorts.NUMBER:
        return all(key == key.to_integral_value() for key in line.keys)
    return line.sort not in (sorts.STRING, sorts.BOOLEAN, sorts.DATE, sorts.MONTHS) and all(
        key % SECOND == 0 for key in line.keys
    )


def bits(flags: Iterable[bool]) -> int:
    """The set of the positions that are true."""
    return int("".join("1" if flag else "0" for flag in flags)[::-1] or "0", 2)


def domain_of(mentioned: Iterable[Any], kind: str, integers: bool = False) -> Domain:
    """The atoms of an input. mentioned: the values its cells speak of; kind: its declared type, "any" if it has none;
    integers: the declared type knows whole numbers only."""
    found: dict[str, dict[Any, Any]] = {}
    for value in mentioned:
        placed = sorts.place(value)
        if placed is not None and placed[0] != sorts.NULL:
            found.setdefault(placed[0], {}).setdefault(placed[1], value)
    declared = sorts.OF_KIND.get(kind)
    chosen = list(found)
    if declared is not None:
        # Dates beside a date and time count as its midnight.
        spoken = {sorts.DATE_TIME if one == sorts.DATE and kind == sorts.DATE_TIME else one for one in found}
        chosen = [one for one in declared if one in spoken] or [declared[0]]
    lines: dict[str, Line] = {}
    first = 2
    for sort in chosen:
        keys = {False: False, True: True} if sort == sorts.BOOLEAN else dict(found.get(sort, {}))
        for other in sorts.COMPARABLE[sort] - {sort}:
            for value in found.get(other, {}).values():
                key = sorts.key_on(sort, value)
                if key is not None:
                    keys.setdefault(key, sorts.at(sort, key))
        ordered = sorted(keys)
        line = Line(sort, ordered, [keys[key] for key in ordered], first, integers and sort == sorts.NUMBER)
        lines[sort] = line
        first += line.size
    return Domain(lines, declared is None or len(declared) > 1)
