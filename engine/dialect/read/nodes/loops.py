"""Reads how an activity repeats: a standard loop, or once for each item of a collection."""

from __future__ import annotations

from typing import Any

from engine.dialect.findings import Place
from engine.dialect.model import MultiInstance, StandardLoop
from engine.dialect.read.context import FileContext, attribute, child, children
from engine.dialect.safe_xml import Element, local_name, text_of

MOST_ROUNDS = 1_000_000
_TOLD_ONLY = ("noneBehaviorEventRef", "oneBehaviorEventRef")


def read_loop(context: FileContext, element: Element, place: Place) -> dict[str, Any]:
    """Return the Node fields that say how an activity repeats; what is wrong is reported."""
    standard = child(element, "standardLoopCharacteristics")
    if standard is not None:
        return {"again": _standard(context, standard, place)}
    loop = child(element, "multiInstanceLoopCharacteristics")
    return {"loop": None if loop is None else _multiple(context, element, loop, place)}


def _standard(context: FileContext, loop: Element, place: Place) -> StandardLoop | None:
    text, limit = text_of(child(loop, "loopCondition")), (loop.get("loopMaximum") or "").strip()
    if not text and not limit:
        context.report.error(
            "loop-without-condition",
            place,
            f"{place:en} repeats without saying how long: give its loop a condition, a maximum or both.",
            f"{place:zh}没有说明重复到何时：请为循环设置条件、最大次数或两者。",
        )
        return None
    if limit and not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= MOST_ROUNDS):
        context.report.error(
            "bad-loop-maximum",
            place,
            f'{place:en} repeats at most "{limit[:40]}" times; write a number from 1 to {MOST_ROUNDS}.',
            f"{place:zh}最多重复“{limit[:40]}”次；请写 1 到 {MOST_ROUNDS} 的整数。",
        )
        return None
    return StandardLoop(
        condition=context.reader.expression(text, place, ("loop condition", "循环条件")) if text else None,
        test_before=loop.get("testBefore", "false").strip() in ("true", "1"),
        maximum=int(limit) if limit else None,
    )


def _multiple(context: FileContext, element: Element, loop: Element, place: Place) -> MultiInstance | None:
    read = context.reader.expression
    given = attribute(loop, "collection") or _data(context, element, text_of(child(loop, "loopDataInputRef")))
    cardinality = text_of(child(loop, "loopCardinality"))
    if not given and not cardinality:
        context.report.error(
            "loop-without-collection",
            place,
            f"{place:en} repeats for nothing: give it a collection or a cardinality.",
            f"{place:zh}没有说明对什么重复：请设置集合或次数。",
        )
        return None
    for name in _TOLD_ONLY:
        if (loop.get(name) or "").strip():
            context.report.warning(
                "loop-event-not-thrown",
                place,
                f"{place:en} names an event for its finished items ({name}), which is not thrown; draw a throw event inside.",
                f"{place:zh}为完成的实例指定了事件（{name}），它不会抛出；请在内部画抛出事件。",
            )
    collection = read(given, place, ("collection", "集合"))
    if collection is not None and not (context.reader.written_here or given.startswith("=")):
        context.report.note(
            "repeats-for-each",
            place,
            f"{place:en} is repeated for each item of {collection[:200]}, computed in FEEL when it is reached.",
            f"{place:zh}对 {collection[:200]} 的每一项重复；到达时按 FEEL 计算。",
        )
    variable = attribute(loop, "elementVariable") or _item(loop, "inputDataItem")
    output, output_element = _output(context, element, loop, place)
    return MultiInstance(
        sequential=loop.get("isSequential", "false").strip() in ("true", "1"),
        collection=collection,
        element_variable=_target(context, variable, place),
        cardinality=read(cardinality, place, ("loop cardinality", "循环次数"))
        if collection is None
        else None,
        completion=read(
            text_of(child(loop, "completionCondition")), place, ("completion condition", "完成条件")
        ),
        index_variable=_target(context, attribute(loop, "elementIndexVariable"), place),
        output_collection=output,
        output_element=output_element,
    )


def _output(
    context: FileContext, element: Element, loop: Element, place: Place
) -> tuple[str | None, str | None]:
    """Return the list an activity collects and what each item gives to it."""
    target = attribute(loop, "outputCollection")
    given = attribute(loop, "outputElement")
    if not target:
        target = _data(context, element, text_of(child(loop, "loopDataOutputRef")), out=True)
        given = _item(loop, "outputDataItem")
    if not target or not given:
        if target or given:
            context.report.warning(
                "loop-output-incomplete",
                place,
                f"{place:en} names only one of the list it collects and what each item gives to it; what the items write "
                "becomes lists under the same names.",
                f"{place:zh}只写明了收集的列表与各项的值之一；各项写入的内容会在同名下成为列表。",
            )
        return None, None
    return (
        _target(context, target, place),
        context.reader.expression(given, place, ("output of an item", "单项输出")),
    )


def _target(context: FileContext, name: str, place: Place) -> str | None:
    return context.reader.target(name, place) or None if name else None


def _item(loop: Element, name: str) -> str:
    item = child(loop, name)
    return "" if item is None else (item.get("name") or item.get("id") or "").strip()


def _data(context: FileContext, activity: Element, reference: str, *, out: bool = False) -> str:
    """Return the variable a data reference means (BPMN 2.0 §10.4.2): by association, by name, or as it is written.

    A data input or output of the activity means what its association leads to; a data object its name, which other
    engines take for the variable's.
    """
    name = reference.rpartition(":")[2]
    for _ in range(4):  # input → reference → object; nothing legal is longer
        data = context.data.get(name)
        if data is None:
            return name if name != reference.rpartition(":")[2] else reference
        kind = local_name(data)
        if kind in ("dataInput", "dataOutput"):
            further = _associated(activity, name, out=out)
        else:
            further = (data.get("dataObjectRef") or "") if not data.get("name") else ""
        if not further:
            return str(data.get("name") or name)
        name = further.strip().rpartition(":")[2]
    return name


def _associated(activity: Element, identity: str, *, out: bool) -> str:
    this, other = ("sourceRef", "targetRef") if out else ("targetRef", "sourceRef")
    for association in children(activity, "dataOutputAssociation" if out else "dataInputAssociation"):
        if text_of(child(association, this)).rpartition(":")[2] == identity:
            return text_of(child(association, other))
    return ""
