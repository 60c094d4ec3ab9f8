"""What is kept to save making it again: by what it weighs, not by how many, since whoever may write a text chooses its
size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """The things used last, up to a weight in total. Safe to use from several threads."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._weight = 0
        self._things: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, weight: int, make: Callable[[], Value]) -> Value:
        """The thing kept under `key`, or a new one. What weighs more than a quarter of everything is not kept.

        `make` runs outside the lock: two threads may both make a thing, and one of the two is kept.
        """
        with self._lock:
            found = self._things.get(key)
            if found is not None:
                self._things.move_to_end(key)
                return found[0]
        made = make()
        if weight * 4 <= self._capacity:
            with self._lock:
                if key not in self._things:
                    self._things[key] = (made, weight)
                    self._weight += weight
                while self._weight > self._capacity:
                    _, (_, lighter) = self._things.popitem(last=False)
                    self._weight -= lighter
        return made
