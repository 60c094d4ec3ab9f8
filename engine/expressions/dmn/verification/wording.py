"""How a set of inputs is told to an author: one readable example, and the conditions under which it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from engine.expressions.dmn.verification import sorts
from engine.expressions.dmn.verification.domains import ELSE, NULL, Line
from engine.expressions.dmn.verification.grid import Axis, Box, Grid, runs

_SHOWN = 8
"""Values of one input that are listed."""


def example_of(grid: Grid, box: Box) -> dict[str, str]:
    """Input expression → FEEL text of a value, for one input of the box, as an author would write it."""
    found: dict[str, str] = {}
    for axis, segments in _in_order(grid, box):
        known, value = sample(axis, segments)
        if known:
            found.setdefault(axis.text, sorts.written(value))
    return found


def _in_order(grid: Grid, box: Box) -> list[tuple[Axis, int]]:
    """Axes and segments in the order of the columns."""
    return sorted(zip(grid.axes, box, strict=True), key=lambda one: one[0].columns[0].index)


def sample(axis: Axis, segments: int) -> tuple[bool, Any]:
    """Whether the segments have a value that can be named, and the most readable one: one that is mentioned in the
    table, else a whole one, else any."""
    atoms = axis.atoms(segments & axis.sure or segments & axis.possible or segments)
    plain = atoms & ~axis.domain.fractions()
    if not atoms >> 2:
        # An input of which the table says nothing but whether it is null.
        return True, sorts.OTHER_TEXTS[0] if atoms & ELSE else None
    for wanted in (plain, atoms):
        for line in axis.domain.lines.values():
            inside = (wanted & line.all) >> line.first
            if inside:
                return True, _readable(line, inside)
    raise AssertionError("an atom without a line")


def _readable(line: Line, atoms: int) -> Any:
    if line.sort == sorts.STRING:
        for text in sorts.OTHER_TEXTS:
            atom = line.key_at(text) - line.first
            if atom % 2 == 0 and atoms >> atom & 1 and not atoms & _points(line.size):
                return text
    # A value somebody wrote down, if it is one of those; else from the first interval behind a border.
    points = atoms & _points(line.size)
    if points:
        return line.sample((points & -points).bit_length() - 1)
    behind = atoms & ~1 or atoms
    atom = (behind & -behind).bit_length() - 1
    value = line.sample(atom, True)
    return line.sample(atom) if value is None else value


def _points(size: int) -> int:
    return int("10" * (size // 2) or "0", 2)


def area_of(grid: Grid, box: Box) -> str:
    """The box as conditions: `amount > 1000 · level "gold", "silver"`; empty when it is everywhere."""
    parts = [
        f"{axis.label}: {conditions(axis, segments)}"
        for axis, segments in _in_order(grid, box)
        if axis.sure & ~segments
    ]
    return "; ".join(parts)


def conditions(axis: Axis, segments: int) -> str:
    """A set of segments as an author would write it in a cell."""
    atoms = axis.atoms(segments)
    parts: list[str] = []
    for line in axis.domain.lines.values():
        inside = (atoms & line.all) >> line.first
        if not inside:
            continue
        if line.sort == sorts.STRING and inside & ~_points(line.size):
            missing = [line.keys[i] for i in range(len(line.keys)) if not inside >> (2 * i + 1) & 1]
            everywhere = inside | _points(line.size) | line.void >> line.first
            if everywhere == (1 << line.size) - 1:
                parts.append(f"not({_listed(missing)})" if missing else "-")
                continue
        parts.extend(islice(_stretches(line, inside), _SHOWN + 1))
    if atoms & NULL:
        parts.append("null")
    shown = parts[:_SHOWN]
    return ", ".join(shown) + (", …" if len(parts) > len(shown) else "")


def _listed(values: list[Any]) -> str:
    shown = ", ".join(sorts.written(value) for value in values[:_SHOWN])
    return shown + (", …" if len(values) > _SHOWN else "")


def _stretches(line: Line, inside: int) -> Iterator[str]:
    """Runs of atoms as ranges, comparisons and single values; atoms without values do not part them."""
    # Between false and true lies nothing, but nobody writes them as a range.
    void = 0 if line.sort == sorts.BOOLEAN else (line.void | line.broken) >> line.first
    for start, stop in runs(inside | void):
        held = inside >> start & (1 << stop - start) - 1
        if held:
            first = start + (held & -held).bit_length() - 1
            yield _stretch(line, first, start + held.bit_length())


def _stretch(line: Line, start: int, stop: int) -> str:
    """The atoms from `start` to before `stop`: odd ones are keys, even ones lie before the key of half their number."""

    def text(index: int) -> str:
        value = line.values[index]
        return sorts.written(sorts.at(sorts.DATE_TIME, line.keys[index]) if value is None else value)

    if start == 0 and stop == line.size:
        return "-"
    low_closed, high_closed = start % 2 == 1, stop % 2 == 0
    if start == 0:
        return f"{'<=' if high_closed else '<'} {text((stop - 1) // 2)}"
    if stop == line.size:
        return f"{'>=' if low_closed else '>'} {text((start - 1) // 2)}"
    low, high = (start - 1) // 2, (stop - 1) // 2
    if low == high:
        return text(low)
    return f"{'[' if low_closed else '('}{text(low)}..{text(high)}{']' if high_closed else ')'}"


def told(example: Mapping[str, str]) -> str:
    """`amount = 1000, level = "gold"`."""
    return ", ".join(f"{expression} = {value}" for expression, value in example.items())
