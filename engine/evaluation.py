"""How the engine asks FEEL: conditions, values and timer instants, and what counts as a failure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.clock import Clock
from engine.decided import wrapped
from engine.dialect.model import DecisionCall, Value
from engine.expressions.dmn import DecisionModel
from engine.expressions.feel import (
    Compiled,
    CompiledCondition,
    ConditionError,
    ExpressionError,
    Scope,
    Warning,
    add_duration,
    compile_condition,
    compile_expression,
    parse_date_time,
    parse_duration,
    to_datetime,
    to_plain,
)
from engine.expressions.feel.caching import Kept
from engine.ports import Asked, Function
from engine.spiff.run import ActivityFailed, TimerPlan
from engine.spiff.task import Token
from engine.spiff.variables import unkeepable
from engine.spiff.warned import Behalf, Tell

HOME_ZONE = ZoneInfo("Asia/Shanghai")
"""Zone of a date-time that a diagram writes without one."""

FAILURES = frozenset({"unknown-name", "function-error", "type-mismatch"})
"""Warnings that mean the author's expression is wrong; FEEL says null, the engine raises an incident. All others are kept
with the instance."""

_DURATION = re.compile(
    r"^(?P<sign>-?)P(?P<months>(?:\d+Y)?(?:\d+M)?)(?:(?P<weeks>\d+)W)?(?P<rest>(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)$"
)
_MONTHS = re.compile(r"^P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?$")
_MANY = 2**31 - 1
_CYCLE = re.compile(r"^R(\d*)/(?:([^/]+)/)?(P.+)$")


_expressions: Kept[str, Compiled] = Kept(200_000)
_conditions: Kept[str, CompiledCondition] = Kept(200_000)
"""Compiled texts, kept by their characters, each of which holds 100 to 300 bytes."""


def _expression(feel: str) -> Compiled:
    return _expressions.get(feel, len(feel), lambda: compile_expression(feel))


def _condition(feel: str) -> CompiledCondition:
    return _conditions.get(feel, len(feel), lambda: compile_condition(feel))


class FeelEvaluator:
    """Evaluates a diagram's FEEL over the variables of one scope, with the engine's clock and functions."""

    def __init__(
        self,
        clock: Clock,
        functions: Mapping[str, Function],
        asking: Callable[[Token], Asked] | None = None,
    ) -> None:
        """asking: who asks where a function is called on a token's behalf; None where there is no instance."""
        self.clock = clock
        self.functions = functions
        self.asking = asking

    def acting(self, clock: Clock, asking: Callable[[Token], Asked]) -> FeelEvaluator:
        """Return the evaluator of one action: at its instant, for its instance."""
        return FeelEvaluator(clock, self.functions, asking)

    def asked(self, expression: Compiled, tell: Tell) -> Asked | None:
        """Return who asks, where an expression calls a function of the host on a token's behalf."""
        if self.asking is None or not expression.asks(self.functions) or not isinstance(tell, Behalf):
            return None
        return self.asking(tell.token)

    def scope(self, variables: Mapping[str, Any], asked: Asked | None = None) -> Scope:
        """Return what FEEL sees."""
        return Scope(variables=variables, now=self.clock.now, functions=self.functions, asked=asked)

    def value(self, feel: str, variables: Mapping[str, Any], tell: Tell) -> Any:
        """Return the expression's value as plain data. Raises ActivityFailed for a wrong name, type or function call.

        `tell` hears every other warning: FEEL said null for a part and went on.
        """
        return self._value(feel, variables, tell)[0]

    def _value(self, feel: str, variables: Mapping[str, Any], tell: Tell) -> tuple[Any, Asked | None]:
        try:
            expression = _expression(feel)
            asked = self.asked(expression, tell)
            found = expression.evaluate(self.scope(variables, asked))
        except ExpressionError as error:
            raise ActivityFailed(
                "expression",
                f"'{feel}' could not be evaluated: {error.message}",
                f"“{feel}”无法求值：{error.message_zh}",
                expression=feel,
                position=error.position + 1,
            ) from error
        if found.warnings and (wrong := told(feel, found.warnings, tell)):
            raise ActivityFailed(
                "expression",
                f"'{feel}' has no value: {wrong.message}",
                f"“{feel}”没有值：{wrong.message_zh}",
                expression=feel,
                position=wrong.position + 1,
            )
        plain = to_plain(found.value)
        if why := unkeepable(plain):
            raise ActivityFailed(
                "expression",
                f"The value of '{feel}' is not kept: {why}.",
                f"“{feel}”的值无法保存：{why}。",
                expression=feel,
            )
        return plain, asked

    def condition(self, feel: str, variables: Mapping[str, Any], tell: Tell) -> bool:
        """Return the condition's truth. Raises ActivityFailed where it is neither, or reads what is not there.

        `tell` hears the warnings the failure does not quote.
        """
        try:
            condition = _condition(feel)
            asked = self.asked(condition.expression, tell)
            found = condition.decide(self.scope(variables, asked))
        except ExpressionError as error:
            if isinstance(error, ConditionError):
                tell(feel, [one for one in error.warnings if one.message not in error.message])
            raise ActivityFailed(
                "condition",
                f"The condition '{feel}' is neither true nor false: {error.message}",
                error.message_zh
                if isinstance(error, ConditionError)
                else f"条件“{feel}”无法判定：{error.message_zh}",
                expression=feel,
                position=error.position + 1,
            ) from error
        if found.warnings:
            tell(feel, found.warnings)
        return found.value is True

    def met(self, feel: str, variables: Mapping[str, Any], tell: Tell) -> bool:
        """Return whether the condition of an event holds. Null is not yet: who waits for a condition waits for what it reads.

        Raises ActivityFailed where the value is neither true, false nor null, or a function fails.
        """
        try:
            expression = _expression(feel)
            found = expression.evaluate(self.scope(variables, self.asked(expression, tell)))
        except ExpressionError as error:
            raise ActivityFailed(
                "condition",
                f"The condition '{feel}' could not be evaluated: {error.message}",
                f"条件“{feel}”无法求值：{error.message_zh}",
                expression=feel,
                position=error.position + 1,
            ) from error
        if found.value is not None and not isinstance(found.value, bool):
            raise ActivityFailed(
                "condition",
                f"The condition '{feel}' is neither true nor false: it gave {found.value!r}.",
                f"条件“{feel}”既非真也非假：结果是 {found.value!r}。",
                expression=feel,
            )
        if wrong := next((one for one in found.warnings if one.code == "function-error"), None):
            raise ActivityFailed(
                "condition",
                f"The condition '{feel}' has no value: {wrong.message}",
                f"条件“{feel}”没有值：{wrong.message_zh}",
                expression=feel,
                position=wrong.position + 1,
            )
        if found.value is not None:
            tell(feel, found.warnings)
        return found.value is True

    def due(self, kind: str, value: Value, variables: Mapping[str, Any], tell: Tell) -> TimerPlan:
        """Return when a timer fires: a date-time, a duration from now, or an ISO 8601 repeating interval.

        One whose value asks the host is bound: it counts from when it began to wait, and has no instant while the host says
        that it pauses.
        """
        text, asked = (
            (value.literal, None) if value.feel is None else self._value(value.feel, variables, tell)
        )
        since = None if asked is None else asked.since or self.clock.now()
        if asked is not None and asked.paused:
            return TimerPlan(None, since=since)
        if not isinstance(text, str) or not text.strip():
            raise ActivityFailed(
                "expression",
                f"The timer value '{value.feel or value.literal}' gave {text!r}, not a time.",
                f"定时“{value.feel or value.literal}”的结果是 {text!r}，不是时间。",
                expression=value.feel or "",
            )
        plan = self.plan(text.strip(), since)
        return plan if since is None else replace(plan, since=since)

    def plan(self, text: str, since: datetime | None = None) -> TimerPlan:
        """Read an ISO 8601 date-time, duration (from `since`, else from now) or repeating interval. Raises ActivityFailed."""
        now = since or self.clock.now()
        try:
            if text.startswith("R"):
                found = _CYCLE.match(text)
                if found is None:
                    raise ValueError(f"'{text}' is not a repeating interval such as R3/PT10H")
                times, start, every = found.groups()
                first = reachable(instant(start) if start else later(now, every))
                if times and int(times) == 0:
                    raise ValueError(f"'{text}' repeats zero times")
                if later(now, every) <= now:
                    raise ValueError(f"'{text}' repeats without any time in between")
                return TimerPlan(first, every, min(int(times), _MANY) if times else None)
            if text.lstrip("-").startswith("P"):
                return TimerPlan(reachable(later(now, text)))
            return TimerPlan(reachable(instant(text)))
        except (ValueError, OverflowError, ExpressionError) as error:
            raise ActivityFailed(
                "expression",
                f"The timer value '{text}' is not a time: {error}",
                f"定时的值“{text}”不是时间：{error}",
            ) from error

    def moment(self, value: Any) -> datetime:
        """Read a due or follow-up date: a date-time, or a duration from now. Raises ActivityFailed."""
        if not isinstance(value, str):
            raise ActivityFailed(
                "expression", f"A due date is {value!r}, not a time.", f"到期日是 {value!r}，不是时间。"
            )
        due: datetime | None = self.plan(value.strip()).due_at
        assert due is not None  # only a timer bound to the host may pause
        return due

    def decide(
        self,
        model: DecisionModel,
        call: DecisionCall,
        variables: Mapping[str, Any],
        resource: str,
        tell: Tell,
    ) -> tuple[Any, Mapping[str, Any]]:
        """Return a decision's result as plain data, in the shape the call wants, and the evidence of it. Raises ActivityFailed.

        `tell` hears the warnings that leave the decision standing, with the element, row and column of each.
        """
        decision = call.decision
        try:
            asked = self.asking(tell.token) if self.asking is not None and isinstance(tell, Behalf) else None
            outcome = model.evaluate(
                decision, variables, now=self.clock.now, functions=self.functions, asked=asked
            )
        except ExpressionError as error:
            raise ActivityFailed(
                "decision",
                f"Decision '{decision}' could not be made: {error.message}",
                f"决策“{decision}”无法作出：{error.message_zh}",
            ) from error
        if outcome.warnings and (wrong := told("", [_called(model, one) for one in outcome.warnings], tell)):
            raise ActivityFailed(
                "decision",
                f"Decision '{decision}' could not be made: {wrong.message}",
                f"决策“{decision}”无法作出：{wrong.message_zh}",
            )
        if why := unkeepable(outcome.outputs):
            raise ActivityFailed(
                "decision",
                f"The answer of decision '{decision}' is not kept: {why}.",
                f"决策“{decision}”的结论无法保存：{why}。",
            )
        rules = [{"rule": hit.rule_id, "row": hit.row} for hit in outcome.matched]
        result = (
            wrapped(call.shape, outcome.outputs, model.decisions[decision]) if call.shape else outcome.outputs
        )
        return result, {"rules": rules, "resource": resource}

    def next_round(self, last: datetime, every: str) -> datetime:
        """Return the first round after now; rounds missed meanwhile are skipped, so a long stop is caught up once."""
        try:
            return reachable(following(last, every, self.clock.now()))
        except (ValueError, OverflowError, ExpressionError) as error:
            raise ActivityFailed(
                "expression",
                f"The timer that repeats every '{every}' has no next time: {error}",
                f"每隔“{every}”重复的定时没有下一次：{error}",
            ) from error


