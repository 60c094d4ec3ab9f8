"""The operators on values: equality, order, arithmetic, `in`. Data problems give null and a warning, never an exception."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from engine.expressions.feel.data import temporal as tm
from engine.expressions.feel.data.temporal import (
    Date,
    DateTime,
    DaysDuration,
    InvalidTemporal,
    MonthsDuration,
    Time,
)
from engine.expressions.feel.data.values import NUMBERS, Function, Range, kind
from engine.expressions.feel.runtime import Run

Verdict = bool | None


def equal(left: Any, right: Any, run: Run | None = None) -> Verdict:
    """FEEL's `=`: true or false for values of one kind (and null), None for kinds that cannot be compared.

    run: counts the lists and contexts visited (a small value may hold the same list a billion times), and the bodies of
    functions and long strings that are read.
    """
    if left is None or right is None:
        return left is right
    t = type(left)
    if t is not type(right):
        return None
    if t is list or t is dict:
        if len(left) != len(right):
            return False
        if run is not None:
            run.tick(1 + len(left) // 4)
    if t is list:
        return all(equal(a, b, run) is True for a, b in zip(left, right, strict=True))
    if t is dict:
        return left.keys() == right.keys() and all(equal(left[key], right[key], run) is True for key in left)
    if t is DateTime:
        return _same_zonedness(left.time, right.time) and left.instant == right.instant
    if t is Time:
        return _same_zonedness(left, right) and _time_key(left) == _time_key(right)
    if t is Range:
        closed = left.low_closed == right.low_closed and left.high_closed == right.high_closed
        return (
            closed and equal(left.low, right.low, run) is True and equal(left.high, right.high, run) is True
        )
    if t is Function:
        return left is right or _same_function(left, right, run)
    if t is str and run is not None and len(left) > _LONG:
        run.tick(len(left) // _LONG)
    return bool(left == right)


_LONG: Final = 30_000
"""Characters that are compared in about a microsecond."""


def _same_function(left: Function, right: Function, run: Run | None) -> bool:
    """The same parameters, body and scope; only functions written in FEEL have a body to compare."""
    if left.body is None or left.scope is not right.scope:
        return False
    if (left.parameters, left.types) != (right.parameters, right.types):
        return False
    ours, theirs = repr(left.body), repr(right.body)
    if run is not None:
        run.tick(1 + (len(ours) + len(theirs)) // 64)
    return ours == theirs


def _same_zonedness(left: Time, right: Time) -> bool:
    return left.zoned == right.zoned


def _time_key(value: Time) -> int:
    return value.nanos - (value.utc_offset() or 0) * tm.SECOND


def _time_keys(left: Time, right: Time) -> tuple[int, int]:
    """Nanoseconds since midnight; without an offset a time takes over that of the other."""
    return (_time_key(left), _time_key(right)) if left.zoned == right.zoned else (left.nanos, right.nanos)


def _local_key(value: DateTime) -> tuple[int, int]:
    return value.date.days, value.time.nanos


def order(left: Any, right: Any) -> int | None:
    """-1, 0 or 1, or None when the two have no order (different kinds, lists, contexts).

    Where only one of two times or date-times has an offset, the other takes it over (table 54).
    """
    t = type(left)
    if t is Date and type(right) is DateTime:
        left, t = DateTime(left, Time(0, 0)), DateTime
    elif t is DateTime and type(right) is Date:
        right = DateTime(right, Time(0, 0))
    if t is not type(right):
        return None
    a: Any
    b: Any
    if t is Decimal or t is str:
        a, b = left, right
    elif t is Date:
        a, b = (left.year, left.month, left.day), (right.year, right.month, right.day)
    elif t is DateTime:
        if _same_zonedness(left.time, right.time):
            a, b = left.instant, right.instant
        else:
            a, b = _local_key(left), _local_key(right)
    elif t is Time:
        a, b = _time_keys(left, right)
    elif t is DaysDuration:
        a, b = left.nanos, right.nanos
    elif t is MonthsDuration:
        a, b = left.months, right.months
    else:
        return None
    return int(a > b) - int(a < b)


def contains(interval: Range, value: Any) -> Verdict:
    """Is the value inside the interval? None when it cannot be compared with the ends."""
    if (interval.low is None or interval.high is None) and not interval.open_ended:
        return None
    if interval.low is not None:
        low = order(value, interval.low)
        if low is None:
            return None
        if low < 0 or (low == 0 and not interval.low_closed):
            return False
    if interval.high is not None:
        high = order(value, interval.high)
        if high is None:
            return None
        if high > 0 or (high == 0 and not interval.high_closed):
            return False
    return True


def matches(value: Any, wanted: Any, run: Run | None = None) -> Verdict:
    """`value in wanted`: inside a range, an item of a list (or inside a range that is one), or equal."""
    t = type(wanted)
    if t is Range:
        return equal(value, wanted, run) if type(value) is Range else contains(wanted, value)
    if t is list:
        if type(value) is list and equal(value, wanted, run):
            return True
        if run is not None:
            run.tick(1 + len(wanted) // 4)
        return any(_matches_item(value, item, run) is True for item in wanted)
    return equal(value, wanted, run)


def _matches_item(value: Any, item: Any, run: Run | None) -> Verdict:
    return matches(value, item, run) if type(item) is Range or type(item) is list else equal(value, item, run)


# -- arithmetic ---------------------------------------------------------------------------------------------------------


def guarded(run: Run, position: int, doing: str, compute: Callable[[], Any]) -> Any:
    """Do a computation whose result may not exist as a FEEL value."""
    try:
        return compute()
    except decimal.DecimalException:
        return run.warn("function-error", f"{doing} has no number as its result.", position)
    except InvalidTemporal as problem:
        return run.warn("function-error", f"{doing} failed: {problem}.", position)


def add(run: Run, left: Any, right: Any, position: int) -> Any:
    a, b = type(left), type(right)
    if a is Decimal and b is Decimal:
        return guarded(run, position, "Addition", lambda: NUMBERS.add(left, right))
    if a is str and b is str:
        run.wrote(len(left) + len(right))
        return left + right
    if b is DaysDuration or b is MonthsDuration:
        if a is b:
            return _duration(run, position, a, _amount(left) + _amount(right))
        return _shift(run, left, right, 1, position)
    if a is DaysDuration or a is MonthsDuration:
        return _shift(run, right, left, 1, position)
    return run.mismatch("Addition", left, right, position)


def subtract(run: Run, left: Any, right: Any, position: int) -> Any:
    a, b = type(left), type(right)
    if a is Decimal and b is Decimal:
        return guarded(run, position, "Subtraction", lambda: NUMBERS.subtract(left, right))
    if b is DaysDuration or b is MonthsDuration:
        if a is b:
            return _duration(run, position, a, _amount(left) - _amount(right))
        return _shift(run, left, right, -1, position)
    if a is Time and b is Time:
        one, other = _time_keys(left, right)
        return DaysDuration(one - other)
    if a in (Date, DateTime) and b in (Date, DateTime):
        first = left if a is DateTime else DateTime(left, Time(0, 0 if b is DateTime else None))
        second = right if b is DateTime else DateTime(right, Time(0, 0 if a is DateTime else None))
        if first.time.zoned != second.time.zoned:
            return run.warn(
                "type-mismatch", "Subtraction needs two date-times with, or two without, a zone.", position
            )
        return _duration(run, position, DaysDuration, first.instant - second.instant)
    return run.mismatch("Subtraction", left, right, position)


def multiply(run: Run, left: Any, right: Any, position: int) -> Any:
    a, b = type(left), type(right)
    if a is Decimal and b is Decimal:
        return guarded(run, position, "Multiplication", lambda: NUMBERS.multiply(left, right))
    if a is Decimal and b in (DaysDuration, MonthsDuration):
        left, right, a, b = right, left, b, a
    if b is Decimal and a in (DaysDuration, MonthsDuration):
        return _scaled(
            run, position, "Multiplication", a, lambda: NUMBERS.multiply(Decimal(_amount(left)), right)
        )
    return run.mismatch("Multiplication", left, right, position)


def divide(run: Run, left: Any, right: Any, position: int) -> Any:
    a, b = type(left), type(right)
    if a is Decimal and b is Decimal:
        if right.is_zero():
            return run.warn("function-error", "Division by zero.", position)
        return guarded(run, position, "Division", lambda: NUMBERS.divide(left, right))
    if a in (DaysDuration, MonthsDuration):
        if b is Decimal and not right.is_zero():
            return _scaled(
                run, position, "Division", a, lambda: NUMBERS.divide(Decimal(_amount(left)), right)
            )
        if a is b and _amount(right):
            return guarded(
                run,
                position,
                "Division",
                lambda: NUMBERS.divide(Decimal(_amount(left)), Decimal(_amount(right))),
            )
        if b is Decimal or a is b:
            return run.warn("function-error", "Division by zero.", position)
    return run.mismatch("Division", left, right, position)


def power(run: Run, left: Any, right: Any, position: int) -> Any:
    if type(left) is Decimal and type(right) is Decimal:
        if right != right.to_integral_value():
            # It is worked out by logarithms.
            run.tick(50)
        return guarded(run, position, "Exponentiation", lambda: _number_power(left, right))
    return run.mismatch("Exponentiation", left, right, position)


def _number_power(left: Decimal, right: Decimal) -> Decimal:
    if left.is_zero() and right.is_zero():
        return Decimal(1)
    made = NUMBERS.power(left, right)
    if not made.is_finite():
        raise decimal.InvalidOperation
    return made


def negate(run: Run, value: Any, position: int) -> Any:
    t = type(value)
    if t is Decimal:
        return NUMBERS.minus(value)
    if t is DaysDuration or t is MonthsDuration:
        return t(-_amount(value))
    return run.warn(
        "null-operand" if value is None else "type-mismatch",
        f"Negation cannot take a {kind(value)}.",
        position,
    )


ARITHMETIC: dict[str, Callable[[Run, Any, Any, int], Any]] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "**": power,
}  # fmt: skip


def _amount(value: Any) -> int:
    return value.nanos if type(value) is DaysDuration else int(value.months)


def _duration(run: Run, position: int, made: type, amount: int) -> Any:
    if abs(amount) > (1 << 94):
        return run.warn("function-error", "The duration is too long.", position)
    return made(amount)


def _scaled(run: Run, position: int, doing: str, made: type, compute: Callable[[], Decimal]) -> Any:
    amount = guarded(run, position, doing, compute)
    if amount is None:
        return None
    if amount.adjusted() > 28:
        return run.warn("function-error", "The duration is too long.", position)
    # Months are whole; both kinds are cut towards zero, as in the reference implementations.
    return _duration(run, position, made, int(amount))


def _shift(run: Run, base: Any, duration: DaysDuration | MonthsDuration, sign: int, position: int) -> Any:
    t = type(base)
    amount = sign * _amount(duration)
    if t is Time and type(duration) is DaysDuration:
        return Time((base.nanos + amount) % tm.DAY, base.offset, base.zone)
    if t is Date:
        if type(duration) is MonthsDuration:
            return guarded(run, position, "Date arithmetic", lambda: tm.add_months(base, amount))
        return guarded(run, position, "Date arithmetic", lambda: tm.add_days(base, amount // tm.DAY))
    if t is DateTime:
        if type(duration) is MonthsDuration:
            return guarded(
                run,
                position,
                "Date arithmetic",
                lambda: tm.date_time(tm.add_months(base.date, amount), base.time),
            )
        instant = base.instant + amount
        return guarded(
            run, position, "Date arithmetic", lambda: tm.at_instant(instant, base.time.offset, base.time.zone)
        )
    return run.mismatch("Date arithmetic", base, duration, position)
