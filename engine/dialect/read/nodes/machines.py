"""Reads what machines do: operations, messages sent and received, scripts, decisions, called processes."""

from __future__ import annotations

from typing import Any

from engine.dialect.findings import Place
from engine.dialect.model import EVERY_ENTRY, Assignment, Binding, Call, DecisionCall, Need, Value
from engine.dialect.read.context import FileContext, attribute, child, extensions
from engine.dialect.read.data.texts import is_computed
from engine.dialect.read.nodes.events import named_event
from engine.dialect.read.nodes.mappings import read_binding, refuse_language
from engine.dialect.read.nodes.operations import ask, read_operation
from engine.dialect.safe_xml import Element, text_of
from engine.dialect.tables.elements import is_feel

Fields = dict[str, Any]

COLUMNS = "columns"
"""How SpiffWorkflow takes what a decision gives: each output is a variable of its own."""
SHAPES = ("singleEntry", "singleResult", "collectEntries", "resultList")
"""How Camunda 7 wraps what a decision gives ("Decision Result", predefined mappings)."""

EVERYTHING = Assignment("*", Value(feel="null"))
"""A mapping that passes every variable."""


def read_service(context: FileContext, element: Element, place: Place, properties: dict[str, str]) -> Fields:
    operation = read_operation(context, element, place, properties)
    if operation is None:
        ask(context, place, "")
    return {"operation": operation or None}


def read_task(context: FileContext, element: Element, place: Place, properties: dict[str, str]) -> Fields:
    """Read a task of no kind: it passes, unless a vendor's work item stands behind it."""
    return {"operation": read_operation(context, element, place, properties) or None}


def read_send(context: FileContext, element: Element, place: Place, properties: dict[str, str]) -> Fields:
    operation = read_operation(context, element, place, properties)
    if operation is not None:
        return {"operation": operation or None}
    if not element.get("messageRef"):
        ask(context, place, "")
        return {}
    return {"event": named_event(context, "message", element, place, thrown=True)}


def read_receive(context: FileContext, element: Element, place: Place, properties: dict[str, str]) -> Fields:
    return {"event": named_event(context, "message", element, place, thrown=False)}


def read_script(context: FileContext, element: Element, place: Place, properties: dict[str, str]) -> Fields:
    operation = read_operation(context, element, place, properties)
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
        operation = read_operation(context, element, place, properties)
        if operation is not None:
            return {"operation": operation or None}
    group = attribute(element, "ruleGroup")
    if not reference or is_computed(reference):
        asked = reference or (f"rules {group}" if group else "")
        context.need(
            Need(place.id, "decision", asked[:200]),
            place,
            f"{place:en} names no decision"
            + (f' but "{asked[:120]}"' if asked else "")
            + f"; bind {place.id} to a decision of this installation.",
            f"{place:zh}没有指定决策"
            + (f"，只写了“{asked[:120]}”" if asked else "")
            + f"；请把 {place.id} 绑定到本系统的决策。",
        )
        decision, binding = "", Binding("latest")
    else:
        decision, binding = reference, read_binding(context, element, "decisionRef", place)
        context.refer("decision", decision, binding, place)
    variable = attribute(element, "resultVariable") or attribute(element, "resultVariableName")
    target = context.reader.target(variable, place) if variable else f"decision.{place.id}"
    if attribute(element, "mergeResult") == "true":
        return {"decision": DecisionCall(decision, binding, target, COLUMNS), "spread": EVERY_ENTRY}
    return {"decision": DecisionCall(decision, binding, target, _shape(context, element, place))}


def _shape(context: FileContext, element: Element, place: Place) -> str:
    """Return how the author wants a decision's result wrapped, or "" for as it is."""
    shape = attribute(element, "mapDecisionResult")
    if shape and shape not in SHAPES:
        hint = context.report.closest(shape, SHAPES)
        context.report.error(
            "bad-decision-result",
            place,
            f'{place:en} maps its decision result as "{shape[:40]}"; '
            + (f"did you mean {hint}?" if hint else f"write one of {', '.join(SHAPES)}."),
            f"{place:zh}的决策结果映射为“{shape[:40]}”；"
            + (f"是否想写 {hint}？" if hint else f"请写 {'、'.join(SHAPES)} 之一。"),
        )
        return ""
    return shape


def read_call(context: FileContext, element: Element, place: Place, properties: dict[str, str]) -> Fields:
    called = (element.get("calledElement") or "").strip()
    if not called:
        context.report.error(
            "no-callee",
            place,
            f"{place:en} calls nothing; give it the key of a process (calledElement).",
            f"{place:zh}没有调用任何流程；请设置 calledElement 为流程的键。",
        )
        return {}
    if is_computed(called):
        context.need(
            Need(place.id, "process", called[:200]),
            place,
            f"{place:en} computes which process it calls ({called[:120]}); bind {place.id} to a process.",
            f"{place:zh}调用的流程是计算出来的（{called[:120]}）；请把 {place.id} 绑定到一个流程。",
        )
        called, binding = "", Binding("latest")
    else:
        called = called.rpartition(":")[2]
        binding = read_binding(context, element, "calledElement", place)
        context.refer("process", called, binding, place)
    return {
        "call": Call(
            process=called,
            binding=binding,
            inputs=_passed(context, element, "in", place),
            outputs=_passed(context, element, "out", place),
            apart=attribute(element, "apart") == "true",
        )
    }


def _passed(context: FileContext, element: Element, name: str, place: Place) -> tuple[Assignment, ...]:
    found: list[Assignment] = []
    if name == "in" and attribute(element, "inheritVariables") == "true":
        found.append(EVERYTHING)
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
