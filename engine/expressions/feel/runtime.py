"""What one evaluation carries: the variables it may read, the time, the limits it must keep, the warnings it collects."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.expressions.feel.data import temporal
from engine.expressions.feel.data.values import (
    MISSING,
    Function,
    Range,
    Unrepresentable,
    from_plain,
    kind,
    number,
)
from engine.expressions.feel.errors import EvaluationLimit, Warning

MAX_WARNINGS: Final = 100
MAX_NESTING: Final = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one evaluation, chosen so that the worst ends within 100 ms and 50 MB.

    length: characters of an expression's text. depth: of functions calling each other. steps: of work, each about a
    microsecond (a turn of a loop, four nodes of its body, four items of a list that are looked at): the bound an
    evaluation meets first, on every machine alike. list_size: items of one list. cells: list items and context entries
    made in total. string_size: characters of one string. characters: of strings made in total. seconds: of this
    thread's processor time, for what steps count too low; a machine busy with other things stops nobody.
    """

    length: int = 10_000
    depth: int = 100
    steps: int = 50_000
    list_size: int = 100_000
    string_size: int = 250_000
    cells: int = 200_000
    characters: int = 2_000_000
    seconds: float = 0.05


DEFAULT: Final = Limits()


def _no_clock() -> datetime:
    raise LookupError("no clock was given")


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may see.

    variables: plain data by name. now: the current instant, an aware datetime (without it, now() and today() are null).
    functions: further pure functions, called f(scope, *arguments) with plain data and FEEL values. zone: the IANA zone
    in which now() and today() are told. asked: what the host wants its functions to know of who asks, where it is said.
    """

    variables: Mapping[str, Any] = field(default_factory=dict)
    now: Callable[[], datetime] = _no_clock
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    limits: Limits = DEFAULT
    zone: str = "Asia/Shanghai"
    asked: Any = None


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
        "patterns",
        "scope",
        "steps",
        "trace",
        "warnings",
    )

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.limits = scope.limits
        self.deadline = 0.0
        """Set when the time is first looked at: most evaluations end before."""
        self.warnings: list[Warning] = []
        self.steps = 0
        self.cells = 0
        self.characters = 0
        self.depth = 0
        self.trace: Any = None
        """Evidence of whoever evaluates on top of FEEL (the decisions of the dmn package)."""
        self.patterns: dict[tuple[str, str], Any] | None = None
        """The regular expressions this evaluation has paid for."""
        self._now: temporal.DateTime | None = None
        self._converted: dict[int, tuple[Any, Any]] | None = None

    def warn(self, code: str, message: str, position: int = 0) -> None:
        """Record why something is null; returns None, so that `return run.warn(…)` reads as what it is."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(Warning(code, message, position))

    def tick(self, count: int = 1) -> None:
        """Count steps that are about to be done, and look at the time now and then. Raises EvaluationLimit."""
        before = self.steps
        self.steps = before + count
        if self.steps > self.limits.steps:
            raise EvaluationLimit(
                f"The evaluation was stopped after {self.limits.steps} steps of work.",
                f"计算超过 {self.limits.steps} 步，已停止。",
            )
        if before >> 6 != self.steps >> 6:
            self.check_time()

    def check_time(self) -> float:
        """The seconds of processor time that are left, counted from the first look at it. Raises EvaluationLimit."""
        now = time.thread_time()
        if not self.deadline:
            self.deadline = now + self.limits.seconds
        left = self.deadline - now
        if left <= 0:
            raise EvaluationLimit(
                f"The evaluation was stopped after {self.limits.seconds:g} second(s) of computing.",
                f"计算超过 {self.limits.seconds:g} 秒，已停止。",
            )
        return left

    def measure(self, value: Any) -> None:
        """Visit all of a value, as whoever writes it out will: a small one may hold the same list a billion times, or
        numbers of thousands of digits.

        Raises EvaluationLimit.
        """
        pending = [(value, 0)]
        while pending:
            one, depth = pending.pop()
            t = type(one)
            if depth > MAX_NESTING:
                raise EvaluationLimit(
                    f"The evaluation was stopped: a value is nested more than {MAX_NESTING} levels deep.",
                    f"值的嵌套超过 {MAX_NESTING} 层，计算已停止。",
                )
            if t is list:
                parts = one
            elif t is dict:
                parts = one.values()
                self.wrote(sum(map(len, one)))
            elif t is Range:
                parts = [one.low, one.high]
            else:
                parts = [one]
            self.tick(1 + len(parts) // 4)
            self.made(len(parts))
            for part in parts:
                t = type(part)
                if t is str:
                    self.wrote(len(part))
                elif t is Decimal:
                    if not -40 < (size := part.adjusted()) < 40:
                        self.wrote(abs(size))
                elif t is list or t is dict or t is Range:
                    pending.append((part, depth + 1))

    def made(self, items: int) -> None:
        """A list of that many items is about to be made."""
        self.cells += items
        if items > self.limits.list_size or self.cells > self.limits.cells:
            raise EvaluationLimit(
                f"The evaluation was stopped: a list of {items} items is too large.",
                f"列表（{items} 项）过大，计算已停止。",
            )

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
                return from_plain(value, self.took)
            if self._converted is None:
                self._converted = {}
            known = self._converted.get(id(value))
            if known is None:
                # The raw object is kept beside its twin: while it lives, its id is not given to another.
                known = self._converted[id(value)] = (value, from_plain(value, self.took))
            return known[1]
        except Unrepresentable as problem:
            return self.warn("type-mismatch", f"A variable cannot be used: {problem}.", position)

    def took(self, items: int) -> None:
        """A list or mapping of that many items is about to be taken over from the host's data."""
        self.tick(1 + items // 2)
        self.made(items)

    def call(self, function: Function, arguments: list[Any], position: int = 0) -> Any:
        """Call a function value with positional arguments; the depth of calls is bounded."""
        self.tick(5)
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
