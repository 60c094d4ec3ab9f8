"""Reads event definitions: what an event throws or catches, and whether the engine runs it there."""

from __future__ import annotations

from engine.dialect.findings import Place
from engine.dialect.model import EventDefinition
from engine.dialect.read.context import FileContext
from engine.dialect.safe_xml import Element, local_name, namespace, text_of
from engine.dialect.tables.elements import (
    BPMN,
    EVENT_ADVICE,
    EVENT_DEFINITIONS,
    FLOW_NODES,
    SUPPORTED_EVENTS,
)

_TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_CODES = {"error": "errorCode", "escalation": "escalationCode"}


def read_event(
    context: FileContext, element: Element, place: Place, *, inner: bool
) -> EventDefinition | None:
    """Return what an event throws or catches; None when it cannot run (then reported).

    inner: the event is drawn in an embedded sub-process.
    """
    kind_of_node = local_name(element)
    position = "innerStartEvent" if inner and kind_of_node == "startEvent" else kind_of_node
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
                f"{place:en} does not say what it waits for; give it a timer, a message, an escalation or "
                "an error.",
                f"{place:zh}没有说明等待什么；请设置定时、消息、升级或错误。",
            )
            return None
        return EventDefinition()
    definition = definitions[0]
    kind, en, zh = EVENT_DEFINITIONS[local_name(definition)]
    if kind not in SUPPORTED_EVENTS[position]:
        _refuse(context, place, position, kind, en, zh)
        return None
    if kind == "timer":
        return _timer(context, element, definition, place)
    if kind == "terminate":
        return EventDefinition(kind="terminate")
    return named_event(context, kind, definition, place, catch_all=position == "boundaryEvent")


def named_event(
    context: FileContext, kind: str, definition: Element, place: Place, *, catch_all: bool
) -> EventDefinition | None:
    """Return a message, error or escalation event from what refers to it, or None (then reported)."""
    reference = (definition.get(f"{kind}Ref") or "").strip()
    if not reference:
        if catch_all and kind in _CODES:
            return EventDefinition(kind=kind)
        context.report.error(
            f"missing-{kind}",
            place,
            f"{place:en} names no {kind}; choose one.",
            f"{place:zh}没有指定{_zh(kind)}；请选择一个。",
        )
        return None
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
    if kind == "message":
        return EventDefinition(kind=kind, name=name or identity)
    code = context.reader.literal(target.get(_CODES[kind]), place, (f"{kind} code", f"{_zh(kind)}代码"))
    return EventDefinition(kind=kind, name=name or identity, code=code or name or identity)


def _definitions(context: FileContext, element: Element, place: Place) -> list[Element] | None:
    """Return the event definitions, those given by reference included; None when one does not resolve."""
    found: list[Element] = []
    for child in element:
        name = local_name(child)
        if namespace(child) != BPMN:
            continue
        if name in EVENT_DEFINITIONS:
            found.append(child)
        elif name == "eventDefinitionRef":
            target = context.resolve(text_of(child))
            if target is None or local_name(target) not in EVENT_DEFINITIONS:
                context.report.error(
                    "unresolved-reference",
                    place,
                    f'{place:en} refers to the event definition "{text_of(child)}", which does not exist.',
                    f"{place:zh}引用的事件定义“{text_of(child)}”不存在。",
                )
                return None
            found.append(target)
    return found


def _timer(
    context: FileContext, element: Element, definition: Element, place: Place
) -> EventDefinition | None:
    given = [(child, text_of(child)) for child in definition if local_name(child) in _TIMERS]
    given = [(child, text) for child, text in given if text]
    if len(given) != 1:
        context.report.error(
            "timer-without-value" if not given else "timer-with-several-values",
            place,
            f"{place:en} must have exactly one of a date, a duration or a cycle, for example PT4H; it has "
            f"{len(given)}.",
            f"{place:zh}必须恰好有一个日期、时长或周期，例如 PT4H；现在有 {len(given)} 个。",
        )
        return None
    child, text = given[0]
    kind = _TIMERS[local_name(child)]
    value = context.reader.timer(kind, text, place)
    if value is None:
        return None
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


def _refuse(context: FileContext, place: Place, position: str, kind: str, en: str, zh: str) -> None:
    advice_en, advice_zh = EVENT_ADVICE[kind]
    inner = position == "innerStartEvent"
    rule = FLOW_NODES["startEvent" if inner else position]
    if inner:
        advice_en, advice_zh = "start a sub-process with a plain start event", "子流程请用普通开始事件"
    where_en = f"{rule.en} of a sub-process" if inner else rule.en
    where_zh = f"子流程的{rule.zh}" if inner else rule.zh
    context.report.error(
        "unsupported-event",
        place,
        f'{place:en} is of the kind "{en}", which is not supported for this {where_en}; {advice_en}.',
        f"{place:zh}的类型是“{zh}”，这里的{where_zh}不支持；{advice_zh}。",
    )


def _zh(kind: str) -> str:
    return {"message": "消息", "error": "错误", "escalation": "升级"}[kind]
