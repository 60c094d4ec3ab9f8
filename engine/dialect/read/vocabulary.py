"""Finds elements that would be passed over without a word: misspelt names, and nodes and flows in a wrong place."""

from __future__ import annotations

from engine.dialect.findings import Place, Report
from engine.dialect.read.context import place_of
from engine.dialect.read.graph.ids import is_drawing
from engine.dialect.safe_xml import Element, local_name, namespace
from engine.dialect.tables.elements import BPMN, FLOW_NODES
from engine.dialect.tables.vocabulary import HOLD_FLOWS, VOCABULARY


def check_vocabulary(root: Element, report: Report) -> None:
    """Report every element of the BPMN namespace that BPMN does not know, or that nothing reads where it stands.

    Processes that are drawings only and what vendors put into extensions are left alone.
    """
    waiting = [(child, place_of(root)) for child in root]
    while waiting:
        element, owner = waiting.pop()
        name = local_name(element)
        if (
            namespace(element) != BPMN
            or name == "extensionElements"
            or (name == "process" and is_drawing(element))
        ):
            continue
        if element.get("id"):
            owner = place_of(element)
        if name not in VOCABULARY:
            _unknown(report, name, owner, itself=bool(element.get("id")))
            continue
        parent = local_name(element.getparent())
        if (name in FLOW_NODES or name == "sequenceFlow") and parent not in HOLD_FLOWS:
            report.error(
                "misplaced-element",
                owner,
                f"{owner:en} stands inside <{parent}>, where nothing runs it; move it into a process or sub-process.",
                f"{owner:zh}位于 <{parent}> 之内，那里不会执行它；请移到流程或子流程中。",
            )
            continue
        waiting.extend((child, owner) for child in element)


def _unknown(report: Report, name: str, owner: Place, *, itself: bool) -> None:
    hint = report.closest(name, VOCABULARY)
    maybe_en, maybe_zh = (
        (f"; did you mean <{hint}>?", f"；是否想写 <{hint}>？") if hint else ("; remove it.", "；请删除。")
    )
    where_en, where_zh = ("", "") if itself else (f" in {owner:en}", f"{owner:zh}中的 ")
    report.error(
        "unknown-element",
        owner,
        f"<{name}>{' (' + owner.id + ')' if itself else ''}{where_en} is not an element of BPMN 2.0{maybe_en}",
        f"{where_zh}<{name}>{'（' + owner.id + '）' if itself else ''}不是 BPMN 2.0 的元素{maybe_zh}",
    )
