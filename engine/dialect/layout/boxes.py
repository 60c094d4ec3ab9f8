"""Rectangles and lines in a picture, in pixels."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle: upper left corner and size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    def overlaps(self, other: Box, gap: float = 0) -> bool:
        """Tell whether two boxes cover the same ground, or lie nearer to each other than `gap`; below 0: cover more than that."""
        return (
            self.x < other.right + gap
            and other.x < self.right + gap
            and self.y < other.bottom + gap
            and other.y < self.bottom + gap
        )

    def contains(self, other: Box) -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and self.right >= other.right
            and self.bottom >= other.bottom
        )

    def holds(self, point: Point) -> bool:
        """Tell whether a point is inside or on the border."""
        return self.x <= point[0] <= self.right and self.y <= point[1] <= self.bottom

    def on_border(self, point: Point) -> bool:
        x, y = point
        return self.holds(point) and (x in (self.x, self.right) or y in (self.y, self.bottom))

    def inner(self, by: float) -> Box:
        """Return the box without a margin of so many pixels."""
        return Box(self.x + by, self.y + by, max(self.width - 2 * by, 0), max(self.height - 2 * by, 0))

    def is_cut_by(self, start: Point, end: Point) -> bool:
        """Tell whether the line from start to end runs through the inside of the box (Liang and Barsky's clipping)."""
        low, high = 0.0, 1.0
        for a, b, least, most in (
            (start[0], end[0], self.x, self.right),
            (start[1], end[1], self.y, self.bottom),
        ):
            way = b - a
            if way == 0:
                if not least < a < most:
                    return False
                continue
            one, other = sorted(((least - a) / way, (most - a) / way))
            low, high = max(low, one), min(high, other)
        return low < high
