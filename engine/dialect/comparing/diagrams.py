"""Compares two diagrams element by element, by what they say and not by how they are written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.dialect import safe_xml
from engine.dialect.comparing.drawings import drawings
from engine.dialect.comparing.flattening import flatten
from engine.dialect.comparing.model import Change, Comparison, Detail, Side, Unreadable, details_between
from engine.dialect.comparing.names import split
from engine.dialect.comparing.renamed import Known, renamed
from engine.dialect.refusal import Refused
from engine.dialect.safe_xml import Element, local_name, namespace
from engine.dialect.tables.elements import BPMN, FLOW_NODES

_DRAWN = frozenset(FLOW_NODES) | {
    "sequenceFlow", "messageFlow", "association", "participant", "lane", "textAnnotation", "group",
    "dataObjectReference", "dataStoreReference", "conversation", "subConversation", "conversationLink",
}  # fmt: skip
"""What stands in the picture."""
_BESIDE = frozenset(
    {
        "process", "collaboration", "choreography", "globalConversation", "message", "signal", "error", "escalation",
        "category", "itemDefinition", "dataStore", "dataObject", "interface", "resource", "correlationProperty",
        "globalUserTask", "globalScriptTask", "globalTask", "globalManualTask", "globalBusinessRuleTask",
    }
)  # fmt: skip
"""What speaks for itself without standing in the picture."""
_ONLY_ONES = ("process", "collaboration")
"""What is the same thing under another id where either file has only one."""
_THROWN = ("message", "signal", "error", "escalation")
"""What is known by its name: the id is the modeler's."""
_REFERRING = frozenset(
    {
        "sourceRef",
        "targetRef",
        "default",
        "attachedToRef",
        "processRef",
        "lane",
        "in",
        "dataObjectRef",
        "dataStoreRef",
    }
)
"""Attributes whose text is an id, shown with the name of what it means."""
_OF_THE_FILE = frozenset({"exporter", "exporterVersion", "targetNamespace"})
_INNER = frozenset({"subProcess", "transaction", "adHocSubProcess", "subChoreography"})
_HOLDS = _INNER | {"process", "collaboration", "choreography", "laneSet", "childLaneSet", "lane"}
_DEEPEST = 200


