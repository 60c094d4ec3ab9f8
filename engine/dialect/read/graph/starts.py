"""Where a process or sub-process begins.

A process begins at one start event: the one that was triggered or named (BPMN 2.0 §10.5.2: each start event is an own way
to begin). A sub-process is begun by the token that enters it (§13.3.4): at its start event, or, without one, at every
activity, gateway and event nothing leads to. Several plain start events in it are more than the standard allows; drawn
side by side they can only mean that all of them begin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from engine.dialect.findings import Place, Report
from engine.dialect.model import Body, EventDefinition, Node, ProcessModel, entered_at
from engine.dialect.read.context import children, is_triggered, place_of
from engine.dialect.safe_xml import Element, local_name, namespace
from engine.dialect.tables.elements import BPMN, EVENT_DEFINITIONS, FLOW_NODES, SUPPORTED_EVENTS


def catch_behind_entry(container: Element, report: Report) -> None:
    """Read the only start event of a sub-process as a catch event if it waits for something.

    A sub-process begins when a token enters it, so a timer, message, signal or condition drawn on its start event can only
    mean that the inside waits for it first. Changes the private copy; where anything else begins beside it, the start event
    is left as it is, and refused when it is read.
    """
    nodes = [e for e in container if namespace(e) == BPMN and local_name(e) in FLOW_NODES]
    starts = [e for e in nodes if local_name(e) == "startEvent"]
    if len(starts) != 1 or is_triggered(container):
        return
    [start] = starts
    defined = [
        EVENT_DEFINITIONS[local_name(e)]
        for e in start
        if namespace(e) == BPMN and local_name(e) in EVENT_DEFINITIONS
    ]
    led_to = {flow.get("targetRef") for flow in children(container, "sequenceFlow")}
    others = [
        e
        for e in nodes
        if e is not start
        and e.get("id") not in led_to
        and local_name(e) != "boundaryEvent"
        and not is_triggered(e)
    ]
    if (
        len(defined) != 1
        or defined[0][0] not in SUPPORTED_EVENTS["intermediateCatchEvent"] - {"link"}
        or others
    ):
        return
    place, owner, (_, en, zh) = place_of(start), place_of(container), defined[0]
    report.note(
        "start-waits-inside",
        place,
        f"{place:en} waits for its {en} once {owner:en} has been entered; a sub-process is never begun by an event.",
        f"进入{owner:zh}之后，{place:zh}才等待其{zh}；子流程从不由事件启动。",
    )
    start.tag = f"{{{BPMN}}}intermediateCatchEvent"


def with_start_form(model: ProcessModel, is_there: Callable[[str], bool]) -> ProcessModel:
    """Return the process with the form its plain start event names as the one it is filed with (property form.start).

    A property the author wrote goes before it; is_there: tells whether a form of this key exists.
    """
    starts = (node for node in model.body.nodes if node.kind == "startEvent")
    first = next((one for one in starts if one.event is None or one.event.kind == "none"), None)
    form = first.user.form if first is not None and first.user is not None else None
    if not form or form == f"{model.key}_start" or "form.start" in model.properties or not is_there(form):
        return model
    return replace(model, properties={**model.properties, "form.start": form})


def check_starts(
    report: Report, owner: Place, body: Body, places: Mapping[str, Place], *, inner: bool
) -> None:
    """Report where a process, or the inside of a sub-process, cannot begin or begins in more than one place."""
    starts = [node for node in body.nodes if node.kind == "startEvent"]
    if not body.nodes:
        _empty(report, owner, inner=inner)
    elif inner and not starts:
        _without_start(report, owner, entered_at(body), places)
    elif not starts:
        report.error(
            "no-start",
            owner,
            f"{owner:en} has no start event, so nobody knows where it begins; draw one.",
            f"{owner:zh}没有开始事件，无法知道从哪里开始；请画一个。",
        )
    elif inner and len(starts) > 1:
        report.note(
            "several-starts",
            owner,
            f"{owner:en} has {len(starts)} start events ({_names(starts)}); all of them begin when it is entered.",
            f"{owner:zh}有 {len(starts)} 个开始事件（{_names(starts)}）；进入时全部开始。",
        )
    elif not inner:
        _several(report, owner, starts, places)


def _empty(report: Report, owner: Place, *, inner: bool) -> None:
    if inner:
        report.warning(
            "empty-body",
            owner,
            f"{owner:en} is empty, so a token passes through it at once; draw its elements.",
            f"{owner:zh}是空的，令牌会立即通过；请画出其中的元素。",
        )
    else:
        report.error(
            "empty-body",
            owner,
            f"{owner:en} is empty; draw its elements.",
            f"{owner:zh}是空的；请画出其中的元素。",
        )


def _without_start(report: Report, owner: Place, entries: Sequence[str], places: Mapping[str, Place]) -> None:
    if not entries:
        report.error(
            "no-start",
            owner,
            f"{owner:en} has no start event and something leads to every element in it, so nothing begins; draw a start "
            "event.",
            f"{owner:zh}没有开始事件，且每个元素都有入口，无处开始；请画一个开始事件。",
        )
        return
    en, zh = (", ".join(f"{places[one]:{language}}" for one in entries[:5]) for language in ("en", "zh"))
    more = "…" if len(entries) > 5 else ""
    report.note(
        "begins-without-start",
        owner,
        f"{owner:en} has no start event; it begins at every element nothing leads to: {en}{more}.",
        f"{owner:zh}没有开始事件；从没有入口的每个元素开始：{zh}{more}。",
    )


def _several(report: Report, owner: Place, starts: Sequence[Node], places: Mapping[str, Place]) -> None:
    plain = [start for start in starts if start.event is None or start.event.kind == "none"]
    for start in plain[1:]:
        place = places[start.id]
        report.warning(
            "several-starts",
            place,
            f"{place:en} is another plain start event of {owner:en}, which begins at {places[plain[0].id]:en} unless "
            "whoever starts it names this one.",
            f"{place:zh}是{owner:zh}的另一个普通开始事件；除非启动时指定它，流程从{places[plain[0].id]:zh}开始。",
        )
    named: dict[tuple[str, str], Node] = {}
    for start in starts:
        event = start.event or EventDefinition()
        if event.kind == "message" and named.setdefault((event.kind, event.name), start) is not start:
            place, first = places[start.id], places[named[event.kind, event.name].id]
            report.error(
                "several-starts",
                place,
                f'{place:en} waits for the message "{event.name}", and so does {first:en}; keep one.',
                f"{place:zh}与{first:zh}等待同一消息“{event.name}”；请只保留一个。",
            )


def _names(starts: Sequence[Node]) -> str:
    return ", ".join(start.id for start in starts[:5]) + ("…" if len(starts) > 5 else "")
