"""What one element of a diagram says, as attributes with a path each, independent of how it is written down."""

from __future__ import annotations

from collections.abc import Callable

from engine.dialect.comparing.names import split
from engine.dialect.safe_xml import Element, local_name
from engine.dialect.tables.camunda import FAMILY
from engine.dialect.tables.elements import BPMN, XSI

_DEFAULTS = {
    "cancelActivity": "true",
    "isInterrupting": "true",
    "triggeredByEvent": "false",
    "isForCompensation": "false",
    "parallelMultiple": "false",
    "isCollection": "false",
    "gatewayDirection": "Unspecified",
    "instantiate": "false",
    "eventGatewayType": "Exclusive",
    "startQuantity": "1",
    "completionQuantity": "1",
    "isClosed": "false",
    "isSequential": "false",
    "processType": "None",
    "isMarkerVisible": "false",
    "isImmediate": "true",
    "associationDirection": "None",
    "isExecutable": "false",
    "typeLanguage": "http://www.w3.org/2001/XMLSchema",
    "expressionLanguage": "http://www.w3.org/1999/XPath",
    "textFormat": "text/plain",
    "waitForCompletion": "true",
    "minimum": "0",
    "maximum": "1",
}
"""What an attribute of BPMN means where it is not written."""

_REFERENCES = frozenset(
    {"sourceRef", "targetRef", "default", "attachedToRef", "processRef", "dataObjectRef", "dataStoreRef"}
)
"""Attributes that name another element of the picture."""

_NAMED = frozenset(
    {"messageRef", "signalRef", "errorRef", "escalationRef", "categoryValueRef", "itemSubjectRef"}
)
"""Attributes that name what stands beside the processes."""

_ELSEWHERE = frozenset({"incoming", "outgoing", "flowNodeRef", "laneSet", "childLaneSet"})

_PICTURES = frozenset(
    {
        "http://www.omg.org/spec/BPMN/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DC",
    }
)

_WITH_NAMES = {
    "property": "property",
    "inputParameter": "input",
    "outputParameter": "output",
    "formField": "formField",
    "field": "field",
}
"""Elements of extensions that are known by a name of the author's → the first word of their path."""

_KNOWN_BY = ("name", "id", "key", "variable", "target", "variableName", "event")

Resolve = Callable[[str], str]


def flatten(
    element: Element, is_item: Callable[[Element], bool], resolve: Resolve, named: Resolve
) -> dict[str, str]:
    """Return path → text of what an element says.

    is_item: tells which children speak for themselves; resolve: id → what an element of the picture is known by; named: id
    → name of a message, signal, error or escalation.
    """
    found: dict[str, str] = {}
    _attributes(element, "", found, resolve, named)
    texts: list[str] = []
    for child in element:
        space, tag = split(child)
        ours = space == BPMN
        if not tag or (ours and tag in _ELSEWHERE) or space in _PICTURES or is_item(child):
            continue
        if ours and tag == "documentation":
            texts.append(words(child.text))
        elif ours and tag == "extensionElements":
            for extension in child:
                _extension(extension, found)
        elif ours and tag == "conditionExpression":
            _put(found, "conditionExpression", words(child.text))
            if child.get("language"):
                _put(found, "condition language", child.get("language"))
        elif ours and tag in ("script", "text"):
            _put(found, tag, words(child.text))
        elif ours and tag.endswith("EventDefinition"):
            _event(child, tag, found, resolve, named)
        elif ours and tag.endswith("LoopCharacteristics"):
            _loop(child, tag, found, resolve, named)
        else:
            _put(found, _path(child), written(child))
    if joined := "\n".join(text for text in texts if text):
        found["documentation"] = joined
    return found


def _attributes(
    element: Element, before: str, found: dict[str, str], resolve: Resolve, named: Resolve
) -> None:
    for name, value in sorted(element.attrib.items()):
        if name == "id" or name.startswith(f"{{{XSI}}}"):
            continue
        value = value.strip()
        if name.startswith("{"):
            prefix = prefix_of(name[1:].partition("}")[0])
            if prefix != "modeler":
                _put(found, f"{before}{prefix}:{name.rpartition('}')[2]}", value)
        elif value != _DEFAULTS.get(name):
            if name in _REFERENCES:
                value = resolve(value)
            elif name in _NAMED:
                value = named(value)
            if value:
                _put(found, f"{before}{name}", value)


def _event(element: Element, tag: str, found: dict[str, str], resolve: Resolve, named: Resolve) -> None:
    _put(found, "event", tag.removesuffix("EventDefinition"))
    _attributes(element, "", found, resolve, named)
    for child in element:
        if local_name(child) == "extensionElements":
            for extension in child:
                _extension(extension, found)
        else:
            _put(found, local_name(child), words(child.text))


