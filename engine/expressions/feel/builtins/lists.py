"""List functions (DMN 1.5 table 77) and sort. Lists are values: every function returns a new one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Final

from engine.expressions.feel.builtins.registry import Fails, builtin
from engine.expressions.feel.builtins.strings import position as index
from engine.expressions.feel.builtins.strings import size
from engine.expressions.feel.data import operators as op
from engine.expressions.feel.data.temporal import Date, DaysDuration, MonthsDuration
from engine.expressions.feel.data.values import NUMBERS, Function
from engine.expressions.feel.runtime import Run


def _numbers(items: list[Any]) -> list[Decimal]:
    if not all(type(item) is Decimal for item in items):
        raise Fails("every item must be a number")
    return items


def _total(items: list[Decimal]) -> Decimal:
    total = Decimal(0)
    for item in items:
        total = NUMBERS.add(total, item)
    return total


@builtin("list contains(list: list, element: any)")
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    return any(op.equal(item, element, run) is True for item in items)


@builtin("count(list: list)")
def count(run: Run, items: list[Any]) -> Decimal:
    return Decimal(len(items))


def _extreme(run: Run, items: list[Any], sign: int) -> Any:
    if not items:
        raise Fails("the list is empty")
    best = items[0]
    if best is None or op.order(best, best) is None:
        raise Fails("the items must be comparable with each other")
    for item in items[1:]:
        # Date-times of named zones take ten times as long to compare as numbers: the time must be looked at.
        run.tick()
        found = op.order(item, best)
        if found is None:
            raise Fails("the items must be comparable with each other")
        if found == sign:
            best = item
    return best


@builtin("min(list*: any?)")
def min_(run: Run, items: list[Any]) -> Any:
    return _extreme(run, items, -1)


@builtin("max(list*: any?)")
def max_(run: Run, items: list[Any]) -> Any:
    return _extreme(run, items, 1)


@builtin("sum(list*: any?)")
def sum_(run: Run, items: list[Any]) -> Decimal:
    """Of numbers alone: durations are outside the function's domain (table 75)."""
    if not items:
        raise Fails("the list is empty")
    return _total(_numbers(items))


@builtin("product(list*: any?)")
def product(run: Run, items: list[Any]) -> Decimal:
    if not items:
        raise Fails("the list is empty")
    total = Decimal(1)
    for item in _numbers(items):
        total = NUMBERS.multiply(total, item)
    return total


@builtin("mean(list*: any?)")
def mean(run: Run, items: list[Any]) -> Decimal:
    if not items:
        raise Fails("the list is empty")
    return NUMBERS.divide(_total(_numbers(items)), Decimal(len(items)))


