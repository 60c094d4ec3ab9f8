"""The rows of events: every event definition at every position."""

from __future__ import annotations

from collections.abc import Iterator

from engine.dialect.support.rows import Row, flow
from engine.dialect.tables.elements import EVENT_DEFINITIONS

POSITIONS: dict[str, tuple[str, str]] = {
    "start": ("start", "开始"),
    "inner": ("start of a sub-process", "子流程开始"),
    "sub interrupting": ("event sub-process, interrupting", "事件子流程（中断）"),
    "sub non-interrupting": ("event sub-process, non-interrupting", "事件子流程（非中断）"),
    "catch": ("intermediate catch", "中间捕获"),
    "gateway": ("behind an event-based gateway", "事件网关之后"),
    "boundary interrupting": ("boundary, interrupting", "边界（中断）"),
    "boundary non-interrupting": ("boundary, non-interrupting", "边界（非中断）"),
    "throw": ("intermediate throw", "中间抛出"),
    "end": ("end", "结束"),
}
"""Where an event may stand → English and Chinese."""

_ESP = {"sub interrupting", "sub non-interrupting"}
_BOUNDARY = {"boundary interrupting", "boundary non-interrupting"}
STANDARD: dict[str, frozenset[str]] = {
    "none": frozenset({"start", "inner", "throw", "end"}),
    "message": frozenset({"start", *_ESP, "catch", "gateway", *_BOUNDARY, "throw", "end"}),
    "timer": frozenset({"start", *_ESP, "catch", "gateway", *_BOUNDARY}),
    "conditional": frozenset({"start", *_ESP, "catch", "gateway", *_BOUNDARY}),
    "signal": frozenset({"start", *_ESP, "catch", "gateway", *_BOUNDARY, "throw", "end"}),
    "multiple": frozenset({"start", *_ESP, "catch", *_BOUNDARY, "throw", "end"}),
    "parallel multiple": frozenset({"start", *_ESP, "catch", *_BOUNDARY}),
    "escalation": frozenset({*_ESP, *_BOUNDARY, "throw", "end"}),
    "error": frozenset({"sub interrupting", "boundary interrupting", "end"}),
    "compensation": frozenset({"sub interrupting", "boundary interrupting", "throw", "end"}),
    "cancel": frozenset({"boundary interrupting", "end"}),
    "link": frozenset({"catch", "throw"}),
    "terminate": frozenset({"end"}),
}
"""Event kind → the positions BPMN 2.0 knows it at (§10.5.6, tables 10.84 to 10.93)."""

WORDS = {
    "none": ("none", "无"),
    **{kind: (en, zh) for kind, en, zh in EVENT_DEFINITIONS.values()},
    "multiple": ("multiple", "多重"),
    "parallel multiple": ("parallel multiple", "并行多重"),
}
ROOTS = (
    '<message id="m" name="Paid"/><message id="n" name="Withdrawn"/><signal id="g" name="Alarm"/><error id="r" name="Broken" errorCode="E1"/>'
    '<escalation id="c" name="Late" escalationCode="L1"/>'
)
_CONDITION = '<condition xsi:type="tFormalExpression">1 = 1</condition>'
DEFINITIONS = {
    "none": "",
    "message": '<messageEventDefinition messageRef="m"/>',
    "timer": "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>",
    "conditional": f"<conditionalEventDefinition>{_CONDITION}</conditionalEventDefinition>",
    "signal": '<signalEventDefinition signalRef="g"/>',
    "escalation": '<escalationEventDefinition escalationRef="c"/>',
    "error": '<errorEventDefinition errorRef="r"/>',
    "compensation": "<compensateEventDefinition/>",
    "cancel": "<cancelEventDefinition/>",
    "link": '<linkEventDefinition name="there"/>',
    "terminate": "<terminateEventDefinition/>",
}
_TWO = DEFINITIONS["message"] + DEFINITIONS["signal"]


def event_row(kind: str, position: str) -> Row:
    """Return the row of an event kind at a position, whether the standard knows it there or not."""
    inside = _TWO if "multiple" in kind else DEFINITIONS[kind]
    flag = ' parallelMultiple="true"' if kind == "parallel multiple" else ""
    (en, zh), (where_en, where_zh) = WORDS[kind], POSITIONS[position]
    body = _body(kind, position, inside, flag)
    return Row(f"{kind} {position}", f"{en}, {where_en}", f"{zh}：{where_zh}", body, ROOTS)


