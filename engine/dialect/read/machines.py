"""Reads what machines do: operations, messages sent and received, scripts, decisions, called processes."""

from __future__ import annotations

from typing import Any

from engine.dialect.findings import Place
from engine.dialect.model import Assignment, Call, DecisionCall, Value
from engine.dialect.read.context import FileContext, attribute, child, extensions
from engine.dialect.read.events import named_event
from engine.dialect.read.mappings import read_binding, refuse_language
from engine.dialect.safe_xml import Element, text_of
from engine.dialect.tables.elements import is_feel

_CODE = ("class", "delegateExpression", "expression")
_OPERATION_ADVICE_EN = 'name it with camunda:topic or the property "operation"'
_OPERATION_ADVICE_ZH = '请用 camunda:topic 或属性 "operation" 指定'


Fields = dict[str, Any]

EVERYTHING = Assignment("*", Value(feel="null"))
"""A mapping that passes every variable."""


def read_service(context: FileContext, element: Element, place: Place, properties: dict[str, str]) -> Fields:
    operation = _operation(context, element, place, properties)
    if operation is None:
        context.report.error(
            "no-operation",
            place,
            f"{place:en} does not say what it runs; {_OPERATION_ADVICE_EN}.",
            f"{place:zh}没有说明执行什么操作；{_OPERATION_ADVICE_ZH}。",
        )
    return {"operation": operation or None}


def read_send(context: FileContext, element: Element, place: Place, properties: dict[str, str]) -> Fields:
    operation = _operation(context, element, place, properties)
    if operation is not None or not element.get("messageRef"):
        if operation is None:
            context.report.error(
                "no-operation",
                place,
                f"{place:en} sends nothing; give it a message, or {_OPERATION_ADVICE_EN}.",
                f"{place:zh}没有发送任何内容；请指定消息，或{_OPERATION_ADVICE_ZH.removeprefix('请')}操作。",
            )
        return {"operation": operation or None}
    event = named_event(context, "message", element, place, catch_all=False)
    return {"event": event}


def read_receive(context: FileContext, element: Element, place: Place, properties: dict[str, str]) -> Fields:
    return {"event": named_event(context, "message", element, place, catch_all=False)}


def read_script(context: FileContext, element: Element, place: Place, properties: dict[str, str]) -> Fields:
    operation = _operation(context, element, place, properties)
    if operation is not None:
        return {"operation": operation or None}
    language = element.get("scriptFormat", "").strip()
    script = child(element, "script")
    text = text_of(script)
    if not language or not is_feel(language):
        refuse_language(context, place, language)
    elif not text:
        context.report.error(
            "script-without-text",
            place,
            f"{place:en} has no script; write FEEL assignments, one per line.",
            f"{place:zh}没有脚本；请写 FEEL 赋值，每行一个。",
        )
    elif result := attribute(element, "resultVariable"):
        target = context.reader.target(result, place)
        feel = context.reader.expression(text, place, ("script", "脚本"))
        return {"script": (Assignment(target, Value(feel=feel)),) if target and feel is not None else ()}
    else:
        return {"script": context.reader.script(text, place)}
    return {}


def read_rule(context: FileContext, element: Element, place: Place, properties: dict[str, str]) -> Fields:
    reference = attribute(element, "decisionRef")
    if not reference:
        operation = _operation(context, element, place, properties)
        if operation is None:
            context.report.error(
                "no-decision",
                place,
                f"{place:en} names no decision; give it one with camunda:decisionRef.",
                f"{place:zh}没有指定决策；请设置 camunda:decisionRef。",
            )
        return {"operation": operation or None}
    decision = context.reader.literal(reference, place, ("decision", "决策"))
    if not decision:
        return {}
    binding = read_binding(context, element, "decisionRef", place)
    result = attribute(element, "resultVariable") or f"decision.{element.get('id', '')}"
    target = context.reader.target(result, place) if attribute(element, "resultVariable") else result
    context.refer("decision", decision, binding, place)
    return {"decision": DecisionCall(decision, binding, target)}


def read_call(context: FileContext, element: Element, place: Place, properties: dict[str, str]) -> Fields:
    called = context.reader.literal(element.get("calledElement"), place, ("callee", "被调用流程"))
    if not called:
        if not element.get("calledElement"):
            context.report.error(
                "no-callee",
                place,
                f"{place:en} calls nothing; give it the key of a process (calledElement).",
                f"{place:zh}没有调用任何流程；请设置 calledElement 为流程的键。",
            )
        return {}
    called = called.rpartition(":")[2]
    binding = read_binding(context, element, "calledElement", place)
    context.refer("process", called, binding, place)
    return {
        "call": Call(
            process=called,
            binding=binding,
            inputs=_passed(context, element, "in", place),
            outputs=_passed(context, element, "out", place),
        )
    }


def _operation(
    context: FileContext, element: Element, place: Place, properties: dict[str, str]
) -> str | None:
    """Return the operation an element names, "" when wrongly (then reported), None when it names none."""
    name = properties.get("operation", "")
    if not name:
        kind = attribute(element, "type")
        if kind and kind != "external":
            context.report.error(
                "unsupported-implementation",
                place,
                f'{place:en} is implemented as "{kind}", which does not run here; {_OPERATION_ADVICE_EN}.',
                f"{place:zh}的实现类型是“{kind}”，这里不运行；{_OPERATION_ADVICE_ZH}。",
            )
            return ""
        name = attribute(element, "topic")
    if not name:
        if any(attribute(element, code) for code in _CODE) or any(
            True for _ in extensions(element, "connector")
        ):
            return ""  # the extension check has already said so
        return None
    name = context.reader.literal(name, place, ("operation", "操作"))
    if name and name not in context.operations:
        hint = context.report.closest(name, context.operations)
        context.report.error(
            "unknown-operation",
            place,
            f'{place:en} names the operation "{name}", which does not exist'
            + (f"; did you mean {hint}?" if hint else "; choose one that is offered here."),
            f"{place:zh}指定的操作“{name}”不存在"
            + (f"；是否想写 {hint}？" if hint else "；请选择这里提供的操作。"),
        )
        return ""
    return name


def _passed(context: FileContext, element: Element, name: str, place: Place) -> tuple[Assignment, ...]:
    found: list[Assignment] = []
    for item in extensions(element, name):
        key = item.get("businessKey")
        if key is not None:
            if "processBusinessKey" not in key and "business_key" not in key:
                context.report.error(
                    "unsupported-business-key",
                    place,
                    f"{place:en} gives its callee another business key ({key[:80]}); a callee keeps its "
                    "caller's.",
                    f"{place:zh}为被调用流程指定了别的业务键（{key[:80]}）；被调用流程使用调用者的业务键。",
                )
            continue
        if item.get("variables") == "all":
            found.append(EVERYTHING)
            continue
        source, computed = item.get("source"), item.get("sourceExpression")
        if not (source or computed):
            context.report.error(
                "mapping-without-source",
                place,
                f"{place:en} has a {name} mapping without source; name what is passed.",
                f"{place:zh}的 {name} 映射没有 source；请指定传递什么。",
            )
            continue
        target = context.reader.target(item.get("target") or source or "", place)
        feel = context.reader.expression(
            source or computed, place, (f"mapping to {target}", f"到 {target} 的映射")
        )
        if target and feel is not None:
            found.append(Assignment(target, Value(feel=feel)))
    return tuple(found)