def _loop(element: Element, tag: str, found: dict[str, str], resolve: Resolve, named: Resolve) -> None:
    kind = "standard" if tag == "standardLoopCharacteristics" else "parallel"
    if element.get("isSequential", "").strip() == "true":
        kind = "sequential"
    _put(found, "loop", kind)
    inner: dict[str, str] = {}
    _attributes(element, "loop ", inner, resolve, named)
    inner.pop("loop isSequential", None)
    for child in element:
        if local_name(child) == "extensionElements":
            more: dict[str, str] = {}
            for extension in child:
                _extension(extension, more)
            inner |= {f"loop {path}": text for path, text in more.items()}
        elif local_name(child) != "documentation":
            text = words(child.text) or child.get("name") or child.get("id") or written(child)
            _put(inner, f"loop {local_name(child)}", text)
    for path, text in inner.items():
        _put(found, path, text)


def _extension(element: Element, found: dict[str, str]) -> None:
    """Put what an extension says. Lists of named things (properties, mappings, form fields) are taken apart."""
    _, tag = split(element)
    if not tag:
        return
    if tag in ("properties", "inputOutput", "formData", "ioMapping") and len(element):
        for child in element:
            _extension(child, found)
        for name, value in element.attrib.items():
            _put(found, f"{tag} {name.rpartition('}')[2]}", value.strip())
        return
    if tag == "property" and element.get("value") is not None and element.get("name"):
        more = {k: v for k, v in element.attrib.items() if k not in ("name", "value", "id")}
        text = words(element.get("value"))
        _put(found, f"property {element.get('name').strip()}", f"{text} {_marks(more)}" if more else text)
        return
    if tag in ("in", "out"):
        first = "passes" if tag == "in" else "returns"
        known = element.get("target") or (
            "businessKey" if element.get("businessKey") else element.get("variables", "")
        )
        source = element.get("source") or element.get("sourceExpression") or element.get("businessKey") or ""
        extra = {k: v for k, v in element.attrib.items() if k in ("local", "variables")}
        _put(found, f"{first} {known}", f"{source} {_marks(extra)}".strip())
        return
    if tag.endswith("istener"):
        _put(
            found,
            f"listener {element.get('event', element.get('eventType', '')).strip()}".rstrip(),
            written(element),
        )
        return
    name = next((element.get(one) for one in _KNOWN_BY if element.get(one)), "")
    if tag in _WITH_NAMES and name:
        text = written(element, without=("name", "id") if tag != "formField" else ("id",))
        _put(found, f"{_WITH_NAMES[tag]} {name.strip()}", text)
        return
    _put(found, _path(element), written(element))


def written(element: Element, without: tuple[str, ...] = ()) -> str:
    """Return everything an element says as one line of text, without ids and in one order of attributes."""
    ours = split(element)[0] == BPMN
    marks = {
        (name.rpartition("}")[2]): value for name, value in element.attrib.items()
        if name != "id" and name not in without and not name.startswith(f"{{{XSI}}}")
        and not (ours and value.strip() == _DEFAULTS.get(name))
    }  # fmt: skip
    text = words(element.text)
    inner = [f"{_called(child)}: {written(child)}".rstrip(": ") for child in element if local_name(child)]
    return " ".join(part for part in (text, _marks(marks), f"[{'; '.join(inner)}]" if inner else "") if part)


def _called(element: Element) -> str:
    """Return an element's name; of one that goes by two (the other is written with xsi:type), the general one."""
    name = local_name(element)
    return "expression" if name == "formalExpression" and split(element)[0] == BPMN else name


def _marks(attributes: dict[str, str]) -> str:
    return ", ".join(
        f"{name.rpartition('}')[2]}={value.strip()}" for name, value in sorted(attributes.items())
    )


def _path(element: Element) -> str:
    space, tag = split(element)
    return tag if space == BPMN else f"{prefix_of(space)}:{tag}"


def prefix_of(space: str) -> str:
    """Return the prefix an extension is known by, whatever the file calls it."""
    if space in FAMILY:
        return FAMILY[space].prefix
    if space.startswith("http://camunda.org/schema/modeler"):
        return "modeler"
    parts = [part for part in space.rstrip("/").split("/") if part and not part.replace(".", "").isdigit()]
    return parts[-1][-30:].removesuffix(".xsd") if parts else "x"


def words(text: str | None) -> str:
    """Return a text without what means nothing in it: blanks at its ends and at the ends of its lines."""
    return "\n".join(line.strip() for line in (text or "").strip().splitlines())


def _put(found: dict[str, str], path: str, text: str) -> None:
    """Put a text under its path, or under `path #2` … where several have the same."""
    free, count = path, 1
    while free in found:
        count += 1
        free = f"{path} #{count}"
    found[free] = text
