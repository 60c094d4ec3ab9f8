"""What the readers of one BPMN file share: report, texts, references, and the check of extensions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.dialect.findings import Place, Report
from engine.dialect.model import Binding, Need
from engine.dialect.read.texts import Reader
from engine.dialect.safe_xml import Element, local_name, namespace, text_of
from engine.dialect.tables.elements import ATTRIBUTE_REFUSALS, BPMN, FLOW_NODES
from engine.dialect.tables.extensions import (
    ATTRIBUTES,
    CAMUNDA,
    DIALECT,
    ELEMENTS,
    FOREIGN,
    PRESENTATION,
    ExtensionRule,
    attribute_rule,
)

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
    definitions: dict[str, Element] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    process: str = ""
    """The id of the process being read."""
    needs: list[Need] = field(default_factory=list)
    """What the process being read asks this installation for."""
    vendors: dict[str, tuple[Place, set[str]]] = field(default_factory=dict)
    """Unknown namespaces met: where first, and which names."""

    def resolve(self, reference: str) -> Element | None:
        """Return the element a (possibly prefixed) reference names, or None."""
        return self.definitions.get(reference.strip().rpartition(":")[2])

    def refer(self, kind: str, key: str, binding: Binding, place: Place) -> None:
        """Remember that `key` must exist; checked when every file is read."""
        self.references.append(Reference(kind, key, binding, place, self.file, self.process))

    def need(self, need: Need, place: Place, en: str, zh: str) -> None:
        """Remember what must be bound before the process can start, and report it with both sentences."""
        self.needs.append(need)
        self.report.binding(f"needs-{need.kind}", place, en, zh)

    def check_extensions(self, process: Element) -> None:
        """Report every extension below a process that would change behaviour and is not read."""
        stack = [(process, place_of(process))]
        while stack:
            element, owner = stack.pop()
            if namespace(element) != BPMN:
                self._vendor(element.tag, owner)
                continue
            name = local_name(element)
            if name in FLOW_NODES or name in ("sequenceFlow", "lane"):
                owner = place_of(element)
            self._attributes(element, name, owner)
            if name == "extensionElements":
                parent = local_name(element.getparent())
                for child in element:
                    self._extension(child, parent, owner)
                continue
            stack.extend((child, owner) for child in reversed(element))

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

    def _attributes(self, element: Element, name: str, owner: Place) -> None:
        for attribute, value in element.attrib.items():
            space, local = _split(attribute)
            if not space:
                refusal = ATTRIBUTE_REFUSALS.get(local)
                if refusal and value.strip() in refusal[0]:
                    self.report.error(
                        "unsupported-attribute",
                        owner,
                        f"{owner:en}: {refusal[1]}.",
                        f"{owner:zh}:{refusal[2]}。",
                    )
                continue
            if space in DIALECT:
                self._dialect(space, local, name, owner, attribute_rule(local, value), ATTRIBUTES)
            else:
                self._foreign(space, local, owner)

    def _extension(self, child: Element, parent: str, owner: Place) -> None:
        space, local = namespace(child), local_name(child)
        if space in DIALECT:
            self._dialect(space, local, parent, owner, ELEMENTS.get(local), ELEMENTS)
        else:
            self._foreign(space, local, owner)

    def _dialect(
        self, space: str, local: str, on: str, owner: Place, rule: ExtensionRule | None, known: Iterable[str]
    ) -> None:
        written = f"{DIALECT[space]}:{local}"
        if rule is None:
            hint = self.report.closest(local, known)
            (self.report.error if space == CAMUNDA else self.report.warning)(
                "unknown-extension",
                owner,
                f'{owner:en} carries "{written}", which is not known{_en(hint)}; remove or correct it.',
                f"{owner:zh}带有未知的“{written}”{_zh(hint)}；请删除或更正。",
            )
        elif rule.meaning == "refused":
            self.report.error(
                "unsupported-extension",
                owner,
                f"{owner:en} carries {written}. {rule.en}.",
                f"{owner:zh}带有 {written}。{rule.zh}。",
            )
        elif rule.meaning == "ignored":
            self.report.warning(
                "ignored-extension",
                owner,
                f"{owner:en} carries {written}, which has no effect. {rule.en}.",
                f"{owner:zh}带有 {written}，不起作用。{rule.zh}。",
            )
        elif rule.on and on not in rule.on:
            self.report.warning(
                "misplaced-extension",
                owner,
                f"{owner:en} carries {written}, which has a meaning only on {', '.join(sorted(rule.on))}.",
                f"{owner:zh}带有 {written}，它只在 {'、'.join(sorted(rule.on))} 上有意义。",
            )

    def _foreign(self, space: str, local: str, owner: Place) -> None:
        dialect = FOREIGN.get(space)
        if dialect is None:
            if space != BPMN and not space.startswith(PRESENTATION):
                self._vendor(f"{{{space}}}{local}", owner)
        elif local in dialect.behaviour:
            self.report.error(
                "foreign-dialect",
                owner,
                f'{owner:en} carries "{local}" of {dialect.name}, which would change what happens and is '
                "not read "
                f"here; {dialect.advice_en}.",
                f"{owner:zh}带有 {dialect.name} 的“{local}”，它会改变行为而这里不读取；{dialect.advice_zh}。",
            )

    def _vendor(self, tag: object, owner: Place) -> None:
        space, local = _split(tag if isinstance(tag, str) else "")
        if not space.startswith(PRESENTATION):
            self.vendors.setdefault(space or "(no namespace)", (owner, set()))[1].add(local)


def place_of(element: Element) -> Place:
    """Return how findings name an element."""
    kind = local_name(element)
    rule = FLOW_NODES.get(kind)
    en, zh = (rule.en, rule.zh) if rule else _OTHER_WORDS.get(kind, (kind, kind))
    name = " ".join((element.get("name") or "").split())[:80]
    return Place(element.sourceline or 0, (element.get("id") or "")[:200], name, en, zh)


def attribute(element: Element, name: str) -> str:
    """Return an attribute of the dialect, or an empty string."""
    for space in DIALECT:
        value = element.get(f"{{{space}}}{name}")
        if value is not None:
            return str(value).strip()
    return ""


def extensions(element: Element, name: str) -> Iterator[Element]:
    """Yield the direct extension elements of the dialect with this local name."""
    for holder in children(element, "extensionElements"):
        for child in holder:
            if local_name(child) == name and namespace(child) in DIALECT:
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
            process = (pool.get("processRef") or "").strip().rpartition(":")[2]
            if process and pool.get("name"):
                found[process] = " ".join(pool.get("name").split())
    return found


def lanes_of(process: Element) -> Iterator[tuple[str, str]]:
    """Yield (node id, lane name), outer lanes before the lanes inside them."""
    waiting = [lane for holder in children(process, "laneSet") for lane in children(holder, "lane")]
    while waiting:
        lane = waiting.pop(0)
        name = " ".join((lane.get("name") or lane.get("id") or "").split())
        for reference in children(lane, "flowNodeRef"):
            yield text_of(reference).rpartition(":")[2], name
        inner = child(lane, "childLaneSet")
        if inner is not None:
            waiting.extend(children(inner, "lane"))


def _en(hint: str) -> str:
    return f" (did you mean {hint}?)" if hint else ""


def _zh(hint: str) -> str:
    return f"(是否想写 {hint}?)" if hint else ""


def _split(tag: str) -> tuple[str, str]:
    if tag.startswith("{"):
        space, _, local = tag[1:].partition("}")
        return space, local
    return "", tag
