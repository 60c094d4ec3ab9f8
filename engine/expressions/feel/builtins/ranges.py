"""Allen's interval relations (DMN 1.5 table 78): between points and ranges, where that makes sense.

Each is the formula of its table row in three-valued logic: a comparison of values without an order is null, and
`false and null` is false. The missing end of a range such as `< 5` lies infinitely far away. (The table's letter would
compare it as null, by which `> 1` lies before `<= 5`, because null = null.)
"""

from __future__ import annotations

from typing import Any, Final

from engine.expressions.feel.builtins.registry import Fails, builtin
from engine.expressions.feel.data import operators as op
from engine.expressions.feel.data.values import Range
from engine.expressions.feel.runtime import Run

Verdict = bool | None
_FIRST: Final = object()
_LAST: Final = object()


def _start(r: Range) -> Any:
    return _FIRST if r.low is None and r.open_ended else r.low


def _end(r: Range) -> Any:
    return _LAST if r.high is None and r.open_ended else r.high


def _order(a: Any, b: Any) -> int | None:
    if a is b and (a is _FIRST or a is _LAST):
        return 0
    if a is _FIRST or b is _LAST:
        return -1
    if a is _LAST or b is _FIRST:
        return 1
    return op.order(a, b)


def _less(a: Any, b: Any) -> Verdict:
    found = _order(a, b)
    return None if found is None else found < 0


def _same(a: Any, b: Any) -> Verdict:
    found = _order(a, b)
    return None if found is None else found == 0


def _and(*verdicts: Verdict) -> Verdict:
    return False if False in verdicts else (None if None in verdicts else True)


def _or(*verdicts: Verdict) -> Verdict:
    return True if True in verdicts else (None if None in verdicts else False)


def _as_range(value: Any) -> Range:
    """A point behaves in these formulas like the range that holds it alone."""
    return value if isinstance(value, Range) else Range(value, value, True, True)


def _decided(verdict: Verdict) -> bool:
    if verdict is None:
        raise Fails("the points cannot be compared with each other")
    return verdict


def _before(a: Any, b: Any) -> Verdict:
    a, b = _as_range(a), _as_range(b)
    touching = not a.high_closed or not b.low_closed
    return _or(_less(_end(a), _start(b)), _and(touching, _same(_end(a), _start(b))))


def _meets(a: Range, b: Range) -> Verdict:
    return _and(a.high_closed, b.low_closed, _same(_end(a), _start(b)))


def _starts_no_later(a: Range, b: Range) -> Verdict:
    return _or(
        _less(_start(a), _start(b)),
        _and(_same(_start(a), _start(b)), a.low_closed or not b.low_closed),
    )


def _ends_no_later(a: Range, b: Range) -> Verdict:
    return _or(_less(_end(a), _end(b)), _and(_same(_end(a), _end(b)), not a.high_closed or b.high_closed))


def _reaches(a: Range, b: Range) -> Verdict:
    """Does a end after b starts, or at a point of both?"""
    return _or(_less(_start(b), _end(a)), _and(_same(_end(a), _start(b)), a.high_closed, b.low_closed))


def _overlaps_before(a: Range, b: Range) -> Verdict:
    starts_earlier = _or(
        _less(_start(a), _start(b)),
        _and(_same(_start(a), _start(b)), a.low_closed, not b.low_closed),
    )
    return _and(starts_earlier, _reaches(a, b), _ends_no_later(a, b))


def _finishes(a: Any, r: Range) -> Verdict:
    if not isinstance(a, Range):
        return _and(r.high_closed, _same(_end(r), a))
    return _and(a.high_closed == r.high_closed, _same(_end(a), _end(r)), _starts_no_later(r, a))


def _starts(a: Any, r: Range) -> Verdict:
    if not isinstance(a, Range):
        return _and(r.low_closed, _same(_start(r), a))
    return _and(a.low_closed == r.low_closed, _same(_start(a), _start(r)), _ends_no_later(a, r))


def _includes(r: Range, inner: Any) -> Verdict:
    inner = _as_range(inner)
    return _and(_starts_no_later(r, inner), _ends_no_later(inner, r))


@builtin("before(range1: range, range2: range)")
@builtin("before(range: range, point: point)")
@builtin("before(point: point, range: range)")
@builtin("before(point1: point, point2: point)")
def before(run: Run, a: Any, b: Any) -> bool:
    return _decided(_before(a, b))


@builtin("after(range1: range, range2: range)")
@builtin("after(range: range, point: point)")
@builtin("after(point: point, range: range)")
@builtin("after(point1: point, point2: point)")
def after(run: Run, a: Any, b: Any) -> bool:
    return _decided(_before(b, a))


@builtin("meets(range1: range, range2: range)")
def meets(run: Run, a: Range, b: Range) -> bool:
    return _decided(_meets(a, b))


@builtin("met by(range1: range, range2: range)")
def met_by(run: Run, a: Range, b: Range) -> bool:
    return _decided(_meets(b, a))


@builtin("overlaps(range1: range, range2: range)")
def overlaps(run: Run, a: Range, b: Range) -> bool:
    return _decided(_and(_reaches(a, b), _reaches(b, a)))


@builtin("overlaps before(range1: range, range2: range)")
def overlaps_before(run: Run, a: Range, b: Range) -> bool:
    return _decided(_overlaps_before(a, b))


@builtin("overlaps after(range1: range, range2: range)")
def overlaps_after(run: Run, a: Range, b: Range) -> bool:
    return _decided(_overlaps_before(b, a))


@builtin("finishes(range1: range, range2: range)")
@builtin("finishes(point: point, range: range)")
def finishes(run: Run, a: Any, b: Range) -> bool:
    return _decided(_finishes(a, b))


@builtin("finished by(range1: range, range2: range)")
@builtin("finished by(range: range, point: point)")
def finished_by(run: Run, a: Range, b: Any) -> bool:
    return _decided(_finishes(b, a))


@builtin("includes(range1: range, range2: range)")
@builtin("includes(range: range, point: point)")
def includes(run: Run, a: Range, b: Any) -> bool:
    return _decided(_includes(a, b))


@builtin("during(range1: range, range2: range)")
@builtin("during(point: point, range: range)")
def during(run: Run, a: Any, b: Range) -> bool:
    return _decided(_includes(b, a))


@builtin("starts(range1: range, range2: range)")
@builtin("starts(point: point, range: range)")
def starts(run: Run, a: Any, b: Range) -> bool:
    return _decided(_starts(a, b))


@builtin("started by(range1: range, range2: range)")
@builtin("started by(range: range, point: point)")
def started_by(run: Run, a: Range, b: Any) -> bool:
    return _decided(_starts(b, a))


@builtin("coincides(range1: range, range2: range)")
def coincides(run: Run, a: Range, b: Range) -> bool:
    closed = a.low_closed == b.low_closed and a.high_closed == b.high_closed
    return _decided(_and(closed, _same(_start(a), _start(b)), _same(_end(a), _end(b))))


@builtin("coincides(point1: point, point2: point)")
def coincides_points(run: Run, a: Any, b: Any) -> bool:
    return _decided(op.equal(a, b, run))
