"""for, some, every and filters: everything that visits the items of a list, and therefore counts its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.expressions.feel.compiling.scoping import Code
from engine.expressions.feel.data import operators as op
from engine.expressions.feel.data.temporal import Date, add_days
from engine.expressions.feel.data.values import MISSING, Range, kind
from engine.expressions.feel.runtime import Env
from engine.expressions.feel.syntax import tree as t

if TYPE_CHECKING:
    from engine.expressions.feel.compiling.compile import Compiler

Items = Callable[[Env], "Iterator[Any] | None"]


def _domain(compiler: Compiler, one: t.Iterator) -> Items:
    start, position = compiler.compile(one.domain), one.domain.position
    end = None if one.end is None else compiler.compile(one.end)

    def items(env: Env) -> Iterator[Any] | None:
        value = start(env)
        if end is not None:
            return _between(env, value, end(env), position)
        if type(value) is Range:
            return _of_range(env, value, position)
        if value is None:
            env.run.warn("null-operand", "An iteration over null has no result.", position)
            return None
        return iter(value if type(value) is list else [value])

    return items


def _between(env: Env, low: Any, high: Any, position: int) -> Iterator[Any] | None:
    """low, low ± 1, … high: whole numbers or days, upwards or downwards."""
    if type(low) is Date and type(high) is Date:
        step = 1 if low.days <= high.days else -1
        count = abs(high.days - low.days) + 1
        return (add_days(low, step * i) for i in range(count))
    if type(low) is not Decimal or type(high) is not Decimal:
        env.run.mismatch("An iteration from one end to another", low, high, position)
        return None
    if (
        low != low.to_integral_value()
        or high != high.to_integral_value()
        or max(low.adjusted(), high.adjusted()) > 30
    ):
        env.run.warn("type-mismatch", "An iteration needs whole numbers as its ends.", position)
        return None
    first, last = int(low), int(high)
    return map(Decimal, range(first, last + 1) if first <= last else range(first, last - 1, -1))


def _of_range(env: Env, value: Range, position: int) -> Iterator[Any] | None:
    low, high = value.low, value.high
    if low is None or high is None:
        env.run.warn("null-operand", "An iteration over a range needs both its ends.", position)
        return None
    made = _between(env, low, high, position)
    if made is None:
        return None
    skip_first, skip_last = not value.low_closed, not value.high_closed
    return (
        item
        for item in made
        if not (skip_first and op.equal(item, low)) and not (skip_last and op.equal(item, high))
    )


def _domains(
    compiler: Compiler, iterators: tuple[t.Iterator, ...], names: set[str]
) -> tuple[list[Items], int]:
    """The domains, each of which knows the names before it, and how many nodes were compiled before the first turn.

    The first domain is worked out once; the others in every turn of the one before.
    """
    domains: list[Items] = []
    before = 0
    for one in iterators:
        domains.append(_domain(compiler, one))
        names.add(one.name)
        before = before or compiler.nodes
    return domains, before


def for_code(compiler: Compiler, node: t.For) -> Code:
    """`for a in x, b in y return …`: every combination, the first iterator outermost."""
    names = [one.name for one in node.iterators]
    known = {"partial"}
    with compiler.frame(known):
        domains, before = _domains(compiler, node.iterators, known)
        body = compiler.compile(node.body)
    weight = compiler.weight(before)
    snapshot = _keeps_partial(node.body)

    def loop(env: Env) -> Any:
        run = env.run
        made: list[Any] = []
        inner = Env({"partial": made}, env, env.root, run)

        def level(index: int) -> bool:
            items = domains[index](inner)
            if items is None:
                return False
            name, last = names[index], index == len(domains) - 1
            for item in items:
                run.tick(weight)
                # Each turn has variables of its own: a function made here keeps its turn's values.
                bound = dict(inner.vars)
                bound[name] = item
                inner.vars = bound
                if last:
                    if snapshot:
                        run.made(len(made))
                        bound["partial"] = list(made)
                    run.made(1)
                    made.append(body(Env(bound, env, env.root, run)))
                elif not level(index + 1):
                    return False
            return True

        if not level(0):
            return None
        if len(made) > run.limits.list_size:
            run.made(len(made))
        return made

    return loop


_READERS = frozenset(("count", "sum", "min", "max", "mean", "product", "list contains"))


def _keeps_partial(body: t.Node) -> bool:
    """May the body hold on to `partial` itself, so that it must be a copy? `partial[-1]` and `sum(partial)` do not."""
    pending: list[Any] = [body]
    while pending:
        one = pending.pop()
        if isinstance(one, t.Name) and one.name == "partial":
            return True
        if isinstance(one, t.Filter) and isinstance(one.source, t.Name) and one.source.name == "partial":
            pending.append(one.test)
        elif isinstance(one, t.Call) and isinstance(one.callee, t.Name) and one.callee.name in _READERS:
            pending.extend(
                arg for arg in one.arguments if not (isinstance(arg, t.Name) and arg.name == "partial")
            )
        elif isinstance(one, t.Node | t.Iterator):
            pending.extend(getattr(one, field) for field in one.__dataclass_fields__)
        elif isinstance(one, tuple):
            pending.extend(one)
    return False


def quantified_code(compiler: Compiler, node: t.Quantified) -> Code:
    """`some … satisfies`, `every … satisfies`, three-valued like `or` and `and`."""
    names = [one.name for one in node.iterators]
    known: set[str] = set()
    with compiler.frame(known):
        domains, before = _domains(compiler, node.iterators, known)
        test = compiler.compile(node.test)
    weight = compiler.weight(before)
    every, strict, position = node.every, node.strict, node.position

    def decide(env: Env) -> bool | None:
        run = env.run
        verdict: bool | None = every
        decided = False

        def level(index: int, outer: dict[str, Any]) -> bool:
            nonlocal verdict, decided
            items = domains[index](Env(outer, env, env.root, run))
            if items is None:
                verdict = None
                return False
            for item in items:
                run.tick(weight)
                bound = {**outer, names[index]: item}
                if index < len(domains) - 1:
                    if not level(index + 1, bound):
                        return False
                    continue
                found = test(Env(bound, env, env.root, run))
                if found is (not every):
                    verdict, decided = not every, True
                    return False
                if type(found) is not bool:
                    if found is not None or strict:
                        run.warn("type-mismatch", f'"satisfies" cannot take a {kind(found)}.', position)
                    verdict = None
                    if strict:
                        return False
            return True

        level(0, {})
        return verdict

    return decide


def filter_code(compiler: Compiler, node: t.Filter) -> Code:
    """`list[3]`, `list[-1]`, `list[price > 10]`; a value that is no list counts as a list of one."""
    source, position = compiler.compile(node.source), node.position
    strict = node.strict
    if _is_number(node.test) and not strict:
        index_code = compiler.compile(node.test)
        return lambda env: _at(env, source(env), index_code(env), position)
    before = compiler.nodes
    with compiler.frame(None):
        test = compiler.compile(node.test)
    weight = compiler.weight(before)

    def select(env: Env) -> Any:
        value, run = source(env), env.run
        if value is None:
            return run.warn("null-operand", "null cannot be filtered.", position)
        items = value if type(value) is list else [value]
        made: list[Any] = []
        for position_, item in enumerate(items):
            run.tick(weight)
            found = test(Env({}, env, env.root, run, item))
            if found is True:
                made.append(item)
            elif strict and found is not False:
                return run.warn("type-mismatch", f"A filter cannot take a {kind(found)}.", position)
            elif type(found) is Decimal and position_ == 0:
                return _at(env, items, outside(env), position)
            elif type(found) is not bool and found is not None:
                run.warn("type-mismatch", f"A filter cannot take a {kind(found)}.", position)
                return None
        if not items and not strict and type(index := outside(env)) is Decimal:
            return _at(env, items, index, position)
        run.made(len(made))
        return made

    def outside(env: Env) -> Any:
        """What stands in the brackets, without an item: a position is the same for the whole list (table 68)."""
        before = len(env.run.warnings)
        found = test(Env({}, env, env.root, env.run, MISSING))
        del env.run.warnings[before:]
        return found

    return select


def _is_number(node: t.Node) -> bool:
    if isinstance(node, t.Negate):
        return True
    return isinstance(node, t.Literal) and type(node.value) is Decimal


def _at(env: Env, value: Any, index: Any, position: int) -> Any:
    items = value if type(value) is list else [] if value is None else [value]
    if type(index) is not Decimal or index != index.to_integral_value() or index.adjusted() > 12:
        return env.run.warn("type-mismatch", "The position in a list must be a whole number.", position)
    at = int(index)
    if at == 0 or abs(at) > len(items):
        return env.run.warn("no-item", f"The list of {len(items)} has no item {at}.", position)
    return items[at - 1 if at > 0 else at]
