"""Reads a diagram of `bpmn/` for the content checks: elements, texts, and where everything is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

from lxml import etree

from engine.dialect.layout.boxes import Box, Point

CONTENT = Path(__file__).resolve().parents[2] / "bpmn"
NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "camunda": "http://camunda.org/schema/1.0/bpmn",
}
CAMUNDA = f"{{{NS['camunda']}}}"
EVENTS = {"startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent"}
GATEWAYS = {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"}
ACTIVITIES = {
    "userTask",
    "manualTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "scriptTask",
    "businessRuleTask",
    "callActivity",
    "subProcess",
    "task",
}
NODES = EVENTS | GATEWAYS | ACTIVITIES


@dataclass
class Drawn:
    """An element with its attributes, documentation and, where it has one, its place in the picture."""

    id: str
    kind: str
    name: str
    documentation: str
    element: etree._Element
    box: Box | None = None
    label: Box | None = None
    points: list[Point] = field(default_factory=list)

    def get(self, name: str) -> str | None:
        return self.element.get(name)

    def camunda(self, name: str) -> str | None:
        return self.element.get(CAMUNDA + name)

    def place(self) -> Box:
        assert self.box is not None, f"{self.id} is not drawn"
        return self.box

    def segments(self) -> list[tuple[Point, Point]]:
        return list(pairwise(self.points))


@dataclass
class Drawing:
    """One file: everything in it by id."""

    file: str
    key: str
    process: Drawn
    nodes: dict[str, Drawn]
    flows: dict[str, Drawn]
    messages: dict[str, Drawn]
    lanes: dict[str, Drawn]
    pools: dict[str, Drawn]
    members: dict[str, list[str]]

    def leaving(self, node: str) -> list[Drawn]:
        return [flow for flow in self.flows.values() if flow.get("sourceRef") == node]

    def scope(self, node: str) -> str:
        """The sub-process a node stands in, or the process."""
        parent = self.nodes[node].element.getparent()
        return "" if parent is None else parent.get("id", "")

    def around(self, node: str) -> set[str]:
        """The sub-processes a node stands in, from inside out."""
        found = set()
        while node in self.nodes and (node := self.scope(node)) != self.key:
            found.add(node)
        return found

    def triggered(self, node: str) -> bool:
        """Whether it is an event sub-process: nothing leads to it, its start event does."""
        return self.nodes[node].get("triggeredByEvent") == "true"

    def arriving(self, node: str) -> list[Drawn]:
        return [flow for flow in self.flows.values() if flow.get("targetRef") == node]


def files(kind: str) -> list[Path]:
    """All files of one kind below bpmn/, in a stable order."""
    return sorted(CONTENT.glob(f"**/*.{kind}"))


@cache
def drawings() -> tuple[Drawing, ...]:
    """All diagrams of bpmn/."""
    return tuple(read(path) for path in files("bpmn"))


def read(path: Path) -> Drawing:
    """Read one file."""
    root = etree.fromstring(path.read_bytes())
    process = root.find("bpmn:process", NS)
    assert process is not None, f"{path.name} has no process"
    collaboration = root.find("bpmn:collaboration", NS)
    assert collaboration is not None, f"{path.name} has no collaboration"
    drawing = Drawing(
        file=str(path.relative_to(CONTENT)),
        key=process.get("id", ""),
        process=_drawn(process),
        nodes=_all(process, NODES),
        flows=_all(process, {"sequenceFlow"}),
        messages=_all(collaboration, {"messageFlow"}),
        lanes=_all(process, {"lane"}),
        pools=_all(collaboration, {"participant"}),
        members={
            lane.get("id", ""): [ref.text or "" for ref in lane.findall("bpmn:flowNodeRef", NS)]
            for lane in process.iterfind(".//bpmn:lane", NS)
        },
    )
    _places(root, drawing)
    return drawing


def _all(parent: etree._Element, kinds: set[str]) -> dict[str, Drawn]:
    found = [each for each in parent.iter() if isinstance(each.tag, str) and _kind(each) in kinds]
    return {each.get("id", ""): _drawn(each) for each in found}


def _kind(element: etree._Element) -> str:
    return etree.QName(element).localname


def _drawn(element: etree._Element) -> Drawn:
    documentation = element.findtext("bpmn:documentation", "", NS)
    return Drawn(
        element.get("id", ""), _kind(element), element.get("name", ""), documentation.strip(), element
    )


def _places(root: etree._Element, drawing: Drawing) -> None:
    for shape in root.iterfind(".//bpmndi:BPMNShape", NS):
        what = _find(drawing, shape.get("bpmnElement", ""))
        what.box = _box(shape.find("dc:Bounds", NS))
        what.label = _box(shape.find("bpmndi:BPMNLabel/dc:Bounds", NS))
    for edge in root.iterfind(".//bpmndi:BPMNEdge", NS):
        what = _find(drawing, edge.get("bpmnElement", ""))
        what.points = [
            (float(point.get("x", "")), float(point.get("y", "")))
            for point in edge.findall("di:waypoint", NS)
        ]
        what.label = _box(edge.find("bpmndi:BPMNLabel/dc:Bounds", NS))


def _find(drawing: Drawing, wanted: str) -> Drawn:
    for group in (drawing.nodes, drawing.flows, drawing.messages, drawing.lanes, drawing.pools):
        if wanted in group:
            return group[wanted]
    raise AssertionError(f"{drawing.file} draws {wanted}, which is not in the diagram")


def _box(bounds: etree._Element | None) -> Box | None:
    if bounds is None:
        return None
    x, y, width, height = (float(bounds.get(name, "")) for name in ("x", "y", "width", "height"))
    return Box(x, y, width, height)
