"""Small diagrams for the engine's tests, written as text: one line per node or flow.

    process("p", "start s", "user u", "end e", "s -> u -> e")

Node lines: `<kind> <id> [attribute=value …] [| inner XML]`; flow lines: `a -> b -> c` or `a -> b : <condition>`;
`default g -> b` marks the default flow; lines between `sub x {` and `}` are the inside of a sub-process, between
`on x {` and `}` of an event sub-process, between `transaction x {` and `}` of a transaction.
"""

from __future__ import annotations

import itertools
import re
from xml.sax.saxutils import escape, quoteattr

from engine.dialect import SourceFile

KINDS = {
    "start": "startEvent",
    "end": "endEvent",
    "user": "userTask",
    "manual": "manualTask",
    "service": "serviceTask",
    "script": "scriptTask",
    "rule": "businessRuleTask",
    "send": "sendTask",
    "receive": "receiveTask",
    "task": "task",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "or": "inclusiveGateway",
    "events": "eventBasedGateway",
    "call": "callActivity",
    "boundary": "boundaryEvent",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
}
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:test">'
)


def process(key: str, *lines: str, name: str = "") -> SourceFile:
    """Return a BPMN file with one executable process."""
    found: dict[str, set[str]] = {"message": set(), "signal": set(), "escalation": set(), "error": set()}
    body, _counter = _body(iter([part for text in lines for part in text.strip().splitlines()]), found, [0])
    definitions = "".join(
        f'<bpmn:{kind} id="{kind}_{item}" name="{item}"'
        + (f' {kind}Code="{item}"' if kind not in ("message", "signal") else "")
        + "/>"
        for kind, items in found.items()
        for item in sorted(items)
    )
    text = f'{HEAD}{definitions}<bpmn:process id="{key}" name="{name or key}" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'
    return SourceFile(f"{key}.bpmn", text.encode())


def _body(lines: object, found: dict[str, set[str]], counter: list[int]) -> tuple[str, list[int]]:
    nodes: list[tuple[str, str, str, str]] = []
    flows: list[str] = []
    defaults: dict[str, str] = {}
    for raw in lines:  # type: ignore[attr-defined]
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line == "}":
            break
        if line.endswith("{"):
            kind, ident, rest = [*line.rstrip("{").split(maxsplit=2), ""][:3]
            inner, counter = _body(lines, found, counter)
            if kind == "on":
                rest += " triggeredByEvent=true"
            nodes.append(("transaction" if kind == "transaction" else "subProcess", ident, rest, inner))
        elif "->" in line:
            default = line.startswith("default ")
            chain, _, condition = line.removeprefix("default ").partition(" : ")
            steps = [step.strip() for step in chain.split("->")]
            for source, target in itertools.pairwise(steps):
                counter[0] += 1
                flow_id = f"flow_{counter[0]}"
                if default:
                    defaults[source] = flow_id
                inner = (
                    f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{escape(condition)}</bpmn:conditionExpression>'
                    if condition
                    else ""
                )
                flows.append(
                    f'<bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'
                )
        else:
            kind, _, rest = line.partition(" ")
            ident, _, rest = rest.strip().partition(" ")
            attributes, _, inner = rest.partition("|")
            nodes.append((KINDS[kind], ident, attributes, inner.strip()))
    out = [_node(kind, ident, attributes, inner, defaults, found) for kind, ident, attributes, inner in nodes]
    return "".join(out) + "".join(flows), counter


def _node(
    kind: str, ident: str, attributes: str, inner: str, defaults: dict[str, str], found: dict[str, set[str]]
) -> str:
    pairs = re.findall(r'([\w:.]+)=("[^"]*"|\S+)', attributes)
    given = {key: value.strip('"') for key, value in pairs}
    events = ""
    for event in ("message", "signal", "escalation", "error"):
        if event in given:
            item = given.pop(event)
            found[event].add(item)
            reference = f'{event}Ref="{event}_{item}"'
            if kind in ("receiveTask", "sendTask"):
                given[f"{event}Ref"] = f"{event}_{item}"
            else:
                written = given.pop("written", "")
                events += f"<bpmn:{event}EventDefinition {reference} {written}/>"
    for timer in ("timeDuration", "timeDate", "timeCycle"):
        if timer in given:
            value = escape(given.pop(timer))
            events += (
                f"<bpmn:timerEventDefinition><bpmn:{timer}>{value}</bpmn:{timer}></bpmn:timerEventDefinition>"
            )
    for event in ("terminate", "cancel", "anyError", "anyEscalation"):
        if given.pop(event, ""):
            events += f"<bpmn:{event.removeprefix('any').lower()}EventDefinition/>"
    if "link" in given:
        events += f'<bpmn:linkEventDefinition name="{given.pop("link")}"/>'
    if "condition" in given:
        condition = escape(given.pop("condition"))
        events += (
            f"<bpmn:conditionalEventDefinition><bpmn:condition>{condition}</bpmn:condition>"
            "</bpmn:conditionalEventDefinition>"
        )
    loop = ""
    if "each" in given or "times" in given:
        collection, _, variable = given.pop("each", "").partition(" as ")
        sequential = ' isSequential="true"' if given.pop("sequential", "") else ""
        cardinality = given.pop("times", "")
        completion = given.pop("until", "")
        loop = (
            f"<bpmn:multiInstanceLoopCharacteristics{sequential}"
            + (
                f' camunda:collection={quoteattr(collection)} camunda:elementVariable="{variable}"'
                if collection
                else ""
            )
            + ">"
            + (f"<bpmn:loopCardinality>{cardinality}</bpmn:loopCardinality>" if cardinality else "")
            + (
                f"<bpmn:completionCondition>{escape(completion)}</bpmn:completionCondition>"
                if completion
                else ""
            )
            + "</bpmn:multiInstanceLoopCharacteristics>"
        )
    if "while" in given or "rounds" in given:
        condition, first = given.pop("while", ""), given.pop("first", "")
        limit = f' loopMaximum="{given.pop("rounds")}"' if "rounds" in given else ""
        loop = (
            f"<bpmn:standardLoopCharacteristics{limit}"
            + (' testBefore="true"' if first else "")
            + ">"
            + (f"<bpmn:loopCondition>{escape(condition)}</bpmn:loopCondition>" if condition else "")
            + "</bpmn:standardLoopCharacteristics>"
        )
    if "at" in given:
        given["attachedToRef"] = given.pop("at")
    if "only_listens" in given:
        given.pop("only_listens")
        given["isInterrupting" if kind == "startEvent" else "cancelActivity"] = "false"
    if ident in defaults:
        given["default"] = defaults[ident]
    if kind == "scriptTask" and not inner.startswith("<"):
        given.setdefault("scriptFormat", "feel")
        inner = f"<bpmn:script>{escape(inner.replace(';', chr(10)))}</bpmn:script>" if inner else inner
    text = "".join(f" {key}={quoteattr(value)}" for key, value in given.items())
    return f'<bpmn:{kind} id="{ident}" name="{ident}"{text}>{inner}{events}{loop}</bpmn:{kind}>'


def handler(trigger: str, *more: str, name: str = "h") -> list[str]:
    """An event sub-process in which somebody does `<name>_u`."""
    return [
        f"on {name} {{",
        f"start {name}_s {trigger}",
        f"user {name}_u",
        f"end {name}_e",
        f"{name}_s -> {name}_u -> {name}_e",
        *more,
        "}",
    ]
