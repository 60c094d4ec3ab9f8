"""Allen's interval relations (DMN 1.5 table 83): between points and ranges, where that makes sense."""

from __future__ import annotations

from typing import Any

from engine.expressions.feel import operators as op
from engine.expressions.feel.builtins.registry import Fails, builtin
from engine.expressions.feel.runtime import Run
from engine.expressions.feel.values import Range


def _order(a: Any, b: Any) -> int:
    """Raises Fails when the two cannot be compared."""
    found = op.order(a, b)
    if found is None:
        raise Fails("the points cannot be compared with each other")
    return found


def _low(r: Range) -> Any:
    if r.low is None:
        raise Fails("the range has no start")
    return r.low


def _high(r: Range) -> Any:
    if r.high is None:
        raise Fails("the range has no end")
    return r.high


def _starts_before(a: Range, b: Range) -> bool:
    found = _order(_low(a), _low(b))
    return found < 0 or (found == 0 and a.low_closed and not b.low_closed)


def _same_start(a: Range, b: Range) -> bool:
    return _order(_low(a), _low(b)) == 0 and a.low_closed == b.low_closed


def _same_end(a: Range, b: Range) -> bool:
    return _order(_high(a), _high(b)) == 0 and a.high_closed == b.high_closed


def _before(a: Any, b: Any) -> bool:
    if isinstance(a, Range):
        end, a_closed = _high(a), a.high_closed
    else:
        end, a_closed = a, True
    if isinstance(b, Range):
        start, b_closed = _low(b), b.low_closed
    else:
        start, b_closed = b, True
    found = _order(end, start)
    return found < 0 or (found == 0 and not (a_closed and b_closed))


def _point_before_point(a: Any, b: Any) -> bool:
    return _order(a, b) < 0


def _includes(r: Range, inner: Any) -> bool:
    if not isinstance(inner, Range):
        found = op.contains(r, inner)
        if found is None:
            raise Fails("the point cannot be compared with the range")
        return found
    low = _order(_low(r), _low(inner))
    high = _order(_high(inner), _high(r))
    return (low < 0 or (low == 0 and (r.low_closed or not inner.low_closed))) and (
        high < 0 or (high == 0 and (r.high_closed or not inner.high_closed))
    )


def _meets(a: Range, b: Range) -> bool:
    return _order(_high(a), _low(b)) == 0 and a.high_closed and b.low_closed


def _starts(a: Any, r: Range) -> bool:
    if not isinstance(a, Range):
        return _order(a, _low(r)) == 0 and r.low_closed
    return _same_start(a, r) and _includes(r, a)


def _finishes(a: Any, r: Range) -> bool:
    if not isinstance(a, Range):
        return _order(a, _high(r)) == 0 and r.high_closed
    return _same_end(a, r) and _includes(r, a)


def _touch(a: Range, b: Range) -> bool:
    """Do they share at least one point?"""
    return not _before(a, b) and not _before(b, a)


def _overlaps_before(a: Range, b: Range) -> bool:
    """a starts first, they share a point, and a does not end after b."""
    ends = _order(_high(a), _high(b))
    ends_in_time = ends < 0 or (ends == 0 and (not a.high_closed or b.high_closed))
    return _starts_before(a, b) and _touch(a, b) and ends_in_time


def _coincides(a: Range, b: Range) -> bool:
    return _same_start(a, b) and _same_end(a, b)


@builtin("before(range1: range, range2: range)")
@builtin("before(range: range, point: any)")
@builtin("before(point: any, range: range)")
def before(run: Run, a: Any, b: Any) -> bool:
    return _before(a, b)


@builtin("before(point1: any, point2: any)")
def before_points(run: Run, a: Any, b: Any) -> bool:
    return _point_before_point(a, b)


@builtin("after(range1: range, range2: range)")
@builtin("after(range: range, point: any)")
@builtin("after(point: any, range: range)")
def after(run: Run, a: Any, b: Any) -> bool:
    return _before(b, a)


@builtin("after(point1: any, point2: any)")
def after_points(run: Run, a: Any, b: Any) -> bool:
    return _point_before_point(b, a)


@builtin("meets(range1: range, range2: range)")
def meets(run: Run, a: Range, b: Range) -> bool:
    return _meets(a, b)


@builtin("met by(range1: range, range2: range)")
def met_by(run: Run, a: Range, b: Range) -> bool:
    return _meets(b, a)


@builtin("overlaps(range1: range, range2: range)")
def overlaps(run: Run, a: Range, b: Range) -> bool:
    return _touch(a, b)


@builtin("overlaps before(range1: range, range2: range)")
def overlaps_before(run: Run, a: Range, b: Range) -> bool:
    return _overlaps_before(a, b)


@builtin("overlaps after(range1: range, range2: range)")
def overlaps_after(run: Run, a: Range, b: Range) -> bool:
    return _overlaps_before(b, a)


@builtin("finishes(range1: range, range2: range)")
@builtin("finishes(point: any, range: range)")
def finishes(run: Run, a: Any, b: Range) -> bool:
    return _finishes(a, b)


@builtin("finished by(range1: range, range2: range)")
@builtin("finished by(range: range, point: any)")
def finished_by(run: Run, a: Range, b: Any) -> bool:
    return _finishes(b, a)


@builtin("includes(range1: range, range2: range)")
@builtin("includes(range: range, point: any)")
def includes(run: Run, a: Range, b: Any) -> bool:
    return _includes(a, b)


@builtin("during(range1: range, range2: range)")
@builtin("during(point: any, range: range)")
def during(run: Run, a: Any, b: Range) -> bool:
    return _includes(b, a)


@builtin("starts(range1: range, range2: range)")
@builtin("starts(point: any, range: range)")
def starts(run: Run, a: Any, b: Range) -> bool:
    return _starts(a, b)


@builtin("started by(range1: range, range2: range)")
@builtin("started by(range: range, point: any)")
def started_by(run: Run, a: Range, b: Any) -> bool:
    return _starts(b, a)


@builtin("coincides(range1: range, range2: range)")
def coincides(run: Run, a: Range, b: Range) -> bool:
    return _coincides(a, b)


@builtin("coincides(point1: any, point2: any)")
def coincides_points(run: Run, a: Any, b: Any) -> bool | None:
    return op.equal(a, b, run)
