"""The rules of two decision tables beside each other: by id where ids were kept, else by what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.dialect.comparing.model import Detail, Row
from engine.dialect.comparing.order import moved_in

_MOST_ALIGNED = 1_000
"""Rules without a partner up to which the most alike are looked for; more are told as removed and added."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. known: its expression, or the name of the output."""

    kind: str
    id: str
    known: str
    says: dict[str, str]

    def path(self, table: Table) -> str:
        """Return what the column is called in paths, told apart from others of the same name."""
        alike = [one for one in table.columns if one.kind == self.kind and one.title == self.title]
        number = f" #{[one is self for one in alike].index(True) + 1}" if len(alike) > 1 else ""
        return f"{self.kind} {self.title}{number}"

    @property
    def title(self) -> str:
        """What people see above the column."""
        return self.says.get("label") or self.known or self.kind


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of a table: its cells in the order of its columns."""

    id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    annotations: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table. shape: how many inputs and outputs it has."""

    says: dict[str, str]
    columns: tuple[Column, ...]
    shape: tuple[int, int]
    rules: tuple[Rule, ...]

    def cells(self, rule: Rule) -> dict[int, str]:
        """Return number of the column → what its cell says; the description is number -1."""
        inputs, outputs = self.shape
        found = dict(enumerate(rule.inputs[:inputs]))
        found |= {inputs + place: text for place, text in enumerate(rule.outputs[:outputs])}
        found |= {inputs + outputs + place: text for place, text in enumerate(rule.annotations)}
        found[-1] = rule.description
        return found


Pairs = list[tuple[Column | None, Column | None]]


_ALIKE: tuple[Callable[[Column, Column], bool], ...] = (
    lambda one, other: bool(one.id) and one.id == other.id,
    lambda one, other: one.known == other.known,
    lambda one, other: one.title == other.title,
)


def paired_columns(before: Table, after: Table) -> Pairs:
    """Return which column is which: by id, else by what it asks or gives, in the order of the later table."""
    free = list(before.columns)
    found: dict[int, Column] = {}
    for alike in _ALIKE:
        for place, column in enumerate(after.columns):
            if place in found:
                continue
            match = next((one for one in free if one.kind == column.kind and alike(one, column)), None)
            if match is not None:
                free = [one for one in free if one is not match]
                found[place] = match
    return [
        *((found.get(place), column) for place, column in enumerate(after.columns)),
        *((one, None) for one in free),
    ]


def compare_rows(before: Table, after: Table, columns: Pairs) -> tuple[Row, ...]:
    """Return the rules that differ, by their place in the later table, what was removed at the end."""
    ours = [before.cells(one) for one in before.rules]
    theirs = [after.cells(one) for one in after.rules]
    places = _places(before, after, columns)
    pairs = _pairs(
        before,
        after,
        [_face(one, [a for a, _ in places]) for one in ours],
        [_face(one, [b for _, b in places]) for one in theirs],
    )
    back = {there: here for here, there in pairs.items()}
    moved = moved_in(list(pairs), [back[place] for place in range(len(theirs)) if place in back])
    rows: list[Row] = []
    for place, cells in enumerate(theirs):
        if place not in back:
            rows.append(Row("added", None, place + 1, _alone(cells, after, later=True)))
            continue
        here = back[place]
        different = tuple(
            Detail(
                _title(a, b, before, after),
                ours[here].get(a, "") if a is not None else None,
                cells.get(b, "") if b is not None else None,
            )
            for a, b in places
            if a is not None and b is not None and ours[here].get(a, "") != cells.get(b, "")
        )
        if different:
            rows.append(Row("changed", here + 1, place + 1, different))
        elif here in moved:
            rows.append(Row("moved", here + 1, place + 1))
    rows += [
        Row("removed", here + 1, None, _alone(ours[here], before, later=False))
        for here in range(len(ours))
        if here not in pairs
    ]
    return tuple(rows)


def _places(before: Table, after: Table, columns: Pairs) -> list[tuple[int | None, int | None]]:
    ours = {id(one): place for place, one in enumerate(before.columns)}
    theirs = {id(one): place for place, one in enumerate(after.columns)}
    return [
        *((ours[id(one)] if one else None, theirs[id(other)] if other else None) for one, other in columns),
        (-1, -1),
    ]


def _face(cells: dict[int, str], places: list[int | None]) -> tuple[str, ...]:
    return tuple(cells.get(place, "") for place in places if place is not None)


def _title(a: int | None, b: int | None, before: Table, after: Table) -> str:
    if b == -1 or (b is None and a == -1):
        return "description"
    table, place = (after, b) if b is not None else (before, a)
    return (
        table.columns[place].path(table) if place is not None and place < len(table.columns) else "annotation"
    )


def _alone(cells: dict[int, str], table: Table, *, later: bool) -> tuple[Detail, ...]:
    return tuple(
        Detail(
            _title(place, place if later else None, table, table),
            None if later else text,
            text if later else None,
        )
        for place, text in cells.items()
        if text
    )


def _pairs(
    before: Table, after: Table, ours: list[tuple[str, ...]], theirs: list[tuple[str, ...]]
) -> dict[int, int]:
    """Return which rule is which: by id, by what it says, and of the rest between two of those by how alike they are."""
    found: dict[int, int] = {}
    _by([one.id for one in before.rules], [one.id for one in after.rules], found)
    _by(ours, theirs, found)
    free_a = [place for place in range(len(ours)) if place not in found]
    taken = set(found.values())
    free_b = [place for place in range(len(theirs)) if place not in taken]
    if free_a and free_b and len(free_a) * len(free_b) <= _MOST_ALIGNED * 100:
        likely = sorted(
            (-_alike(ours[a], theirs[b]), abs(a - b), a + b, a, b)
            for a in free_a
            for b in free_b
            if _alike(ours[a], theirs[b])
        )
        for _, _, _, a, b in likely:
            if a not in found and b not in taken:
                found[a] = b
                taken.add(b)
    return dict(sorted(found.items()))


def _by(
    ours: list[str] | list[tuple[str, ...]], theirs: list[str] | list[tuple[str, ...]], found: dict[int, int]
) -> None:
    """Pair what looks the same: what is there once on both sides anywhere, what is there more often in its order."""
    taken = set(found.values())
    free: dict[object, list[int]] = {}
    for place, look in enumerate(theirs):
        if place not in taken and look:
            free.setdefault(look, []).append(place)
    for place, look in enumerate(ours):
        if place not in found and free.get(look):
            found[place] = free[look].pop(0)


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Return how many cells say the same, where it is at least half of those that say something; 0 otherwise."""
    same = sum(a == b and bool(a) for a, b in zip(one, other, strict=False))
    said = max(sum(map(bool, one)), sum(map(bool, other)))
    return same if said and 2 * same >= said else 0