@builtin("median(list*: any?)")
def median(run: Run, items: list[Any]) -> Decimal:
    if not items:
        raise Fails("the list is empty")
    ordered = sorted(_numbers(items))
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return NUMBERS.divide(NUMBERS.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@builtin("stddev(list*: any?)")
def stddev(run: Run, items: list[Any]) -> Decimal:
    """The sample standard deviation (divided by n - 1)."""
    if len(items) < 2:
        raise Fails("at least two numbers are needed")
    average = mean(run, items)
    squares = [NUMBERS.power(NUMBERS.subtract(item, average), Decimal(2)) for item in items]
    return NUMBERS.sqrt(NUMBERS.divide(_total(squares), Decimal(len(items) - 1)))


@builtin("mode(list*: any?)")
def mode(run: Run, items: list[Any]) -> list[Decimal]:
    if not items:
        return []
    counted = Counter(_numbers(items))
    most = max(counted.values())
    return sorted(item for item, times in counted.items() if times == most)


@builtin("all(list*: any?)")
def all_(run: Run, items: list[Any]) -> bool | None:
    if any(item is False for item in items):
        return False
    _want_booleans(items)
    return True if None not in items else None


@builtin("any(list*: any?)")
def any_(run: Run, items: list[Any]) -> bool | None:
    if any(item is True for item in items):
        return True
    _want_booleans(items)
    return False if None not in items else None


def _want_booleans(items: list[Any]) -> None:
    """Raises Fails where an item is neither true, false nor null."""
    if any(item is not None and type(item) is not bool for item in items):
        raise Fails("every item must be true or false")


@builtin("sublist(list: list, start position: number, [length: number?])")
def sublist(run: Run, items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any]:
    """The length must lie in 1..E, E being what is left from the start position on (table 75, note 2)."""
    first = index(start, len(items), "start position")
    end = len(items) if length is None else first + size(length)
    if end > len(items) or end <= first:
        raise Fails("the sublist lies outside the list")
    run.made(end - first)
    return items[first:end]


@builtin("append(list: list, [item...: any?])")
def append(run: Run, items: list[Any], more: list[Any]) -> list[Any]:
    run.made(len(items) + len(more))
    return items + more


@builtin("concatenate(list...: list)")
def concatenate(run: Run, lists: list[list[Any]]) -> list[Any]:
    run.made(sum(map(len, lists)))
    return [item for one in lists for item in one]


@builtin("insert before(list: list, position: number, newItem: any?)")
def insert_before(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any]:
    at = index(position, len(items), "position")
    run.made(len(items) + 1)
    return [*items[:at], item, *items[at:]]


@builtin("remove(list: list, position: number)")
def remove(run: Run, items: list[Any], position: Decimal) -> list[Any]:
    at = index(position, len(items), "position")
    run.made(len(items))
    return items[:at] + items[at + 1 :]


@builtin("list replace(list: list, position: number, newItem: any?)")
def replace_at(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any]:
    at = index(position, len(items), "position")
    run.made(len(items))
    return [*items[:at], item, *items[at + 1 :]]


@builtin("list replace(list: list, match: function, newItem: any?)")
def replace_matching(run: Run, items: list[Any], match: Function, item: Any) -> list[Any]:
    """Every item for which match(item, newItem) is true becomes newItem."""
    run.made(len(items))
    says = _verdicts(run, match, "match")
    return [item if says(old, item) else old for old in items]


def _verdicts(run: Run, function: Function, name: str) -> Callable[[Any, Any], bool]:
    """A function of two values as one that says true or false: where it says neither, it is outside the domain."""
    if len(function.parameters) != 2 and not function.variadic:
        raise Fails(f'"{name}" must be a function of two values')

    def ask(a: Any, b: Any) -> bool:
        verdict = run.call(function, [a, b])
        if type(verdict) is not bool:
            raise Fails(f'"{name}" must say true or false for every pair of items')
        return verdict

    return ask


@builtin("reverse(list: list)")
def reverse(run: Run, items: list[Any]) -> list[Any]:
    run.made(len(items))
    return items[::-1]


@builtin("index of(list: list, match: any)")
def index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    return [Decimal(i) for i, item in enumerate(items, 1) if op.equal(item, match, run) is True]


_HASHED: Final = frozenset((str, bool, Decimal, Date, DaysDuration, MonthsDuration))
"""The kinds of values that are equal to FEEL exactly when Python says so."""


def _distinct(run: Run, items: list[Any]) -> list[Any]:
    made: list[Any] = []
    simple: set[Any] = set()
    for item in items:
        if item is None or type(item) in _HASHED:
            # True and 1 are one key to Python, two values to FEEL.
            key = (type(item), item)
            if key in simple:
                continue
            simple.add(key)
            made.append(item)
            continue
        run.tick(1 + len(made) // 4)
        if not any(op.equal(item, other, run) is True for other in made):
            made.append(item)
    run.made(len(made))
    return made


@builtin("union(list...: list)")
def union(run: Run, lists: list[list[Any]]) -> list[Any]:
    return _distinct(run, concatenate(run, lists))


@builtin("distinct values(list: list)")
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    return _distinct(run, items)


@builtin("flatten(list: list)")
def flatten(run: Run, items: list[Any]) -> list[Any]:
    made: list[Any] = []
    pending = [iter(items)]
    while pending:
        for item in pending[-1]:
            if type(item) is list:
                run.tick()
                pending.append(iter(item))
                break
            made.append(item)
            if len(made) > run.limits.list_size:
                run.made(len(made))
        else:
            pending.pop()
    run.made(len(made))
    return made


def _compared(run: Run, a: Any, b: Any) -> int:
    run.tick()
    return op.order(a, b) or 0


@builtin("sort(list: list, [precedes: function?])")
def sort(run: Run, items: list[Any], precedes: Function | None = None) -> list[Any]:
    """Stable. `precedes` must be "defined on every pair of list elements"; without it, items go in ascending order."""
    run.made(len(items))
    if precedes is None:
        if len(items) < 2:
            return items
        if any(op.order(items[0], item) is None for item in items):
            raise Fails("the items must be comparable with each other")
        run.tick(len(items))
        if type(items[0]) in (Decimal, str):
            return sorted(items)
        return sorted(items, key=cmp_to_key(lambda a, b: _compared(run, a, b)))
    says = _verdicts(run, precedes, "precedes")
    # Sorting only asks whether one item comes before another.
    return sorted(items, key=cmp_to_key(lambda a, b: -1 if says(a, b) else 0))