@dataclass(slots=True)
class Item:
    """One thing of a diagram."""

    key: str
    id: str
    kind: str
    name: str
    scope: str
    says: dict[str, str]
    drawn: dict[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether it stands in no picture."""
        return self.kind not in _DRAWN


@dataclass(slots=True)
class Diagram:
    """A diagram as it is compared: its things by what they are known by, in the order of the file."""

    items: dict[str, Item] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """id → name, of everything that has both."""

    def of_kind(self, kind: str) -> list[Item]:
        """Return the things of one kind."""
        return [one for one in self.items.values() if one.kind == kind]


def compare_diagrams(before: bytes, after: bytes) -> Comparison:
    """Return what differs between two BPMN files; a file that cannot be read is a sentence of the comparison."""
    if before == after:
        return Comparison()
    problems: list[Unreadable] = []
    one, other = _read(before, "before", problems), _read(after, "after", problems)
    if one is None or other is None:
        return Comparison((), tuple(problems))
    _pair(one, other)
    return Comparison(tuple(_changes(one, other)))


def _read(content: bytes, side: Side, problems: list[Unreadable]) -> Diagram | None:
    try:
        root = safe_xml.parse(content)
        if local_name(root) != "definitions" or namespace(root) != BPMN:
            raise Refused(
                "not-bpmn",
                f"The file is no BPMN diagram: its outermost element is <{local_name(root)[:60]}>.",
                f"文件不是 BPMN 流程图：最外层元素是 <{local_name(root)[:60]}>。",
            )
    except Refused as refused:
        problems.append(Unreadable(side, refused.en, refused.zh, refused.line))
        return None
    return _diagram(root)


def _diagram(root: Element) -> Diagram:
    found = Diagram()
    called: dict[str, str] = {}
    for element in root:
        if namespace(element) == BPMN and (known := (element.get("id") or "").strip()):
            called[known] = words_of(element) or known

    def resolve(text: str) -> str:
        return text.strip().rpartition(":")[2] if _is_name(text) else text

    def named(text: str) -> str:
        return called.get(resolve(text), resolve(text))

    lanes: dict[str, str] = {}
    drawn = drawings(root)
    counts: Counter[str] = Counter()
    for element, scope, parent in _items(root, "", "", 0):
        says = flatten(element, _is_item, resolve, named)
        kind, known = local_name(element), (element.get("id") or "").strip()
        if kind == "definitions":
            says = {path: text for path, text in says.items() if path not in _OF_THE_FILE}
        key = (
            known
            or f"{kind} {says.get('sourceRef', '')}→{says.get('targetRef', '')} {element.get('name', '')}"
        )
        if kind == "definitions":
            key = kind
        counts[key] += 1
        key = f"{key} #{counts[key]}" if counts[key] > 1 else key
        if parent:
            says["in"] = parent
        found.items[key] = Item(
            key, known, kind, element.get("name", "").strip(), scope, says, drawn.get(known, {})
        )
        if known and element.get("name"):
            found.names[known] = element.get("name").strip()
        if kind == "lane":
            lanes |= dict.fromkeys(_members(element), key)
    for node, lane in lanes.items():
        if node in found.items:
            found.items[node].says["lane"] = lane
    return found


def words_of(element: Element) -> str:
    """Return what something beside the processes is known by: its name, else its code."""
    for name in ("name", "errorCode", "escalationCode"):
        if element.get(name):
            return str(element.get(name)).strip()
    return ""


def _is_name(text: str) -> bool:
    return " " not in text.strip()


def _is_item(element: Element) -> bool:
    space, tag = split(element)
    return space == BPMN and (tag in _DRAWN or tag in _BESIDE)


def _items(element: Element, scope: str, parent: str, depth: int) -> Iterator[tuple[Element, str, str]]:
    """Yield every thing, the process it is in, and the process or sub-process it stands in."""
    if depth == 0:
        yield element, "", ""
    if depth > _DEEPEST:
        return
    for child in element:
        space, tag = split(child)
        if space != BPMN:
            continue
        if tag in _DRAWN or tag in _BESIDE:
            yield child, scope, parent
        if tag not in _HOLDS:
            continue
        known = (child.get("id") or "").strip()
        if tag == "process":
            yield from _items(child, known, known, depth + 1)
        elif tag in _INNER:
            yield from _items(child, scope, known, depth + 1)
        else:
            yield from _items(child, scope, "", depth + 1)


def _members(lane: Element) -> Iterator[str]:
    for child in lane:
        if local_name(child) == "flowNodeRef" and child.text:
            yield child.text.strip().rpartition(":")[2]


def _pair(before: Diagram, after: Diagram) -> None:
    """Give things that are the same under another id one key: the only process, and messages by their names."""
    for kind in _ONLY_ONES:
        ours, theirs = before.of_kind(kind), after.of_kind(kind)
        if len(ours) == len(theirs) == 1 and ours[0].key != theirs[0].key:
            _rekey(before, ours[0], theirs[0].key, after)
            if kind == "process":
                ours[0].says["id"], theirs[0].says["id"] = ours[0].id, theirs[0].id
                _same_home(before, ours[0].id, theirs[0].id)
    for kind in _THROWN:
        free = {one.name: one for one in after.of_kind(kind) if one.name and one.key not in before.items}
        for one in before.of_kind(kind):
            if one.key not in after.items and one.name in free:
                _rekey(before, one, free.pop(one.name).key, after)


def _rekey(before: Diagram, item: Item, key: str, after: Diagram) -> None:
    if key in before.items:
        return
    before.items = {key if known == item.key else known: one for known, one in before.items.items()}
    item.key = key


def _same_home(before: Diagram, old: str, new: str) -> None:
    """What stands in the only process stands in it still, whatever it is called now."""
    for one in before.items.values():
        if one.says.get("in") == old:
            one.says["in"] = new
        if one.says.get("processRef") == old:
            one.says["processRef"] = new


def _changes(before: Diagram, after: Diagram) -> Iterator[Change]:
    gone = {key: _known(one) for key, one in before.items.items() if key not in after.items and not one.whole}
    new = {key: _known(one) for key, one in after.items.items() if key not in before.items and not one.whole}
    others = renamed(gone, new, _names(before), _names(after)) if gone and new else {}
    back = {there: here for here, there in others.items()}
    for key, item in after.items.items():
        earlier = before.items.get(key)
        if earlier is None:
            yield _one(item, "added", other_id=back.get(key, ""))
            continue
        if item.kind != earlier.kind:
            earlier.says["type"], item.says["type"] = earlier.kind, item.kind
        details = _told(_meant(details_between(earlier.says, item.says), before, after), before, after)
        drawing = details_between(earlier.drawn, item.drawn)
        if details:
            yield _one(item, "changed", details, drawing)
        elif drawing:
            yield _one(item, "moved", (), drawing)
    for key, item in before.items.items():
        if key not in after.items:
            yield _one(item, "removed", other_id=others.get(key, ""))


def _one(
    item: Item,
    what: str,
    details: tuple[Detail, ...] = (),
    drawing: tuple[Detail, ...] = (),
    other_id: str = "",
) -> Change:
    return Change(
        what,  # type: ignore[arg-type]
        item.id, item.kind, item.name, details, drawing, (), item.scope, other_id, item.whole,
    )  # fmt: skip


def _known(item: Item) -> Known:
    return Known(item.kind, item.name, item.says)


def _names(diagram: Diagram) -> dict[str, Known]:
    return {key: _known(one) for key, one in diagram.items.items()}


def _meant(details: tuple[Detail, ...], before: Diagram, after: Diagram) -> tuple[Detail, ...]:
    """Return the details without those that only say that the process around them is called otherwise now."""
    return tuple(
        one
        for one in details
        if one.path != "in" or (one.before or "") in after.items or (one.after or "") in before.items
    )


def _told(details: tuple[Detail, ...], before: Diagram, after: Diagram) -> tuple[Detail, ...]:
    """Return the details with the names of what they refer to, as each side has them."""
    return tuple(
        Detail(one.path, _with_name(one.before, before), _with_name(one.after, after))
        if one.path in _REFERRING
        else one
        for one in details
    )


def _with_name(known: str | None, diagram: Diagram) -> str | None:
    name = diagram.names.get(known or "")
    return f"{name} ({known})" if name and name != known else known
