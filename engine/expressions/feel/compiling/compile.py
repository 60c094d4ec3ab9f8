"""Syntax tree → Python closures, once. Each node becomes a function of an Env; data problems give null and a warning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Iterator as Iter
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from engine.expressions.feel.compiling.calls import call_code, function_code
from engine.expressions.feel.compiling.comparisons import between_code, comparison_code, in_code, logic_code
from engine.expressions.feel.compiling.loops import filter_code, for_code, quantified_code
from engine.expressions.feel.compiling.scoping import Code, Frame, Uses, lookup, member
from engine.expressions.feel.compiling.unary import INPUT, test_code, tests_code
from engine.expressions.feel.data import operators as op
from engine.expressions.feel.data.types import FeelType, coerce, is_instance, is_type
from engine.expressions.feel.data.values import MISSING, Range, kind
from engine.expressions.feel.errors import Problem
from engine.expressions.feel.runtime import Env
from engine.expressions.feel.syntax import tree as t


class Compiler:
    """Compiles trees over one set of outer names.

    known: names that may hold functions besides the built-ins (variables, user functions); problems: what is wrong
    although the text can be read (unknown functions, wrong number of arguments). strict: `known` is all there is.
    origins: where the trees of several texts come from, by the identity of each tree, when they are compiled as one.
    """

    def __init__(
        self,
        known: Iterable[str] = (),
        locals: Iterable[str] = (),
        strict: bool = True,
        origins: Mapping[int, Any] | None = None,
    ) -> None:
        self.known = frozenset(known)
        self.strict = strict
        self.frames: list[Frame] = [Frame(set(locals))] if locals else []
        self.uses = Uses()
        self.problems: list[Problem] = []
        self.origins = origins or {}
        self.nodes = 0
        """How many were compiled so far."""

    def weight(self, before: int) -> int:
        """The steps that evaluating the nodes compiled since `before` may take: four nodes take about a microsecond."""
        return 1 + (self.nodes - before) // 4

    def paying(self, before: int, code: Code) -> Code:
        """The code of the nodes compiled since `before`, which pays for itself if it is long enough to matter."""
        weight = self.weight(before)
        if weight < 16:
            return code

        def pay(env: Env) -> Any:
            env.run.tick(weight)
            return code(env)

        return pay

    def compile(self, node: t.Node) -> Code:
        self.nodes += 1
        if not self.origins:
            return _BUILDERS[type(node)](self, node)
        with self.reading(node):
            return _BUILDERS[type(node)](self, node)

    @contextmanager
    def reading(self, node: t.Node) -> Iter[None]:
        """While inside, problems and names are said to stand in the text this tree is of."""
        outer = self.uses.origin
        self.uses.origin = self.origins.get(id(node), outer)
        try:
            yield
        finally:
            self.uses.origin = outer

    @contextmanager
    def frame(self, names: set[str] | None) -> Iter[Frame]:
        made = Frame(names)
        self.frames.append(made)
        try:
            yield made
        finally:
            self.frames.pop()

    # -- names and paths ------------------------------------------------------------------------------------------

    def literal(self, node: t.Literal) -> Code:
        value = node.value
        return lambda env: value

    def failed(self, node: t.Failed) -> Code:
        message, position = node.problem.message, node.position
        return lambda env: env.run.warn("function-error", message, position)

    def name(self, node: t.Name) -> Code:
        code, is_root = lookup(node.name, self.frames, self.uses, node.position)
        if is_root and node.name in self.uses.names:
            self.uses.walks(node.name)
        return code

    def path(self, node: t.Path) -> Code:
        keys: list[str] = []
        source: t.Node = node
        while isinstance(source, t.Path):
            keys.insert(0, source.key)
            source = source.source
        if isinstance(source, t.Name):
            code, is_root = lookup(source.name, self.frames, self.uses, source.position)
            if is_root:
                self.uses.walks(".".join([source.name, *keys]))
                return _root_path(source.name, tuple(keys), code, node.position)
        else:
            code = self.compile(source)
        position = node.position
        for key in keys:
            code = _member(code, key, position)
        return code

    # -- unary tests ----------------------------------------------------------------------------------------------

    def test(self, node: t.Node, is_cell: bool = True) -> Callable[[Env, Any], bool | None]:
        """A positive unary test as a function of the input value. In a cell, `?` is the input and true says yes."""
        return test_code(self, node, is_cell, False)

    def unary_tests(self, node: t.UnaryTests) -> Callable[[Env, Any], bool | None]:
        with self.reading(node):
            return tests_code(self, node)

    def test_value(self, node: t.Test) -> Code:
        """`(< 5)` as a value: a range open at the other end. Only what has an order can end it (§10.3.2.7)."""
        operand, operator, position = self.compile(node.operand), node.operator, node.position

        def make(env: Env) -> Any:
            end = operand(env)
            if op.order(end, end) is None:
                return env.run.mismatch("A range", end, end, position)
            if operator in ("<", "<="):
                return Range(None, end, False, operator == "<=", True)
            if operator in (">", ">="):
                return Range(end, None, operator == ">=", False, True)
            if operator == "=":
                return Range(end, end, True, True)
            return env.run.warn("type-mismatch", '"!=" is no range.', position)

        return make

    # -- arithmetic -----------------------------------------------------------------------------------------------

    def arithmetic(self, node: t.Arithmetic) -> Code:
        first = self.compile(node.first)
        steps = tuple(
            (op.ARITHMETIC[one.operator], self.compile(one.operand), one.position) for one in node.rest
        )
        if len(steps) == 1:
            compute, other, position = steps[0]
            return lambda env: compute(env.run, first(env), other(env), position)

        def chain(env: Env) -> Any:
            value, run = first(env), env.run
            for compute, other, position in steps:
                value = compute(run, value, other(env), position)
            return value

        return chain

    def negate(self, node: t.Negate) -> Code:
        if isinstance(node.operand, t.Literal) and type(node.operand.value) is Decimal:
            value = node.operand.value.copy_negate() if node.operand.value else node.operand.value
            return lambda env: value
        operand, position = self.compile(node.operand), node.position
        return lambda env: op.negate(env.run, operand(env), position)

    # -- structures -----------------------------------------------------------------------------------------------

    def conditional(self, node: t.If) -> Code:
        condition, then, otherwise = (
            self.compile(node.condition),
            self.compile(node.then),
            self.compile(node.otherwise),
        )
        if not node.strict:
            return lambda env: then(env) if condition(env) is True else otherwise(env)
        position = node.position

        def strictly(env: Env) -> Any:
            found = condition(env)
            if found is not None and type(found) is not bool:
                return env.run.warn("type-mismatch", f'"if" cannot take a {kind(found)}.', position)
            return then(env) if found is True else otherwise(env)

        return strictly

    def instance_of(self, node: t.InstanceOf) -> Code:
        value, wanted = self.compile(node.value), node.type
        position = node.position
        if not is_type(wanted):
            # Table 61: what cannot be mapped to a type has no answer.
            message = f'"instance of {wanted}" has no answer: {wanted} is no complete type.'
            return lambda env: env.run.warn("function-error", message, position)
        return lambda env: is_instance(value(env), wanted, env.run)

    def range(self, node: t.RangeLiteral) -> Code:
        low, high, position = self.compile(node.low), self.compile(node.high), node.position
        low_closed, high_closed = node.low_closed, node.high_closed
        unbounded_low = isinstance(node.low, t.Literal) and node.low.value is None
        unbounded_high = isinstance(node.high, t.Literal) and node.high.value is None

        def make(env: Env) -> Any:
            a, b = low(env), high(env)
            if (a is None and not unbounded_low) or (b is None and not unbounded_high):
                return env.run.warn("null-operand", "An end of the range is null.", position)
            if a is not None and b is not None:
                found = op.order(a, b)
                if found is None:
                    return env.run.mismatch("A range", a, b, position)
                if found > 0:
                    return env.run.warn(
                        "type-mismatch", "The start of a range must not lie behind its end.", position
                    )
            return Range(a, b, low_closed, high_closed)

        return make

    def list(self, node: t.ListLiteral) -> Code:
        codes = tuple(self.compile(one) for one in node.items)

        def make(env: Env) -> list[Any]:
            env.run.made(len(codes))
            return [code(env) for code in codes]

        return make

    def context(self, node: t.ContextLiteral) -> Code:
        keys = [key for key, _ in node.entries]
        duplicate = len(set(keys)) != len(keys)
        functions: list[tuple[str, Code]] = []
        entries: list[tuple[str, Code]] = []
        # A function may call itself and every other function of its context, so they are made before the values,
        # which only see what stands above them (§10.3.2.6).
        named = {key for key, value in node.entries if isinstance(value, t.FunctionLiteral)}
        with self.frame(named) as frame:
            assert frame.names is not None
            for key, value in node.entries:
                (functions if key in named else entries).append((key, self.compile(value)))
                frame.names.add(key)
            result = None if node.result is None else self.compile(node.result)
        position = node.position

        def make(env: Env) -> Any:
            if duplicate:
                return env.run.warn("function-error", "The context has two entries of one name.", position)
            run = env.run
            run.made(len(keys))
            made: dict[str, Any] = dict.fromkeys(keys) if functions else {}
            inner = Env(made, env, env.root, run)
            for key, code in functions:
                made[key] = code(inner)
            for key, code in entries:
                made[key] = code(inner)
            if result is not None:
                return result(inner)
            return made

        return make

    def typed(self, node: t.Typed) -> Code:
        value, wanted, position = self.compile(node.value), node.type, node.position
        if wanted.kind == "any":
            return value

        def checked(env: Env) -> Any:
            return fit(env, value(env), wanted, position)

        return checked


def fit(env: Env, value: Any, wanted: FeelType, position: int) -> Any:
    """The value as the type wants it, or null with a warning."""
    fitted = coerce(value, wanted, env.run)
    if fitted is MISSING:
        return env.run.warn("type-mismatch", f"A {kind(value)} is not of type {wanted}.", position)
    return fitted


def _member(source: Code, key: str, position: int) -> Code:
    return lambda env: member(source(env), key, env, position)


def _root_path(first: str, keys: tuple[str, ...], root: Code, position: int) -> Code:
    """`case.customer.level`: walks plain dictionaries without converting what it passes."""
    dotted = first

    def read(env: Env) -> Any:
        value = env.root.get(first, MISSING)
        if value is MISSING:
            return _along(root(env), keys, env)
        for index, key in enumerate(keys):
            if type(value) is not dict and not isinstance(value, Mapping):
                return _along(env.run.plain(value, position), keys[index:], env)
            value = value.get(key, MISSING)
            if value is MISSING:
                where = ".".join([dotted, *keys[:index]])
                return env.run.warn("missing-entry", f'"{where}" has no entry "{key}".', position)
        t = type(value)
        if t is str or t is bool or value is None:
            return value
        return env.run.plain(value, position)

    def _along(value: Any, rest: tuple[str, ...], env: Env) -> Any:
        for key in rest:
            value = member(value, key, env, position)
        return value

    return read


_BUILDERS: dict[type, Callable[[Compiler, Any], Code]] = {
    t.Literal: Compiler.literal,
    t.Failed: Compiler.failed,
    t.Name: Compiler.name,
    t.Path: Compiler.path,
    t.Filter: filter_code,
    t.For: for_code,
    t.Quantified: quantified_code,
    t.Call: call_code,
    t.FunctionLiteral: function_code,
    t.Logic: logic_code,
    t.Comparison: comparison_code,
    t.Between: between_code,
    t.In: in_code,
    t.Test: Compiler.test_value,
    t.Arithmetic: Compiler.arithmetic,
    t.Negate: Compiler.negate,
    t.If: Compiler.conditional,
    t.InstanceOf: Compiler.instance_of,
    t.RangeLiteral: Compiler.range,
    t.ListLiteral: Compiler.list,
    t.ContextLiteral: Compiler.context,
    t.Typed: Compiler.typed,
}


def register(node: type, builder: Callable[[Compiler, Any], Code]) -> None:
    """Teach the compiler a further node (decision tables are nodes of the dmn package)."""
    _BUILDERS[node] = builder


__all__ = ["INPUT", "Compiler", "fit", "register"]
