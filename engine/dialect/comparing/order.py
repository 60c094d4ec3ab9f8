"""What moved in a list: the fewest things that were put elsewhere."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def moved_in(before: Sequence[T], after: Sequence[T]) -> set[T]:
    """Return what both lists have and stands elsewhere in `after`, counting as few as explain the new order."""
    place = {one: index for index, one in enumerate(before)}
    common = [one for one in after if one in place]
    places = [place[one] for one in common]
    tails: list[int] = []
    tail_at: list[int] = []
    previous: list[int] = []
    for index, value in enumerate(places):
        length = bisect_left(tails, value)
        previous.append(tail_at[length - 1] if length else -1)
        tails[length:] = [value] if length == len(tails) else [value, *tails[length + 1 :]]
        tail_at[length:] = [index] if length == len(tail_at) else [index, *tail_at[length + 1 :]]
    stays: set[T] = set()
    index = tail_at[-1] if tail_at else -1
    while index >= 0:
        stays.add(common[index])
        index = previous[index]
    return set(common) - stays
