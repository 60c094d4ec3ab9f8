"""Numeric functions (DMN 1.5 table 79)."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Final

from engine.expressions.feel.builtins.registry import Fails, builtin
from engine.expressions.feel.data.temporal import DaysDuration, MonthsDuration
from engine.expressions.feel.data.values import NUMBERS
from engine.expressions.feel.runtime import Run

MIN_SCALE: Final = -6111
MAX_SCALE: Final = 6176
_EXACT: Final = decimal.Context(prec=13_000, Emin=-99_999, Emax=99_999)
"""Enough digits for the quotient of any two numbers: 1e33 has a remainder by 0.1."""


def rounded(n: Decimal, scale: Decimal | None, mode: str) -> Decimal:
    """n with `scale` decimals, rounded in that mode. Raises Fails for a scale outside decimal128's."""
    places = 0 if scale is None else int(scale)
    if not MIN_SCALE <= places <= MAX_SCALE:
        raise Fails(f"the scale must lie between {MIN_SCALE} and {MAX_SCALE}")
    exponent = n.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return n
    context = decimal.Context(prec=7000, rounding=mode, Emin=-9999, Emax=9999)
    made = n.quantize(Decimal((0, (1,), -places)), context=context)
    return NUMBERS.plus(made if places >= 0 else made.quantize(Decimal(1), context=context))


@builtin("decimal(n: number, scale: number)")
def decimal_(run: Run, n: Decimal, scale: Decimal) -> Decimal:
    return rounded(n, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor(n: number, [scale: number])")
def floor(run: Run, n: Decimal, scale: Decimal | None = None) -> Decimal:
    return rounded(n, scale, decimal.ROUND_FLOOR)


@builtin("ceiling(n: number, [scale: number])")
def ceiling(run: Run, n: Decimal, scale: Decimal | None = None) -> Decimal:
    return rounded(n, scale, decimal.ROUND_CEILING)


@builtin("round up(n: number, scale: number)")
def round_up(run: Run, n: Decimal, scale: Decimal) -> Decimal:
    return rounded(n, scale, decimal.ROUND_UP)


@builtin("round down(n: number, scale: number)")
def round_down(run: Run, n: Decimal, scale: Decimal) -> Decimal:
    return rounded(n, scale, decimal.ROUND_DOWN)


@builtin("round half up(n: number, scale: number)")
def round_half_up(run: Run, n: Decimal, scale: Decimal) -> Decimal:
    return rounded(n, scale, decimal.ROUND_HALF_UP)


@builtin("round half down(n: number, scale: number)")
def round_half_down(run: Run, n: Decimal, scale: Decimal) -> Decimal:
    return rounded(n, scale, decimal.ROUND_HALF_DOWN)


@builtin("abs(n: number)")
def abs_(run: Run, n: Decimal) -> Decimal:
    return n.copy_abs()


@builtin("abs(n: duration)")
def abs_duration(run: Run, n: DaysDuration | MonthsDuration) -> DaysDuration | MonthsDuration:
    return DaysDuration(abs(n.nanos)) if isinstance(n, DaysDuration) else MonthsDuration(abs(n.months))


@builtin("modulo(dividend: number, divisor: number)")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Decimal:
    """The result has the sign of the divisor: dividend - divisor * floor(dividend / divisor)."""
    if divisor.is_zero():
        raise Fails("division by zero")
    left = _EXACT.remainder(dividend, divisor)
    if left and (left < 0) != (divisor < 0):
        left = _EXACT.add(left, divisor)
    return NUMBERS.plus(left)


@builtin("sqrt(number: number)")
def sqrt(run: Run, n: Decimal) -> Decimal:
    return NUMBERS.sqrt(n)


@builtin("log(number: number)")
def log(run: Run, n: Decimal) -> Decimal:
    if n <= 0:
        raise Fails("the logarithm needs a positive number")
    run.tick(30)
    return NUMBERS.ln(n)


@builtin("exp(number: number)")
def exp(run: Run, n: Decimal) -> Decimal:
    run.tick(15)
    return NUMBERS.exp(n)


@builtin("odd(number: number)")
def odd(run: Run, n: Decimal) -> bool:
    """A number with a fraction is neither odd nor even: the result is null."""
    return _parity(n) == 1


@builtin("even(number: number)")
def even(run: Run, n: Decimal) -> bool:
    return _parity(n) == 0


def _parity(n: Decimal) -> int:
    if n != n.to_integral_value():
        raise Fails("a number with a fraction is neither odd nor even")
    exponent = n.as_tuple().exponent
    return 0 if isinstance(exponent, int) and exponent > 0 else int(n) % 2