def told(feel: str, warnings: Sequence[Warning], tell: Tell) -> Warning | None:
    """Tell the warnings and return the first that means a failure, which is left to the incident to quote."""
    wrong = next((one for one in warnings if one.code in FAILURES), None)
    tell(feel, [one for one in warnings if one is not wrong])
    return wrong


def _called(model: DecisionModel, warning: Warning) -> Warning:
    """The warning with the name of the decision it arose in, for people."""
    place = warning.place
    element = model.elements.get(place.element) if place else None
    return replace(warning, place=replace(place, name=element.name)) if place and element else warning


def following(last: datetime, every: str, now: datetime) -> datetime:
    """Return the first of last + n·every that is after now; months are counted from `last`, so that no day is lost."""
    last, now = last.astimezone(HOME_ZONE), now.astimezone(HOME_ZONE)
    months = _MONTHS.match(every)
    size = 12 * int(months["years"] or 0) + int(months["months"] or 0) if months else 0
    if size:
        count = max(1, ((now.year - last.year) * 12 + now.month - last.month) // size)
        while (due := add_duration(last, parse_duration(f"P{count * size}M"))) <= now:
            count += 1
        return due
    step = later(last, every) - last
    if step.total_seconds() <= 0:
        raise ValueError("it is no time at all")
    due = last + step * max(0, int((now - last) / step) - 1)
    while due <= now:
        due = later(due, every)
    return due


def reachable(due: datetime) -> datetime:
    """Return an instant the database and every zone can show. Raises ValueError for the edges of the calendar."""
    if not 1 < due.astimezone(UTC).year < 9999:
        raise ValueError(f"{due.isoformat()} is outside the years 2 to 9998")
    return due


def later(start: datetime, duration: str) -> datetime:
    """Add an ISO 8601 duration: months first, then days and hours, as in P1M3DT4H or P2W. Raises ValueError."""
    found = _DURATION.match(duration)
    if found is None or not any(found.groups()[1:]):
        raise ValueError(f"'{duration}' is not a duration such as PT4H or P3D")
    sign, months, weeks, rest = found["sign"], found["months"], found["weeks"], found["rest"]
    moved = start.astimezone(HOME_ZONE)  # a month is counted on the calendar people read
    if months:
        moved = add_duration(moved, parse_duration(f"{sign}P{months}"))
    if weeks:
        moved = add_duration(moved, parse_duration(f"{sign}P{int(weeks) * 7}D"))
    if rest:
        moved = add_duration(moved, parse_duration(f"{sign}P{rest}"))
    return moved


def instant(text: str) -> datetime:
    """Read an ISO 8601 date-time; one without zone is taken as China Standard Time. Raises ValueError."""
    found = to_datetime(parse_date_time(text))
    return found if found.tzinfo is not None else found.replace(tzinfo=HOME_ZONE)