def event_rows() -> Iterator[Row]:
    """Yield a row for every event kind at every position the standard knows it at."""
    for kind, positions in STANDARD.items():
        for position in POSITIONS:
            if position in positions:
                yield event_row(kind, position)


def _body(kind: str, position: str, inside: str, flag: str) -> str:
    start, end, user = (
        '<startEvent id="s"/>',
        '<endEvent id="e"/>',
        '<userTask id="u" camunda:candidateGroups="desk"/>',
    )
    if position == "start":
        return f'<startEvent id="it"{flag}>{inside}</startEvent>{user}{end}{flow("it u", "u e")}'
    if position == "inner":
        sub = f'<subProcess id="x"><startEvent id="it"{flag}>{inside}</startEvent><endEvent id="xe"/>{_numbered("x", "it xe")}</subProcess>'
        return f"{start}{sub}{end}{flow('s x', 'x e')}"
    if position in _ESP:
        interrupting = "" if position == "sub interrupting" else ' isInterrupting="false"'
        handler = (
            f'<subProcess id="h" triggeredByEvent="true"><startEvent id="it"{interrupting}{flag}>{inside}</startEvent>'
            f'<endEvent id="he"/>{_numbered("h", "it he")}</subProcess>'
        )
        return f"{start}{user}{handler}{end}{flow('s u', 'u e')}"
    if position in _BOUNDARY:
        return _at_border(kind, position, inside, flag)
    if position == "gateway":
        other = (
            '<intermediateCatchEvent id="k"><messageEventDefinition messageRef="n"/></intermediateCatchEvent>'
        )
        return (
            f'{start}<eventBasedGateway id="w"/><intermediateCatchEvent id="it"{flag}>{inside}</intermediateCatchEvent>{other}'
            f'{end}<endEvent id="e2"/>{flow("s w", "w it", "w k", "it e", "k e2")}'
        )
    if kind == "link":
        throw, catch = ("it", "k") if position == "throw" else ("k", "it")
        return (
            f'{start}<intermediateThrowEvent id="{throw}">{inside}</intermediateThrowEvent>'
            f'<intermediateCatchEvent id="{catch}">{inside}</intermediateCatchEvent>{end}{flow(f"s {throw}", f"{catch} e")}'
        )
    if position == "end" and kind in ("error", "cancel"):
        tag = "transaction" if kind == "cancel" else "subProcess"
        return (
            f'{start}<{tag} id="x"><startEvent id="xs"/><endEvent id="it">{inside}</endEvent>{_numbered("x", "xs it")}</{tag}>'
            f'<boundaryEvent id="b" attachedToRef="x">{inside}</boundaryEvent>{end}<endEvent id="e2"/>{flow("s x", "x e", "b e2")}'
        )
    element = {"catch": "intermediateCatchEvent", "throw": "intermediateThrowEvent", "end": "endEvent"}[
        position
    ]
    node = f'<{element} id="it"{flag}>{inside}</{element}>'
    if position == "end":
        return f"{start}{user}{node}{flow('s u', 'u it')}"
    return f"{start}{node}{end}{flow('s it', 'it e')}"


def _at_border(kind: str, position: str, inside: str, flag: str) -> str:
    if position == "boundary non-interrupting":
        flag += ' cancelActivity="false"'
    host = '<userTask id="u" camunda:candidateGroups="desk"/>'
    if kind == "cancel":
        host = f'<transaction id="u"><startEvent id="xs"/><userTask id="v" camunda:candidateGroups="desk"/><endEvent id="xe"/>{_numbered("x", "xs v", "v xe")}</transaction>'
    return (
        f'<startEvent id="s"/>{host}<boundaryEvent id="it" attachedToRef="u"{flag}>{inside}</boundaryEvent>'
        f'<endEvent id="e"/><endEvent id="e2"/>{flow("s u", "u e", "it e2")}'
    )


def _numbered(prefix: str, *pairs: str) -> str:
    return flow(*pairs).replace('id="f', f'id="{prefix}f')
