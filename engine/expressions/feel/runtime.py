"""What one evaluation carries: the variables it may read, the time, the limits it must keep, the warnings it collects."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.expressions.feel import temporal
from engine.expressions.feel.errors import EvaluationLimit, Warning
from engine.expressions.feel.values import MISSING, Function, Unrepresentable, from_plain, kind, number

MAX_WARNINGS: Final = 100
MAX_NESTING: Final = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one evaluation. seconds: wall time. cells: list items and context entries made in total.

    length: characters of an expression's text. characters: of strings made in total.
    """

    length: int = 10_000
    depth: int = 100
    iterations: int = 100_000
    list_size: int = 100_000
    string_size: int = 1_000_000
    cells: int = 1_000_000
    characters: int = 8_000_000
    seconds: float = 1.0


DEFAULT: Final = Limits()


def _no_clock() -> datetime:
    raise LookupError("no clock was given")


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may see.

    variables: plain data by name. now: the current instant, an aware datetime (without it, now() and today() are null).
    functions: further pure functions, called f(scope, *arguments) with plain data and FEEL values. zone: the IANA zone
    in which now() and today() are told.
    """

    variables: Mapping[str, Any] = field(default_factory=dict)
    now: Callable[[], datetime] = _no_clock
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    limits: Limits = DEFAULT
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The value (a FEEL value: numbers are Decimal; see `to_plain`) and why parts of it became null."""

    value: Any
    warnings: tuple[Warning, ...] = ()


class Run:
    """The state of one evaluation: not shared between threads, thrown away afterwards."""

    __slots__ = (
        "_converted",
        "_now",
        "cells",
        "characters",
        "deadline",
        "depth",
        "limits",
        "scope",
        "ticks",
        "trace",
        "warnings",
    )

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.limits = scope.limits
        self.deadline = time.monotonic() + scope.limits.seconds
        self.warnings: list[Warning] = []
        self.ticks = 0
        self.cells = 0
        self.characters = 0
        self.depth = 0
        self.trace: Any = None
        """Evidence of whoever evaluates on top of FEEL (the decisions of the dmn package)."""
        self._now: temporal.DateTime | None = None
        self._converted: dict[int, tuple[Any, Any]] | None = None

    def warn(self, code: str, message: str, position: int = 0) -> None:
        """Record why something is null; returns None, so that `return run.warn(…)` reads as what it is."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(Warning(code, message, position))

    def tick(self, count: int = 1) -> None:
        """Count iterations, and look at the time now and then. Raises EvaluationLimit."""
        before = self.ticks
        self.ticks = before + count
        if self.ticks > self.limits.iterations:
            raise EvaluationLimit(
                f"The evaluation was stopped after {self.limits.iterations} iterations.",
                f"循环超过 {self.limits.iterations} 次，计算已停止。",
            )
        if before >> 8 != self.ticks >> 8:
            self.check_time()

    def check_time(self) -> None:
        if time.monotonic() > self.deadline:
            raise EvaluationLimit(
                f"The evaluation was stopped after {self.limits.seconds:g} second(s).",
                f"计算超过 {self.limits.seconds:g} 秒，已停止。",
            )

    def measure(self, value: Any) -> None:
        """Visit all of a value, as whoever writes it out will: a small one may hold the same list a billion times.

        Raises EvaluationLimit.
        """
        pending = [(value, 0)]
        while pending:
            one, depth = pending.pop()
            t = type(one)
            if t is str:
                self.wrote(len(one))
                continue
            if t is not list and t is not dict:
                continue
            self.tick()
            self.made(len(one))
            if depth > MAX_NESTING:
                raise EvaluationLimit(
                    f"The evaluation was stopped: a value is nested more than {MAX_NESTING} levels deep.",
                    f"值的嵌套超过 {MAX_NESTING} 层，计算已停止。",
                )
            pending.extend((inner, depth + 1) for inner in (one if t is list else one.values()))

    def seconds_left(self) -> float:
        return max(0.001, self.deadline - time.monotonic())

    def made(self, items: int) -> None:
        """A list of that many items is about to be made."""
        self.cells += items
        if items > self.limits.list_size or self.cells > self.limits.cells:
            raise EvaluationLimit(
                f"The evaluation was stopped: a list of {items} items is too large.",
                f"列表（{items} 项）过大，计算已停止。",
            )
        if items > 1000:
            self.check_time()

    def wrote(self, characters: int) -> None:
        """A string of that many characters is about to be made."""
        self.characters += characters
        if characters > self.limits.string_size or self.characters > self.limits.characters:
            raise EvaluationLimit(
                f"The evaluation was stopped: a string of {characters} characters is too large.",
                f"字符串（{characters} 字）过长，计算已停止。",
            )

    def now(self) -> temporal.DateTime | None:
        """The same instant throughout one evaluation."""
        if self._now is None:
            try:
                self._now = temporal.from_datetime(self.scope.now().astimezone(ZoneInfo(self.scope.zone)))
            except LookupError:
                self.warn("function-error", "now() and today() need a clock, and none was given.")
        return self._now

    def plain(self, value: Any, position: int) -> Any:
        """A variable's plain value as a FEEL value; what cannot be one is null with a warning."""
        t = type(value)
        try:
            if t is int or t is float:
                return number(value)
            if t is not dict and t is not list and not isinstance(value, Mapping):
                return from_plain(value)
            if self._converted is None:
                self._converted = {}
            known = self._converted.get(id(value))
            if known is None:
                # The raw object is kept beside its twin: while it lives, its id is not given to another.
                known = self._converted[id(value)] = (value, from_plain(value))
            return known[1]
        except Unrepresentable as problem:
            return self.warn("type-mismatch", f"A variable cannot be used: {problem}.", position)

    def call(self, function: Function, arguments: list[Any], position: int = 0) -> Any:
        """Call a function value with positional arguments; the depth of calls is bounded."""
        # A call costs about as much as three turns of a loop.
        self.tick(3)
        if self.depth >= self.limits.depth:
            raise EvaluationLimit(
                f"The evaluation was stopped: functions call each other more than {self.limits.depth} levels deep.",
                f"函数相互调用超过 {self.limits.depth} 层，计算已停止。",
            )
        self.depth += 1
        try:
            return function.call(self, arguments)
        finally:
            self.depth -= 1

    def mismatch(self, doing: str, left: Any, right: Any, position: int) -> None:
        """The usual warning of an operator: null operand, or kinds that do not go together."""
        if left is None or right is None:
            return self.warn("null-operand", f"{doing} met null.", position)
        return self.warn(
            "type-mismatch", f"{doing} cannot take a {kind(left)} and a {kind(right)}.", position
        )


class Env:
    """One level of names: a block (context, iterator, parameters) or a filtered item, above the root variables."""

    __slots__ = ("item", "parent", "root", "run", "vars")

    def __init__(
        self, vars: dict[str, Any], parent: Env | None, root: Mapping[str, Any], run: Run, item: Any = MISSING
    ) -> None:
        self.vars = vars
        self.parent = parent
        self.root = root
        self.run = run
        self.item = item
