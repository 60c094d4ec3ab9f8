"""Damages a diagram as editors, merges and attackers do: by bytes, elements, attributes, ids, references, texts."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from lxml import etree

Element = Any

EXPRESSIONS = (
    "=", "= ", "${", "${}", "#{a.b(c)}", "${execution.getVariable('a')}", "=a and", "=1 +", "=for i in 1..9999999 return i",
    "=(" * 300, "=[1,2,3][item > 1]", '="\\ud800"', "=x == 1 && y", "PT", "R/PT0S", "P1Y2M", "R9999999999/PT1S", "2026-02-30",
    "0 0 * * *", "=now()", "=date(\"x\")", "=-" * 400, "true", "${a == 1 ? b : c}", "=string join([1])", "=a.b.c.d.e.f", "∀x",
)  # fmt: skip
VALUES = (
    "", " ", "0", "-1", "true", "false", "End", "Start", "__class__", "a b", "x" * 5000, "开始", "'", '"', "${", "{}", "a:b:c",
    "..", "urn:x", "1e309", "\u202e", "\U0001f600", "id with spaces", "a'] | //*[@id='", "%s", "{0}",
)  # fmt: skip
KINDS = (
    "task", "userTask", "serviceTask", "scriptTask", "sendTask", "receiveTask", "businessRuleTask", "manualTask", "callActivity",
    "subProcess", "transaction", "adHocSubProcess", "startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent",
    "intermediateThrowEvent", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway",
    "sequenceFlow", "process", "lane", "laneSet", "extensionElements", "timerEventDefinition", "messageEventDefinition",
    "errorEventDefinition", "escalationEventDefinition", "signalEventDefinition", "linkEventDefinition",
    "terminateEventDefinition", "compensateEventDefinition", "conditionalEventDefinition", "cancelEventDefinition",
    "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "conditionExpression", "dataObject", "nonsense",
)  # fmt: skip
ATTRIBUTES = (
    "id", "name", "sourceRef", "targetRef", "attachedToRef", "default", "calledElement", "isExecutable", "cancelActivity",
    "triggeredByEvent", "isSequential", "messageRef", "errorRef", "signalRef", "escalationRef", "isInterrupting",
    "parallelMultiple", "gatewayDirection", "scriptFormat", "instantiate", "isForCompensation", "processRef",
)  # fmt: skip
REFERENCES = ("sourceRef", "targetRef", "attachedToRef", "default", "messageRef", "errorRef", "calledElement")
Mutation = Callable[[Random, Element], None]


def mutated(content: bytes, random: Random) -> bytes:
    """Return the file after one to eight mutations; one that leaves no XML is damaged by bytes only."""
    rounds = random.choice((1, 1, 2, 3, 5, 8))
    if random.random() < 0.25:
        for _ in range(rounds):
            content = _bytes(content, random)
        return content
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return _bytes(content, random)
    for _ in range(rounds):
        random.choice(MUTATIONS)(random, root)
    written: bytes = etree.tostring(root, encoding=random.choice(("UTF-8", "UTF-8", "UTF-16", "GB18030")))
    return _bytes(written, random) if random.random() < 0.05 else written


def _bytes(content: bytes, random: Random) -> bytes:
    if not content:
        return random.randbytes(8)
    at, length = random.randrange(len(content)), random.choice((1, 2, 8, 64, 400))
    piece = content[at : at + length]
    match random.randrange(5):
        case 0:
            return content[:at] + bytes([random.randrange(256)]) + content[at + 1 :]
        case 1:
            return content[:at] + content[at + length :]
        case 2:
            return content[:at] + piece * random.choice((2, 3, 50)) + content[at + length :]
        case 3:
            other = random.randrange(len(content))
            return content[:other] + piece + content[other:]
        case _:
            return content[:at] + random.randbytes(random.randrange(1, 5)) + content[at:]


def _any(random: Random, root: Element) -> Element:
    """Return an element below the root that matters: pictures are hit one time in ten."""
    found = [one for one in root.iter(etree.Element) if one is not root]
    parts = [one for one in found if "/DI" not in one.tag and "/DC" not in one.tag]
    return random.choice((parts if parts and random.random() < 0.9 else found) or [root])


def _ids(root: Element) -> list[str]:
    return [one.get("id") for one in root.iter(etree.Element) if one.get("id")] or ["x"]


def _delete(random: Random, root: Element) -> None:
    element = _any(random, root)
    if element is not root:
        element.getparent().remove(element)


def _duplicate(random: Random, root: Element) -> None:
    element = _any(random, root)
    if element is not root:
        element.addnext(deepcopy(element))


def _move(random: Random, root: Element) -> None:
    element, home = _any(random, root), _any(random, root)
    if element is not root and element not in (home, *home.iterancestors()):
        home.insert(random.randrange(len(home) + 1), element)


def _rename(random: Random, root: Element) -> None:
    element = _any(random, root)
    space = element.tag.rpartition("}")[0]
    element.tag = (f"{space}}}" if space else "") + random.choice(KINDS)


def _nest(random: Random, root: Element) -> None:
    element = _any(random, root)
    parent = element.getparent()
    for _ in range(random.choice((1, 2, 5, 60)) if parent is not None else 0):
        wrapper = etree.Element(element.tag.rpartition("}")[0] + "}subProcess" if "}" in element.tag else "x")
        wrapper.set("id", f"nested_{random.randrange(10**6)}")
        parent.replace(element, wrapper)
        wrapper.append(element)
        element = wrapper


def _drop_attribute(random: Random, root: Element) -> None:
    element = _any(random, root)
    if element.attrib:
        del element.attrib[random.choice(list(element.attrib))]


def _set_attribute(random: Random, root: Element) -> None:
    element = _any(random, root)
    names = [*element.attrib, *ATTRIBUTES]
    try:
        element.set(random.choice(names), random.choice((*VALUES, *EXPRESSIONS, *_ids(root)[:40])))
    except ValueError:
        pass  # a half of a surrogate pair, which XML cannot hold


def _collide(random: Random, root: Element) -> None:
    _any(random, root).set("id", random.choice(_ids(root)))


def _rewire(random: Random, root: Element) -> None:
    holders = [one for one in root.iter(etree.Element) if any(one.get(name) for name in REFERENCES)]
    if holders:
        element = random.choice(holders)
        name = random.choice([name for name in REFERENCES if element.get(name)])
        element.set(name, random.choice((*_ids(root), "missing", "tns:x", "")))


def _text(random: Random, root: Element) -> None:
    holders = [one for one in root.iter(etree.Element) if (one.text or "").strip()]
    element = random.choice(holders) if holders else _any(random, root)
    text = (element.text or "").strip()
    at = random.randrange(len(text) + 1)
    element.text = random.choice(
        (random.choice(EXPRESSIONS), text[:at], text[:at] + random.choice("()[]{}\"'=<>&,.;") + text[at:], "")
    )


def _swap(random: Random, root: Element) -> None:
    one, other = _any(random, root), _any(random, root)
    one.tag, other.tag = other.tag, one.tag


MUTATIONS: tuple[Mutation, ...] = (
    _delete, _duplicate, _move, _rename, _nest, _drop_attribute, _set_attribute, _set_attribute, _collide, _rewire, _rewire,
    _text, _text, _swap,
)  # fmt: skip
