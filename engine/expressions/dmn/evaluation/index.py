"""Which rows of a large table can match at all, told by the values of its columns before any cell is tested.

The cells of a column that are literals, comparisons with literals or intervals of literals cut the line of possible
values at their borders; for every piece of the line there is the set of rows a value in it may match. The sets of all
columns, intersected, leave few rows to test. A set may hold rows that do not match (they are tested), never lack one that
does.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any, Final

from engine.expressions.feel.data.temporal import Date, DaysDuration, MonthsDuration
from engine.expressions.feel.syntax import tree as t

WORTH_IT: Final = 16
"""With fewer rules, testing them all is as fast."""
MAX_BORDERS: Final = 256
"""More borders than that share pieces, so that a column costs 513 sets of rows at most."""

Keys = Callable[[Any], Any]
KEYS: Final[dict[type, Keys]] = {
    Decimal: lambda value: value,
    str: lambda value: value,
    bool: lambda value: value,
    Date: lambda value: (value.year, value.month, value.day),
    DaysDuration: lambda value: value.nanos,
    MonthsDuration: lambda value: value.months,
}
"""The kinds that can be indexed, and what orders them as FEEL does (date-times do not: some have a zone, some none)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """What one test can match. An end that is None is none."""

    low: Any
    low_closed: bool
    high: Any
    high_closed: bool

    @property
    def ends(self) -> list[Any]:
        return [end for end in (self.low, self.high) if end is not None]


@dataclass(frozen=True, slots=True)
class Index:
    """The index of one column. rows: a set of rows (a bit each) per piece: even below a border, odd at it.

    nulls: the rows to test when the value is null. sure: the rows whose cell in this column need not be tested when
    they are in the set of a value of this type.
    """

    column: int
    type: type
    key: Keys
    borders: Sequence[Any]
    rows: Sequence[int]
    nulls: int
    sure: int

    def candidates(self, value: Any) -> int | None:
        """The rows a value may match; None when the index does not know its kind."""
        if type(value) is self.type:
            return self.rows[_piece(self.borders, self.key(value))]
        return self.nulls if value is None else None


def indexes(columns: int, rules: Sequence[Sequence[t.UnaryTests]]) -> list[Index]:
    """The indexes that pay for a table with these input cells."""
    if len(rules) < WORTH_IT:
        return []
    made = (_index(column, [tests[column] for tests in rules]) for column in range(columns))
    return [one for one in made if one is not None]


def rows_of(candidates: int) -> Iterator[int]:
    """The rows of a set, first to last."""
    while candidates:
        lowest = candidates & -candidates
        candidates ^= lowest
        yield lowest.bit_length() - 1


def _piece(borders: Sequence[Any], key: Any) -> int:
    at = bisect_left(borders, key)
    return 2 * at + (at < len(borders) and bool(borders[at] == key))


def _index(column: int, cells: list[t.UnaryTests]) -> Index | None:
    known = [_intervals(cell) for cell in cells]
    kinds = [kind for kind, _ in known if kind is not None]
    if len(kinds) * 4 < len(cells):
        return None
    wanted = max(set(kinds), key=lambda kind: (kinds.count(kind), kind.__name__))
    key = KEYS[wanted]
    listed = [intervals if kind is wanted else None for kind, intervals in known]
    ends = sorted({key(end) for one in listed for interval in one or () for end in interval.ends})
    step = -(-len(ends) // MAX_BORDERS)
    borders = ends[::step]
    pieces = 2 * len(borders) + 1
    # Where rows begin and stop matching, walking along the line.
    changes = [0] * (pieces + 1)
    others, compares = 0, 0
    for row, intervals in enumerate(listed):
        if intervals is None:
            others |= 1 << row
            continue
        if any(one.low != one.high for one in intervals):
            compares |= 1 << row
        for first, last in _joined([_pieces(borders, key, one) for one in intervals]):
            changes[first] ^= 1 << row
            changes[last + 1] ^= 1 << row
    sets = [found | others for found in accumulate(changes[:pieces], int.__xor__)]
    sure = (1 << len(cells)) - 1 & ~others if step == 1 else 0
    # Nothing that compares lets null through; one such row is tested all the same, for the warning it gives.
    return Index(column, wanted, key, borders, sets, others | (compares & -compares), sure)


def _pieces(borders: Sequence[Any], key: Keys, interval: Interval) -> tuple[int, int]:
    """The first and the last piece an interval covers."""
    first, last = 0, 2 * len(borders)
    if interval.low is not None:
        first = _piece(borders, key(interval.low))
        first += first % 2 and not interval.low_closed
    if interval.high is not None:
        last = _piece(borders, key(interval.high))
        last -= last % 2 and not interval.high_closed
    return first, last


def _joined(covered: list[tuple[int, int]]) -> list[list[int]]:
    """The same pieces as ranges that do not touch."""
    joined: list[list[int]] = []
    for first, last in sorted(covered):
        if first > last:
            continue
        if joined and first <= joined[-1][1] + 1:
            joined[-1][1] = max(joined[-1][1], last)
        else:
            joined.append([first, last])
    return joined


def _intervals(cell: t.UnaryTests) -> tuple[type | None, list[Interval]]:
    """What a cell can match and of which kind; kind None when only testing tells."""
    found = [] if cell.negated else [_interval(test) for test in cell.tests]
    intervals = [one for one in found if one is not None]
    kinds = {type(end) for one in intervals for end in one.ends}
    if not intervals or len(intervals) < len(found) or len(kinds) != 1:
        return None, []
    kind = kinds.pop()
    # An interval written backwards has its own warning, which only testing gives.
    if kind not in KEYS or any(
        len(one.ends) == 2 and KEYS[kind](one.low) > KEYS[kind](one.high) for one in intervals
    ):
        return None, []
    return kind, intervals


def _interval(test: t.Node) -> Interval | None:
    """What a test can match; None when only testing tells."""
    if isinstance(test, t.RangeLiteral):
        low, high = _constant(test.low), _constant(test.high)
        return None if low is None or high is None else Interval(low, test.low_closed, high, test.high_closed)
    operator = test.operator if isinstance(test, t.Test) else "="
    end = _constant(test.operand if isinstance(test, t.Test) else test)
    if end is None or operator == "!=":
        return None
    low, high = (None if operator in ("<", "<=") else end), (None if operator in (">", ">=") else end)
    return Interval(low, "=" in operator, high, "=" in operator)


def _constant(node: t.Node) -> Any:
    """The value of a literal, or None."""
    if isinstance(node, t.Negate):
        value = _constant(node.operand)
        return value.copy_negate() if type(value) is Decimal else None
    return node.value if isinstance(node, t.Literal) else None
