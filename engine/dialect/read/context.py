"""What the readers of one BPMN file share: report, texts, references, what must be bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from engine.dialect.findings import Place, Report
from engine.dialect.ids import LONGEST_KEPT
from engine.dialect.model import Binding, Need, Node
from engine.dialect.read.data.texts import Reader
from engine.dialect.safe_xml import Element, local_name, namespace, text_of
from engine.dialect.tables.camunda import FAMILY
from engine.dialect.tables.elements import BPMN, FLOW_NODES

SAID = "urn:redress:said"
"""The namespace of what `vendors` says in the vocabulary the readers know."""

VOCABULARY = (SAID, *FAMILY)
"""The namespaces that are read, in order: the same local names mean the same in all of them."""

_OTHER_WORDS = {
    "process": ("process", "流程"),
    "sequenceFlow": ("sequence flow", "顺序流"),
    "participant": ("pool", "池"),
    "lane": ("lane", "泳道"),
    "laneSet": ("lane set", "泳道集"),
    "definitions": ("diagram", "流程图"),
    "message": ("message", "消息"),
    "error": ("error", "错误"),
    "escalation": ("escalation", "升级"),
    "signal": ("signal", "信号"),
}


@dataclass(frozen=True, slots=True)
class Reference:
    """Something a diagram names that must exist: kind is process, decision or form; `process` is who asks."""

    kind: str
    key: str
    binding: Binding
    place: Place
    file: str
    process: str = ""


@dataclass(slots=True)
class FileContext:
    """One BPMN file while it is read. `definitions` are the elements that can be referred to, by id."""

    file: str
    report: Report
    reader: Reader
    operations: frozenset[str]
    form_keys: dict[str, str]
    """Form id or file stem → the form's key."""
    language: str = ""
    """"feel" where the file says that its expressions are FEEL unless they say otherwise."""
    definitions: dict[str, Element] = field(default_factory=dict)
    generated: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Forms the diagram holds in itself: key → form-js form."""
    data: dict[str, Element] = field(default_factory=dict)
    """What can hold data, by id: data objects, inputs and outputs of activities, properties."""
    embedded: dict[str, Element] | None = None
    """Camunda 8's forms of the whole file by their ids, once one is asked for."""
    references: list[Reference] = field(default_factory=list)
    process: str = ""
    """The id of the process being read."""
    needs: list[Need] = field(default_factory=list)
    """What the process being read asks this installation for."""
    listeners: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many listeners an element of the process has at a moment: (id, event) → number."""
    vendors: dict[str, tuple[Place, set[str]]] = field(default_factory=dict)
    """Unknown namespaces met: where first, and which names."""

    def resolve(self, reference: str) -> Element | None:
        """Return the element a (possibly prefixed) reference names, or None."""
        name = reference.strip()
        return self.definitions.get(name, self.definitions.get(name.rpartition(":")[2]))

    def refer(self, kind: str, key: str, binding: Binding, place: Place) -> None:
        """Remember that `key` must exist; checked when every file is read."""
        self.references.append(Reference(kind, key, binding, place, self.file, self.process))

    def begin_process(self, identity: str) -> None:
        """Take what is read from now on as the process of this id."""
        self.process, self.needs, self.listeners = identity, [], Counter()

    def report_vendors(self) -> None:
        """Report each unknown namespace once: kept, without effect."""
        for address, (place, names) in self.vendors.items():
            words = ", ".join(sorted(names)[:6])
            self.report.warning(
                "foreign-extension",
                place,
                f"Extensions of {address} ({words}) are kept in the file and have no effect here.",
                f"{address} 的扩展（{words}）保留在文件中，但在这里不起作用。",
            )

    def need(self, need: Need, place: Place, en: str, zh: str) -> None:
        """Remember what must be bound before the process can start, and report it with both sentences."""
        self.needs.append(replace(need, name=place.name[:200], line=place.line))
        self.report.binding(f"needs-{need.kind}", place, en, zh)


def place_of(element: Element) -> Place:
    """Return how findings name an element."""
    kind = local_name(element)
    rule = FLOW_NODES.get(kind)
    en, zh = (rule.en, rule.zh) if rule else _OTHER_WORDS.get(kind, (kind, kind))
    if is_triggered(element):
        en, zh = "event sub-process", "事件子流程"
    name = " ".join((element.get("name") or "").split())[:80]
    return Place(element.sourceline or 0, (element.get("id") or "")[:LONGEST_KEPT], name, en, zh)


def place_of_node(node: Node) -> Place:
    """Return how findings name a node that has been read."""
    rule = FLOW_NODES[node.kind]
    return Place(node.line, node.id, node.name, rule.en, rule.zh)


def is_triggered(element: Element) -> bool:
    """Tell whether a sub-process is one that an event triggers (BPMN 2.0 §10.3.5)."""
    triggered = (element.get("triggeredByEvent") or "").strip() in ("true", "1")
    return triggered and local_name(element) == "subProcess"


def attribute(element: Element, name: str) -> str:
    """Return an attribute of the vocabulary the readers know, or an empty string."""
    for space in VOCABULARY:
        value = element.get(f"{{{space}}}{name}")
        if value is not None:
            return str(value).strip()
    return ""


def extensions(element: Element, name: str) -> Iterator[Element]:
    """Yield the direct extension elements of that vocabulary with this local name."""
    for holder in children(element, "extensionElements"):
        for child in holder:
            if local_name(child) == name and namespace(child) in VOCABULARY:
                yield child


def children(element: Element, name: str) -> Iterator[Element]:
    """Yield the direct BPMN children with this local name."""
    for child in element:
        if local_name(child) == name and namespace(child) == BPMN:
            yield child


def child(element: Element, name: str) -> Element | None:
    """Return the first direct BPMN child with this local name, or None."""
    return next(children(element, name), None)


def pools_of(root: Element) -> dict[str, str]:
    """Return process id → the name of the pool that shows it."""
    found: dict[str, str] = {}
    for collaboration in children(root, "collaboration"):
        for pool in children(collaboration, "participant"):
            process = pool.get("processRef") or ""
            if process and pool.get("name"):
                found[process] = " ".join(pool.get("name").split())
    return found


def lanes_of(process: Element) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield (node id, (lane name, lane id)), outer lanes before the lanes inside them."""
    waiting = [lane for holder in children(process, "laneSet") for lane in children(holder, "lane")]
    while waiting:
        lane = waiting.pop(0)
        name = " ".join((lane.get("name") or lane.get("id") or "").split())
        for reference in children(lane, "flowNodeRef"):
            yield text_of(reference), (name, lane.get("id") or "")
        inner = child(lane, "childLaneSet")
        if inner is not None:
            waiting.extend(children(inner, "lane"))
