"""A table as rules over axes: one axis for each input, cut into the segments its cells tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.expressions.dmn.evaluation.table import InputClause
from engine.expressions.dmn.verification import sorts
from engine.expressions.dmn.verification.cells import Cell, read_cell
from engine.expressions.dmn.verification.domains import ELSE, INTEGERS, NULL, Cover, Domain, domain_of
from engine.expressions.dmn.verification.effort import Effort, Spent
from engine.expressions.dmn.verification.sources import Source
from engine.expressions.feel.data.types import FeelType
from engine.expressions.feel.syntax import tree as t


@dataclass(slots=True)
class Column:
    """An input column: its place in the table, its type, its cells by row, and the values it may have.

    allowed: by the type; other values become null. listed: in the table's inputValues; with others no rule fires
    (§8.2.4).
    """

    index: int
    clause: InputClause
    type: FeelType
    cells: list[Cell]
    allowed: list[Cell]
    listed: list[Cell]


@dataclass(slots=True)
class Side:
    """Which rules cover which segments. cover: by rule, a set of segments. at: by segment, a set of rules."""

    cover: list[int]
    at: list[int]


@dataclass(slots=True)
class Axis:
    """One input and its segments, numbered; sets of segments are integers with one bit for each.

    segments: the atoms of each. every: all segments. sure: those the input can surely have (null only where a cell
    asks for it); whole: the same without mere fractions; possible: those it can have, be it that allowed values leave
    it open. surely, maybe: the rules that surely, or perhaps, let a segment through.
    """

    columns: list[Column]
    domain: Domain
    segments: list[int] = field(default_factory=list)
    every: int = 0
    sure: int = 0
    whole: int = 0
    possible: int = 0
    surely: Side = field(default_factory=lambda: Side([], []))
    maybe: Side = field(default_factory=lambda: Side([], []))

    @property
    def text(self) -> str:
        return self.columns[0].clause.text

    @property
    def label(self) -> str:
        return self.columns[0].clause.label or self.text

    def holds(self, value: Any) -> bool:
        """Can the input surely have this value?"""
        placed = sorts.place(value)
        line = self.domain.lines.get(placed[0]) if placed is not None else None
        return (
            line is not None
            and placed is not None
            and bool(self.atoms(self.sure) >> line.key_at(placed[1]) & 1)
        )

    def atoms(self, segments: int) -> int:
        """The atoms of a set of segments."""
        found = 0
        for one in members(segments):
            found |= self.segments[one]
        return found


@dataclass(slots=True)
class Grid:
    """axes: the inputs on which something hangs. linked: pairs of them that read the same data."""

    source: Source
    axes: list[Axis]
    linked: list[tuple[int, int]]

    @property
    def rules(self) -> int:
        """All rules, as a set."""
        return (1 << len(self.source.table.rules)) - 1


Box = tuple[int, ...]
"""A set of segments for each axis: all inputs that lie in one of them everywhere."""


def members(bits: int) -> Iterator[int]:
    """The numbers in a set."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def columns_of(source: Source) -> list[Column]:
    """The input columns of a table, their cells read."""
    table = source.table
    made = []
    for index, clause in enumerate(table.inputs):
        given = source.type_of(clause.expression)
        kind = clause.type if clause.type is not None and clause.type.kind != "any" else given
        trees = [
            tree
            for one in {id(clause.type): clause.type, id(given): given}.values()
            for tree in trees_of(one)
        ]
        allowed = [read_cell(tree, source.names) for tree in trees]
        listed = [] if clause.allowed is None else [read_cell(clause.allowed, source.names)]
        cells = [read_cell(rule.tests[index], source.names) for rule in table.rules]
        made.append(Column(index, clause, kind, cells, allowed, listed))
    return made


def trees_of(kind: FeelType | None) -> Sequence[t.UnaryTests]:
    """The allowed values of an item definition, as written."""
    return getattr(kind.allowed, "trees", ()) if kind is not None else ()


