"""Reads the picture of a diagram: where its elements, their labels and its flows are drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.dialect.layout.boxes import Box, Point
from engine.dialect.safe_xml import Element, local_name

MOST_POINTS = 40
"""Bends of a line that are looked at."""
FARTHEST = 1e7
"""Pixels: beyond it nothing is drawn."""


@dataclass(slots=True)
class Shape:
    """One element in the picture. plane: which of the file's pictures it is in."""

    element: str
    plane: int
    box: Box
    label: Box | None = None
    expanded: bool = True


@dataclass(slots=True)
class Line:
    """One flow in the picture."""

    element: str
    plane: int
    points: list[Point]
    label: Box | None = None


@dataclass(slots=True)
class Picture:
    """All that is drawn, by the id its author wrote."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)


def picture_of(root: Element) -> Picture:
    """Return what is drawn in a file; what has no place, or none a picture can have, is left out."""
    found = Picture()
    plane = 0
    for one in root.iter():
        name = local_name(one)
        if name == "BPMNPlane":
            plane += 1
        elif name == "BPMNShape":
            box = _box(one)
            if box is not None:
                expanded = (one.get("isExpanded") or "true").strip() not in ("false", "0")
                shape = Shape(_meant(one), plane, box, _label(one), expanded)
                found.shapes.setdefault(shape.element, shape)
        elif name == "BPMNEdge":
            points = list(_points(one))
            if len(points) > 1:
                found.lines.setdefault(_meant(one), Line(_meant(one), plane, points, _label(one)))
    return found


def _meant(drawn: Element) -> str:
    return (drawn.get("bpmnElement") or "").strip().rpartition(":")[2]


def _label(drawn: Element) -> Box | None:
    label = next((one for one in drawn if local_name(one) == "BPMNLabel"), None)
    return None if label is None else _box(label)


def _box(drawn: Element) -> Box | None:
    bounds = next((one for one in drawn if local_name(one) == "Bounds"), None)
    if bounds is None:
        return None
    numbers = [_number(bounds.get(name)) for name in ("x", "y", "width", "height")]
    if any(number is None for number in numbers):
        return None
    x, y, width, height = (number or 0.0 for number in numbers)
    return Box(x, y, width, height) if width > 0 and height > 0 else None


def _points(drawn: Element) -> Iterator[Point]:
    for count, one in enumerate(one for one in drawn if local_name(one) == "waypoint"):
        x, y = _number(one.get("x")), _number(one.get("y"))
        if count < MOST_POINTS and x is not None and y is not None:
            yield x, y


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) < FARTHEST else None
