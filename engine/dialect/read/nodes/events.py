"""Reads event definitions: what an event throws or catches, and whether the engine runs it there."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from engine.dialect.findings import Place
from engine.dialect.model import EventDefinition
from engine.dialect.read.context import FileContext, attribute, child, children, is_triggered
from engine.dialect.safe_xml import Element, local_name, namespace, text_of
from engine.dialect.tables.elements import (
    BPMN,
    EVENT_ADVICE,
    EVENT_DEFINITIONS,
    ONLY_OF_A_TRANSACTION,
    POSITION_ADVICE,
    POSITIONS,
    SUPPORTED_EVENTS,
    Position,
    is_feel,
)

_TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_CODES = {"error": "errorCode", "escalation": "escalationCode"}
_SENT = ("message", "signal")
_THROWN: tuple[Position, ...] = ("intermediateThrowEvent", "endEvent")


def position_of(element: Element) -> Position:
    """Return where an event stands."""
    kind = cast(Position, local_name(element))
    inside = element.getparent()
    if kind != "startEvent" or local_name(inside) == "process":
        return kind
    return "eventSubProcessStart" if is_triggered(inside) else "innerStartEvent"


def read_event(context: FileContext, element: Element, place: Place) -> EventDefinition | None:
    """Return what an event throws or catches; None when it cannot run (then reported)."""
    position = position_of(element)
    definitions = _definitions(context, element, place)
    if definitions is None:
        return None
    if len(definitions) > 1:
        _refuse(context, place, position, "multiple", "multiple", "多重")
        return None
    if not definitions:
        if "none" not in SUPPORTED_EVENTS[position]:
            context.report.error(
                "event-without-definition",
                place,
                f"{place:en} does not say what it waits for; give it a timer, a message, a signal, a condition, an "
                "escalation or an error.",
                f"{place:zh}没有说明等待什么；请设置定时、消息、信号、条件、升级或错误。",
            )
            return None
        return EventDefinition()
    definition = definitions[0]
    kind, en, zh = EVENT_DEFINITIONS[local_name(definition)]
    if kind not in SUPPORTED_EVENTS[position] or (
        kind == ONLY_OF_A_TRANSACTION
        and position == "endEvent"
        and local_name(element.getparent()) != "transaction"
    ):
        _refuse(context, place, position, kind, en, zh)
        return None
    if kind == "timer":
        return _timer(context, element, definition, place)
    if kind == "conditional":
        return _condition(context, definition, place)
    if kind == "link":
        return _link(context, definition, place)
    if kind == "cancel":
        return EventDefinition(kind="cancel")
    if kind == "terminate":
        everything = (
            attribute(definition, "terminateAll") == "true" or attribute(element, "terminateAll") == "true"
        )
        return EventDefinition(kind="terminate", everything=everything)
    event = named_event(context, kind, definition, place, thrown=position in _THROWN)
    if event is None or kind not in _CODES or position in _THROWN:
        return event
    return replace(
        event,
        code_variable=_variable(context, definition, f"{kind}CodeVariable", place),
        message_variable=_variable(context, definition, f"{kind}MessageVariable", place),
    )


def named_event(
    context: FileContext, kind: str, definition: Element, place: Place, *, thrown: bool
) -> EventDefinition | None:
    """Return a message, signal, error or escalation event from what refers to it, or None (then reported).

    definition: an event definition, or a task with a messageRef. Without a reference a message or signal that is waited
    for is called like its element, and nothing is thrown; an error or escalation has no code (BPMN 2.0 §10.5.1: caught
    by who catches all, or catching all).
    """
    reference = (definition.get(f"{kind}Ref") or "").strip() or _of_operation(definition, kind)
    if not reference:
        if kind in _CODES:
            return EventDefinition(kind=kind)
        if thrown:
            context.report.warning(
                f"missing-{kind}",
                place,
                f"{place:en} names no {kind}, so it throws nothing and is passed; choose one.",
                f"{place:zh}没有指定{_zh(kind)}，因此不抛出任何东西，直接通过；请选择一个。",
            )
            return EventDefinition()
        context.report.note(
            f"{kind}-named-by-element",
            place,
            f'{place:en} names no {kind}; it waits for a {kind} with the name "{place.id}".',
            f"{place:zh}没有指定{_zh(kind)}；它等待名为“{place.id}”的{_zh(kind)}。",
        )
        return EventDefinition(kind=kind, name=place.id)
    target = context.resolve(reference)
    if target is None or local_name(target) != kind:
        context.report.error(
            "unresolved-reference",
            place,
            f'{place:en} refers to the {kind} "{reference}", which this file does not define; choose one '
            "that exists.",
            f"{place:zh}引用的{_zh(kind)}“{reference}”在本文件中没有定义；请选择已有的。",
        )
        return None
    identity = target.get("id", "")
    name = context.reader.literal(target.get("name"), place, (f"{kind} name", f"{_zh(kind)}名称"))
    if kind in _SENT:
        return EventDefinition(kind=kind, name=name or identity)
    code = context.reader.literal(target.get(_CODES[kind]), place, (f"{kind} code", f"{_zh(kind)}代码"))
    return EventDefinition(kind=kind, name=name or identity, code=code or name or identity)


def _of_operation(definition: Element, kind: str) -> str:
    """Return the message an operation of an interface is called with, where an event names that instead (BPMN 2.0 §8.4.3)."""
    wanted = (definition.get("operationRef") or text_of(child(definition, "operationRef"))).rpartition(":")[2]
    if kind != "message" or not wanted:
        return ""
    for interface in children(definition.getroottree().getroot(), "interface"):
        for operation in children(interface, "operation"):
            if operation.get("id") == wanted:
                return text_of(child(operation, "inMessageRef"))
    return ""


def _variable(context: FileContext, definition: Element, name: str, place: Place) -> str:
    written = attribute(definition, name)
    return context.reader.target(written, place) if written else ""


def _condition(context: FileContext, definition: Element, place: Place) -> EventDefinition | None:
    expression = child(definition, "condition")
    text = text_of(expression)
    if expression is None or not text:
        context.report.error(
            "event-without-condition",
            place,
            f"{place:en} waits for a condition and has none; write one, for example amount > 100.",
            f"{place:zh}等待条件，但没有写条件；请填写，例如 amount > 100。",
        )
        return None
    language = expression.get("language", "").strip()
    if language and not is_feel(language) and not text.startswith(("${", "#{")):
        context.report.error(
            "unsupported-expression-language",
            place,
            f'The condition of {place:en} is written in "{language[:60]}"; write it in FEEL.',
            f"{place:zh}的条件使用“{language[:60]}”编写；请改用 FEEL。",
        )
        return None
    feel = context.reader.expression(
        text, place, ("condition", "条件"), language=language or context.language
    )
    return None if feel is None else EventDefinition(kind="conditional", condition=feel)


def _link(context: FileContext, definition: Element, place: Place) -> EventDefinition | None:
    name = " ".join((definition.get("name") or "").split()) or place.name
    if not name:
        context.report.error(
            "missing-link",
            place,
            f"{place:en} is one end of a link without a name, so its other end is not known; name both ends alike.",
            f"{place:zh}是没有名称的链接的一端，无法知道另一端；请给两端取相同的名称。",
        )
        return None
    return EventDefinition(kind="link", name=name)


def _definitions(context: FileContext, element: Element, place: Place) -> list[Element] | None:
    """Return the event definitions, those given by reference included; None when one does not resolve."""
    found: list[Element] = []
    for inner in element:
        name = local_name(inner)
        if namespace(inner) != BPMN:
            continue
        if name in EVENT_DEFINITIONS:
            found.append(inner)
        elif name == "eventDefinitionRef":
            target = context.resolve(text_of(inner))
            if target is None or local_name(target) not in EVENT_DEFINITIONS:
                context.report.error(
                    "unresolved-reference",
                    place,
                    f'{place:en} refers to the event definition "{text_of(inner)}", which does not exist.',
                    f"{place:zh}引用的事件定义“{text_of(inner)}”不存在。",
                )
                return None
            found.append(target)
    return found


def _timer(
    context: FileContext, element: Element, definition: Element, place: Place
) -> EventDefinition | None:
    given = [(one, text_of(one)) for one in definition if local_name(one) in _TIMERS]
    given = [(one, text) for one, text in given if text]
    if len(given) != 1:
        context.report.error(
            "timer-without-value" if not given else "timer-with-several-values",
            place,
            f"{place:en} must have exactly one of a date, a duration or a cycle, for example PT4H; it has "
            f"{len(given)}.",
            f"{place:zh}必须恰好有一个日期、时长或周期，例如 PT4H；现在有 {len(given)} 个。",
        )
        return None
    one, text = given[0]
    kind = _TIMERS[local_name(one)]
    before = len(context.reader.reads)
    value = context.reader.timer(kind, text, place)
    if value is None:
        return None
    if position_of(element) == "startEvent":
        for read in context.reader.reads[before:]:
            _reads_nothing(context, read.names, place)
    interrupting = element.get("cancelActivity", "true").strip() not in ("false", "0")
    if kind == "cycle" and (
        local_name(element) == "intermediateCatchEvent"
        or (local_name(element) == "boundaryEvent" and interrupting)
    ):
        context.report.warning(
            "cycle-fires-once",
            place,
            f"{place:en} repeats, but the first time already moves on; use a duration.",
            f"{place:zh}设置了周期，但第一次触发后流程就已离开；请改用时长。",
        )
    return EventDefinition(kind="timer", timer_kind=kind, timer=value)


def _reads_nothing(context: FileContext, names: frozenset[str], place: Place) -> None:
    """Report variables in the timer that starts a process: nobody has written one before there is an instance."""
    if names:
        written = ", ".join(sorted(names))
        context.report.error(
            "timer-start-reads-variables",
            place,
            f"The timer of {place:en} reads {written}, but before the process starts there are no variables; write the time "
            "itself, for example R/PT24H, or FEEL without variables.",
            f"{place:zh}的定时读取 {written}，但流程启动之前没有变量；请直接写出时间，例如 R/PT24H，或不含变量的 FEEL。",
        )


def _refuse(context: FileContext, place: Place, position: Position, kind: str, en: str, zh: str) -> None:
    advice_en, advice_zh = POSITION_ADVICE.get(position, EVENT_ADVICE[kind])
    where_en, where_zh = POSITIONS[position]
    context.report.error(
        "unsupported-event",
        place,
        f'{place:en} is of the kind "{en}", which is not supported for this {where_en}; {advice_en}.',
        f"{place:zh}的类型是“{zh}”，这里的{where_zh}不支持；{advice_zh}。",
    )


def _zh(kind: str) -> str:
    return {"message": "消息", "signal": "信号", "error": "错误", "escalation": "升级"}[kind]