def grid_of(source: Source, columns: list[Column], effort: Effort) -> Grid:
    """Raises Spent when the table is larger than can be looked at."""
    groups: dict[str, list[Column]] = {}
    for column in columns:
        # Two columns of one expression are one input.
        groups.setdefault(" ".join(column.clause.text.split()), []).append(column)
    axes = []
    for group in groups.values():
        if any(column.listed or any(cell.tests for cell in column.cells) for column in group):
            axes.append(_axis(group, len(source.table.rules), effort))
    if len(axes) > effort.inputs:
        raise Spent
    axes.sort(key=lambda axis: len(axis.segments))
    reads = [source.reads(axis.columns[0].clause.expression) for axis in axes]
    linked = [
        (one, other)
        for other in range(len(axes))
        for one in range(other)
        if any(_overlap(a, b) for a in reads[one] for b in reads[other])
    ]
    return Grid(source, axes, linked)


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def _axis(group: list[Column], rules: int, effort: Effort) -> Axis:
    mentioned = [
        value
        for column in group
        for cell in (*column.cells, *column.allowed, *column.listed)
        for value in cell.values()
    ]
    kinds = {column.type.kind for column in group}
    integers = all(column.type.name in INTEGERS for column in group)
    axis = Axis(group, domain_of(mentioned, kinds.pop() if len(kinds) == 1 else "any", integers))
    domain = axis.domain
    if domain.size * rules > effort.bits:
        raise Spent
    effort.spend(domain.size * (1 + rules // 2000))
    # Nothing checks that a number is whole, so that a fraction counts where a rule is said to be masked.
    sure = maybe = domain.all & ~domain.broken
    found: dict[tuple[int, int], int] = {}
    allowed = [allowed_in(domain, column.allowed) for column in group]
    listed = allowed_in(domain, [cell for column in group for cell in column.listed])
    strange = [_strange(domain, column) for column in group]
    sure, maybe = sure & listed.sure, maybe & listed.maybe
    for one, other in zip(allowed, strange, strict=True):
        sure, maybe = sure & one.sure & ~other, maybe & one.maybe
    for row in range(rules):
        parts = [
            _through(domain, domain.cover(column.cells[row]), one, other)
            for column, one, other in zip(group, allowed, strange, strict=True)
        ]
        key = (listed.sure, listed.maybe)
        for part in parts:
            key = (key[0] & part.sure, key[1] & part.maybe)
        found[key] = found.get(key, 0) | 1 << row
    if not any(cell.asks_null for column in group for cell in column.cells):
        sure, maybe = sure & ~NULL, maybe & ~NULL
    if domain.lines or any(column.type.kind != "any" for column in group):
        sure &= ~ELSE
    _cut(axis, found, sure, maybe, rules)
    return axis


def allowed_in(domain: Domain, lists: Iterable[Cell]) -> Cover:
    """The atoms that every list of allowed values holds; null always passes."""
    found = Cover(domain.all, domain.all)
    for cell in lists:
        one = domain.cover(cell)
        found = Cover(found.sure & one.sure, found.maybe & one.maybe)
    return Cover(found.sure | NULL, found.maybe | NULL)


def _strange(domain: Domain, column: Column) -> int:
    """What is not of a column's type, where another column takes the same input with another type."""
    declared = sorts.OF_KIND.get(column.type.kind)
    if declared is None:
        return 0
    own = sum(line.all for line in domain.lines.values() if line.sort in declared)
    return domain.all & ~own & ~NULL if domain.strange else 0


def _through(domain: Domain, cell: Cover, allowed: Cover, strange: int) -> Cover:
    """What passes a cell when what is not allowed becomes null first; what is strange may become anything."""
    if cell.sure == domain.all:
        return cell
    sure, maybe = cell.sure & allowed.sure, cell.maybe & allowed.maybe
    if cell.sure & NULL:
        sure |= (domain.all & ~allowed.maybe) | (cell.sure & allowed.maybe)
    if cell.maybe & NULL:
        maybe |= domain.all & ~allowed.sure
    return Cover(sure & ~strange, maybe | strange)


def _cut(axis: Axis, found: dict[tuple[int, int], int], sure: int, possible: int, rules: int) -> None:
    """Join neighbouring atoms that no rule tells apart into segments, and tell rules by segment."""
    size = axis.domain.size
    toggles: list[list[int]] = [[0] * (size + 1), [0] * (size + 1)]
    for key, held in found.items():
        for side, covered in enumerate(key):
            for start, stop in runs(covered):
                toggles[side][start] ^= held
                toggles[side][stop] ^= held
    whole = sure & ~axis.domain.fractions()
    borders = {line.first for line in axis.domain.lines.values()}
    number: list[int] = [-1] * (size + 1)
    before: tuple[int, ...] = ()
    lower = upper = 0
    flags = [_flags(bits, size) for bits in (axis.domain.all, sure, whole, possible)]
    atoms: list[list[int]] = []
    for atom in range(size):
        lower, upper = lower ^ toggles[0][atom], upper ^ toggles[1][atom]
        if atom in borders:
            before = ()
        if not flags[0][atom]:
            continue
        mark = (lower, upper, flags[1][atom], flags[2][atom], flags[3][atom])
        if mark != before or atom < 2:
            before = mark
            segment = 1 << len(atoms)
            atoms.append([])
            axis.surely.at.append(lower)
            axis.maybe.at.append(upper)
            axis.sure |= segment * mark[2]
            axis.whole |= segment * mark[3]
            axis.possible |= segment * mark[4]
        number[atom] = len(atoms) - 1
        atoms[-1].append(atom)
    axis.segments = [sum(1 << atom for atom in one) for one in atoms]
    axis.every = (1 << len(atoms)) - 1
    axis.surely.cover, axis.maybe.cover = [0] * rules, [0] * rules
    for key, held in found.items():
        made = [
            sum((1 << number[stop - 1] + 1) - (1 << number[start]) for start, stop in _apart(covered, number))
            for covered in key
        ]
        for row in members(held):
            axis.surely.cover[row], axis.maybe.cover[row] = made
    if all(one == other for one, other in found):
        axis.maybe = axis.surely


def _apart(covered: int, number: list[int]) -> Iterator[tuple[int, int]]:
    """The runs of a set of atoms, those that meet in one segment joined."""
    begun: tuple[int, int] | None = None
    for start, stop in runs(covered):
        if begun is not None and number[start] == number[begun[1] - 1]:
            begun = (begun[0], stop)
            continue
        if begun is not None:
            yield begun
        begun = (start, stop)
    if begun is not None:
        yield begun


def _flags(bits: int, size: int) -> list[int]:
    return [int(digit) for digit in reversed(f"{bits:0{size}b}")]


def runs(bits: int) -> Iterator[tuple[int, int]]:
    """The stretches of neighbouring numbers in a set, as start and stop."""
    offset = 0
    while bits:
        skip = (bits & -bits).bit_length() - 1
        bits >>= skip
        length = (~bits & (bits + 1)).bit_length() - 1
        yield offset + skip, offset + skip + length
        bits >>= length
        offset += skip + length
