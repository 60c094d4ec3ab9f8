"""Gives every element of a diagram an id the engine can keep, before anything else is read.

Works on the private copy of the file: ids lose the blanks around them (xs:ID collapses them), ids with characters the
engine cannot keep are escaped (see `engine.dialect.ids`), flow nodes and sequence flows without an id get one, and
references (QNames: a prefix says nothing here) become the plain id of what they mean. Everybody after this reads ids
and references as they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from engine.dialect.findings import Place, Report
from engine.dialect.ids import LONGEST_ID, engine_id
from engine.dialect.read.context import place_of
from engine.dialect.safe_xml import Element, local_name, namespace
from engine.dialect.tables.elements import BPMN, FLOW_NODES

_OF_FLOWS = ("sourceRef", "targetRef", "default", "attachedToRef", "processRef")
_IN_TEXT = frozenset({"flowNodeRef", "incoming", "outgoing"})
_RUN = frozenset({"process", "sequenceFlow", *FLOW_NODES})
"""What runs: the ids the engine keeps."""
_MEANT = _RUN | {
    "association", "dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "error", "escalation",
    "group", "lane", "message", "messageFlow", "participant", "signal", "textAnnotation",
}  # fmt: skip
"""What can be meant by an id in a reference or in a picture; any other repeated id harms nobody."""


@dataclass(slots=True)
class Ids:
    """The ids of one file. taken: engine id → where it is; skipped: elements whose id another one had first."""

    taken: dict[str, Place] = field(default_factory=dict)
    skipped: set[Element] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)
    """How often an id was generated from the same words."""

    def unused(self, wanted: str) -> str:
        """Return an id nobody has: the wanted one, or with the next number behind it."""
        while True:
            number = self.numbers[wanted] = self.numbers.get(wanted, 0) + 1
            identity = wanted if number == 1 else f"{wanted}-{number}"
            if identity not in self.taken:
                return identity


def settle_ids(root: Element, report: Report) -> Ids:
    """Give the elements of a file their ids, and report what was changed, generated, or is wrong."""
    ids = Ids()
    kept: dict[str, str] = {}
    elements = list(_elements(root))
    for element in elements:
        if element.get("id"):
            _keep(element, kept, report)
    _repeated(root, elements, ids, report)
    here = frozenset(kept.values())
    for element in elements:
        _refer(element, kept, here)
    for process in root.iter(f"{{{BPMN}}}process"):
        nameless = [e for e in _elements(process) if not e.get("id")]
        for element in sorted(nameless, key=lambda e: local_name(e) == "sequenceFlow"):
            _generate(element, process, ids, report)
    return ids


def _elements(root: Element) -> Iterator[Element]:
    """Yield the BPMN elements, without what vendors put into extensions."""
    stack = [root]
    while stack:
        element = stack.pop()
        if namespace(element) != BPMN or local_name(element) == "extensionElements":
            continue
        yield element
        stack.extend(reversed(element))


def _keep(element: Element, kept: dict[str, str], report: Report) -> None:
    written = element.get("id")
    author = " ".join(written.split())
    if author != written:
        element.set("id", author)
    if local_name(element) not in _RUN:
        return
    identity = kept[author] = engine_id(author)
    element.set("id", identity)
    place = place_of(element)
    if len(author) > LONGEST_ID:
        report.error(
            "bad-id",
            place,
            f'The id "{author[:80]}…" of {place.en} has {len(author)} characters; use at most {LONGEST_ID}.',
            f"{place.zh}的 id“{author[:80]}…”有 {len(author)} 个字符；最多 {LONGEST_ID} 个。",
        )
    elif identity != author:
        report.note(
            "id-escaped",
            place,
            f'The id "{author}" of {place.en} has characters that cannot be part of a name here; '
            f"it is kept as {identity}.",
            f"{place.zh}的 id“{author}”含有这里不能用于名称的字符，记作 {identity}。",
        )


def _repeated(root: Element, elements: Iterable[Element], ids: Ids, report: Report) -> None:
    """Report ids used twice where one of the two could be meant by the other's references."""
    first: dict[str, Element] = {}
    drawings = {process for process in root.iter(f"{{{BPMN}}}process") if is_drawing(process)}
    for element in elements:
        identity, kind = element.get("id"), local_name(element)
        if not identity or kind not in _MEANT:
            continue
        earlier: Element = first.setdefault(identity, element)
        place = place_of(element)
        if earlier is element:
            if kind in _RUN:
                ids.taken[identity] = place
            continue
        other = place_of(earlier)
        harmless = any(one in drawings for e in (element, earlier) for one in (e, *e.iterancestors()))
        if not harmless:
            ids.skipped.add(element)
        (report.warning if harmless else report.error)(
            "duplicate-id",
            place,
            f"The id {identity} of {place:en} on line {place.line} is already used by {other:en} on line "
            f"{other.line}; give each its own.",
            f"第 {place.line} 行{place:zh}的 id {identity} 已被第 {other.line} 行的{other:zh}使用；请各用各的 id。",
        )


def is_drawing(process: Element) -> bool:
    """Tell whether a process says that it is not executable."""
    return process.get("isExecutable", "").strip() in ("false", "0")


def _refer(element: Element, kept: dict[str, str], here: Set[str]) -> None:
    for attribute in _OF_FLOWS:
        written = element.get(attribute)
        if written is not None:
            element.set(attribute, _meant(written, kept))
    called = element.get("calledElement")
    if called is not None and _meant(called, kept) in here:
        element.set("calledElement", _meant(called, kept))
    if local_name(element) in _IN_TEXT and element.text:
        element.text = _meant(element.text, kept)


def _meant(written: str, kept: dict[str, str]) -> str:
    """Return the id a reference means: what it says, or what it says behind a prefix."""
    reference = " ".join(written.split())
    local = reference.rpartition(":")[2]
    return kept.get(reference) or kept.get(local) or local


def _generate(element: Element, process: Element, ids: Ids, report: Report) -> None:
    """Name a flow node by its kind and place, a boundary event by its host, a flow by its ends: stable for a file."""
    kind, place = local_name(element), place_of(element)
    if kind == "sequenceFlow":
        source, target = element.get("sourceRef", ""), element.get("targetRef", "")
        identity = ids.unused(f"{source}->{target}")
        en = f"The sequence flow from {source} to {target} has no id and is called {identity}."
        zh = f"从 {source} 到 {target} 的顺序流没有 id，记作 {identity}。"
    elif kind in FLOW_NODES:
        host = element.get("attachedToRef")
        identity = ids.unused(f"boundary:{host}" if host else f"{kind}:{process.get('id', '')}")
        en = f"{place:en} on line {place.line} has no id and is called {identity}."
        zh = f"第 {place.line} 行的{place:zh}没有 id，记作 {identity}。"
    else:
        return
    element.set("id", identity)
    ids.taken[identity] = place_of(element)
    report.note("id-generated", ids.taken[identity], en, zh)
