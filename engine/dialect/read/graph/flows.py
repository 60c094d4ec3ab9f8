"""Reads sequence flows: where they lead from and to, and under which condition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.dialect.findings import Place
from engine.dialect.model import Flow
from engine.dialect.read.context import FileContext, child, place_of
from engine.dialect.safe_xml import Element, text_of
from engine.dialect.tables.elements import is_feel

_WRONG = "null"
"""Stands for a condition that was reported, so that it is not reported as missing too."""


def read_flows(
    context: FileContext, elements: Iterable[Element], places: dict[str, Place], drawn: frozenset[str]
) -> Iterator[Flow]:
    """Yield the flows of one process or sub-process; what leads nowhere or across its border is reported.

    places: its nodes; the flows read are added. drawn: the ids of all flow nodes of the file.
    """
    nodes = frozenset(places)
    for element in elements:
        place = place_of(element)
        source, target = element.get("sourceRef", ""), element.get("targetRef", "")
        usable = True
        for end_en, end_zh, end in (("source", "起点", source), ("target", "终点", target)):
            if end in nodes:
                continue
            usable = False
            if end in drawn:
                en, zh = "is in another process or sub-process", "在另一个流程或子流程中"
            else:
                en, zh = ("does not exist", "不存在") if end else ("is missing", "缺失")
            context.report.error(
                "flow-without-end",
                place,
                f'The {end_en} of {place:en} {en}: "{end[:80]}"; connect it again.',
                f"{place:zh}的{end_zh}{zh}：“{end[:80]}”；请重新连接。",
            )
        condition = _condition(context, element, place)
        if usable:
            places[place.id] = place
            yield Flow(place.id, source, target, place.name, condition)


def _condition(context: FileContext, element: Element, place: Place) -> str | None:
    expression = child(element, "conditionExpression")
    text = text_of(expression)
    if expression is None or not text:
        return None
    language = expression.get("language", "").strip()
    juel = text.startswith(("${", "#{"))
    if (
        language
        and not is_feel(language)
        and not (juel and "java" not in language.lower().replace("juel", ""))
    ):
        context.report.error(
            "unsupported-expression-language",
            place,
            f'The condition of {place:en} is written in "{language[:60]}"; write it in FEEL.',
            f"{place:zh}的条件使用“{language[:60]}”编写；请改用 FEEL。",
        )
        return _WRONG
    return (
        context.reader.expression(text, place, ("condition", "条件"), language=language or context.language)
        or _WRONG
    )
