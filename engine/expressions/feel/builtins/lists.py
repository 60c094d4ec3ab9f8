"""List functions (DMN 1.5 table 77) and sort. Lists are values: every function returns a new one."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Final

from engine.expressions.feel import operators as op
from engine.expressions.feel.builtins.registry import Fails, builtin
from engine.expressions.feel.builtins.strings import whole
from engine.expressions.feel.runtime import Run
from engine.expressions.feel.temporal import Date, DaysDuration, MonthsDuration
from engine.expressions.feel.values import NUMBERS, Function


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


def _extreme(items: list[Any], sign: int) -> Any:
    if not items:
        raise Fails("the list is empty")
    best = items[0]
    if best is None or op.order(best, best) is None:
        raise Fails("the items must be comparable with each other")
    for item in items[1:]:
        found = op.order(item, best)
        if found is None:
            raise Fails("the items must be comparable with each other")
        if found == sign:
            best = item
    return best


@builtin("min(list*: any?)")
def min_(run: Run, items: list[Any]) -> Any:
    return _extreme(items, -1)


@builtin("max(list*: any?)")
def max_(run: Run, items: list[Any]) -> Any:
    return _extreme(items, 1)


@builtin("sum(list*: any?)")
def sum_(run: Run, items: list[Any]) -> Any:
    if not items:
        raise Fails("the list is empty")
    for made in (DaysDuration, MonthsDuration):
        if all(type(item) is made for item in items):
            total = items[0]
            for item in items[1:]:
                total = op.add(run, total, item, 0)
            return total
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
    return True if all(item is True for item in items) else None


@builtin("any(list*: any?)")
def any_(run: Run, items: list[Any]) -> bool | None:
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


@builtin("sublist(list: list, start position: number, [length: number?])")
def sublist(run: Run, items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any]:
    begin = whole(start, "start position")
    if begin == 0 or abs(begin) > len(items):
        raise Fails("the start position lies outside the list")
    first = begin - 1 if begin > 0 else len(items) + begin
    if length is None:
        end = len(items)
    else:
        end = first + whole(length, "length")
        if end > len(items) or end <= first:
            raise Fails("the sublist lies outside the list")
    run.made(end - first)
    return items[first:end]


@builtin("append(list: list, item...: any?)")
def append(run: Run, items: list[Any], more: list[Any]) -> list[Any]:
    run.made(len(items) + len(more))
    return items + more


@builtin("concatenate(list...: list)")
def concatenate(run: Run, lists: list[list[Any]]) -> list[Any]:
    run.made(sum(map(len, lists)))
    return [item for one in lists for item in one]


def _position(items: list[Any], position: Decimal, room: int = 0) -> int:
    at = whole(position, "position")
    if at == 0 or at > len(items) + room or -at > len(items):
        raise Fails("the position lies outside the list")
    return at - 1 if at > 0 else len(items) + at


@builtin("insert before(list: list, position: number, newItem: any?)")
def insert_before(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any]:
    at = _position(items, position)
    run.made(len(items) + 1)
    return [*items[:at], item, *items[at:]]


@builtin("remove(list: list, position: number)")
def remove(run: Run, items: list[Any], position: Decimal) -> list[Any]:
    at = _position(items, position)
    run.made(len(items))
    return items[:at] + items[at + 1 :]


@builtin("list replace(list: list, position: number, newItem: any?)")
def replace_at(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any]:
    at = _position(items, position)
    run.made(len(items))
    return [*items[:at], item, *items[at + 1 :]]


@builtin("list replace(list: list, match: function, newItem: any?)")
def replace_matching(run: Run, items: list[Any], match: Function, item: Any) -> list[Any]:
    if len(match.parameters) != 2:
        raise Fails('"match" must be a function of two values: the item and the new item')
    run.made(len(items))
    made: list[Any] = []
    for old in items:
        verdict = run.call(match, [old, item])
        if type(verdict) is not bool:
            raise Fails('"match" must say true or false')
        made.append(item if verdict else old)
    return made


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


@builtin("sort(list: list, [precedes: function?])")
def sort(run: Run, items: list[Any], precedes: Function | None = None) -> list[Any]:
    run.made(len(items))
    if precedes is None:
        if any(op.order(items[0], item) is None for item in items):
            raise Fails("the items must be comparable with each other")
        run.tick(len(items))
        if type(items[0]) in (Decimal, str):
            return sorted(items)
        run.tick(len(items) * len(items).bit_length() // 2)
        return sorted(items, key=cmp_to_key(lambda a, b: op.order(a, b) or 0))

    def compare(a: Any, b: Any) -> int:
        if run.call(precedes, [a, b]) is True:
            return -1
        return 1 if run.call(precedes, [b, a]) is True else 0

    return sorted(items, key=cmp_to_key(compare))
