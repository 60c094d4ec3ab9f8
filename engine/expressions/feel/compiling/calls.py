"""Function invocations and function literals."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from engine.expressions.feel.builtins import BUILTINS, VALUES
from engine.expressions.feel.builtins.registry import Builtin, by_name, by_position, invoke, invoke_named
from engine.expressions.feel.compiling.scoping import Code, Said, Uses, lookup
from engine.expressions.feel.data.types import coerce
from engine.expressions.feel.data.values import MISSING, Function, kind
from engine.expressions.feel.errors import MAX_GUESSED, Problem, closest, did_you_mean
from engine.expressions.feel.runtime import Env
from engine.expressions.feel.syntax import tree as t

if TYPE_CHECKING:
    from engine.expressions.feel.compiling.compile import Compiler


def call_code(compiler: Compiler, node: t.Call) -> Code:
    """A function invocation: of a built-in (chosen now) or of whatever the callee turns out to be."""
    hosted = False
    if isinstance(node.callee, t.Name):
        name = node.callee.name
        is_local = any(frame.names is not None and name in frame.names for frame in compiler.frames)
        if not is_local and name not in compiler.known:
            if name in BUILTINS:
                return _builtin_call(compiler, node, name)
            compiler.uses.calls.add(name)
            hosted = True
            if _is_mistake(compiler, name):
                _problem(
                    compiler,
                    f'There is no function "{name}".', f"没有函数“{name}”。", node.callee.position,
                    did_you_mean(name, [*BUILTINS, *compiler.known]) if len(compiler.problems) < 10 else "",
                )  # fmt: skip
        first = node.arguments[0] if node.arguments and node.names is None else None
        if not is_local and isinstance(first, t.Literal) and isinstance(first.value, str):
            origin = compiler.uses.origin
            compiler.uses.said.append(Said(name, first.value, first.position, origin))
    # A function of the host is no variable the expression reads.
    uses = Uses() if hosted else compiler.uses
    callee = (
        lookup(node.callee.name, compiler.frames, uses, node.callee.position)[0]
        if isinstance(node.callee, t.Name)
        else compiler.compile(node.callee)
    )
    arguments = [compiler.compile(one) for one in node.arguments]
    names, position = node.names, node.position
    named = node.callee.name if isinstance(node.callee, t.Name) else ""

    def call(env: Env) -> Any:
        function = callee(env)
        if type(function) is not Function and named in VALUES:
            # A variable called like a built-in (`date`) does not take it away.
            function = VALUES[named]
        if type(function) is not Function:
            if function is None and named:
                return env.run.warn("unknown-name", f'There is no function "{named}".', position)
            return env.run.warn("type-mismatch", f"A {kind(function)} cannot be called.", position)
        given = [code(env) for code in arguments]
        return call_value(env, function, given, names, position)

    return call


def _is_mistake(compiler: Compiler, name: str) -> bool:
    """Is a function by this name surely not there?"""
    if any(frame.names is None for frame in compiler.frames):
        # The item of a filter may hold it.
        return False
    if compiler.strict:
        return True
    # The host's functions are not told: what nearly is a built-in, or is no single word, is meant to be one.
    return " " in name or (
        len(compiler.uses.calls) < MAX_CALLED and bool(_nearly_builtin(name[: MAX_GUESSED + 1]))
    )


MAX_CALLED: Final = 100
"""Functions of the host in one expression that are compared with the built-ins."""


@lru_cache(maxsize=1024)
def _nearly_builtin(name: str) -> str:
    return closest(name, BUILTINS, 0.8)


def _builtin_call(compiler: Compiler, node: t.Call, name: str) -> Code:
    function, position = BUILTINS[name], node.position
    arguments = [compiler.compile(one) for one in node.arguments]
    names = node.names
    forms = by_position(function, len(arguments)) if names is None else by_name(function, names)
    if not forms:
        given = f"{len(arguments)} argument(s)" if names is None else "arguments named " + ", ".join(names)
        given_zh = f" {len(arguments)} 个参数" if names is None else f"名为 {'、'.join(names)} 的参数"
        hint = f"Write {function.signatures()}."
        message = f"{name}() does not take {given}."
        _problem(compiler, message, f"函数 {name}() 不接受{given_zh}。", node.callee.position, hint)
        return lambda env: env.run.warn("function-error", message, position)
    if names is not None:
        return _named_builtin(function, names, arguments, position)
    if len(arguments) == 1:
        only = arguments[0]
        return lambda env: invoke(env.run, function, forms, [only(env)], position)
    return lambda env: invoke(env.run, function, forms, [code(env) for code in arguments], position)


def _problem(compiler: Compiler, message: str, message_zh: str, position: int, hint: str = "") -> None:
    compiler.problems.append(Problem(message, message_zh, position, hint, compiler.uses.origin))


def function_code(compiler: Compiler, node: t.FunctionLiteral) -> Code:
    """A function literal: a value that remembers where it was made."""
    names = tuple(name for name, _ in node.parameters)
    types = tuple(kind for _, kind in node.parameters)
    before = compiler.nodes
    with compiler.frame(set(names)):
        body = compiler.compile(node.body)
    weight = compiler.weight(before)
    result, label = node.result, node.name

    def make(env: Env) -> Function:
        def run(run: Any, given: list[Any]) -> Any:
            if len(given) != len(names):
                return run.warn(
                    "function-error", f"{label or 'The function'} takes {len(names)} argument(s)."
                )
            run.tick(weight)
            bound: dict[str, Any] = {}
            for name, wanted, value in zip(names, types, given, strict=True):
                fitted = value if wanted is None else coerce(value, wanted, run)
                if fitted is MISSING:
                    return run.warn("type-mismatch", f'The argument "{name}" must be of type {wanted}.')
                bound[name] = fitted
            value = body(Env(bound, env, env.root, run))
            if result is not None:
                fitted = coerce(value, result, run)
                if fitted is MISSING:
                    return run.warn(
                        "type-mismatch", f"The result must be of type {result}, not {kind(value)}."
                    )
                return fitted
            return value

        return Function(label, names, run, types=types, result=result, body=node.body, scope=env)

    return make


def call_value(
    env: Env, function: Function, given: list[Any], names: tuple[str, ...] | None, position: int
) -> Any:
    """Call a function value with positional or named arguments."""
    if names is not None:
        if function.named is not None:
            return function.named(env.run, dict(zip(names, given, strict=True)))
        if not set(names) <= set(function.parameters):
            return env.run.warn(
                "function-error", "The arguments do not have the names of the parameters.", position
            )
        # §10.3.2.13.5: what is not supplied by name is null.
        by = dict(zip(names, given, strict=True))
        given = [by.get(name) for name in function.parameters]
    elif not function.variadic and len(given) != len(function.parameters):
        message = f"The function takes {len(function.parameters)} argument(s), not {len(given)}."
        return env.run.warn("function-error", message, position)
    return env.run.call(function, given, position)


def _named_builtin(function: Builtin, names: tuple[str, ...], arguments: list[Code], position: int) -> Code:
    return lambda env: invoke_named(env.run, function, names, [code(env) for code in arguments], position)
