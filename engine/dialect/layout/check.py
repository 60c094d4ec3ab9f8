"""Says what makes a drawn diagram hard to read: shapes over each other, lines through shapes, names that are missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from engine.dialect.findings import Place, Report
from engine.dialect.ids import engine_id
from engine.dialect.layout.boxes import Box
from engine.dialect.layout.picture import Line, Picture, Shape, picture_of
from engine.dialect.read.context import children, place_of
from engine.dialect.safe_xml import Element, local_name, namespace, text_of
from engine.dialect.tables.elements import BPMN, FLOW_NODES

MOST_PAIRS = 400_000
"""Pairs of a file that are compared; what is left of a larger picture is not looked at."""
MOST_TOLD = 60
"""Findings of one code; more of them say nothing more."""
TOUCHES = 5
"""Pixels two shapes may share, and a line may cut off a corner."""
_DIVERGES = ("exclusiveGateway", "inclusiveGateway")
_MIDDLE = ("intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")


def check_layout(root: Element, report: Report) -> None:
    """Report what is hard to read in a file that is drawn; a file without a picture is not remarked on.

    root: the file as its author wrote it, before ids are settled.
    """
    picture = picture_of(root)
    if picture.shapes:
        _Reading(root, picture, report).check()


class _Reading:
    def __init__(self, root: Element, picture: Picture, report: Report) -> None:
        self.root = root
        self.picture = picture
        self.report = report
        self.left = MOST_PAIRS
        self.nodes: dict[str, Element] = {}
        self.flows: dict[str, Element] = {}
        for one in root.iter():
            name, identity = local_name(one), (one.get("id") or "").strip() if namespace(one) == BPMN else ""
            if identity and name in FLOW_NODES:
                self.nodes.setdefault(identity, one)
            elif identity and name == "sequenceFlow":
                self.flows.setdefault(identity, one)
        self.shapes = sorted(
            (shape for name, shape in picture.shapes.items() if name in self.nodes),
            key=lambda shape: (shape.plane, shape.box.x),
        )
        self.inside: dict[str, frozenset[str]] = {}

    def check(self) -> None:
        self._drawn()
        self._overlaps()
        self._containers()
        self._through()
        self._labels()
        self._names()

    def _note(self, code: str, place: Place, en: str, zh: str) -> None:
        if self.report.counts["note", code] < MOST_TOLD:
            self.report.note(code, place, en, zh)

    def _place(self, identity: str) -> Place:
        place = place_of(self.nodes[identity] if identity in self.nodes else self.flows[identity])
        return Place(place.line, engine_id(identity), place.name, place.en, place.zh)

    def _around(self, identity: str) -> frozenset[str]:
        """The sub-processes an element stands in, and the activity it is attached to."""
        if identity not in self.inside:
            found: set[str] = set()
            one = self.nodes.get(identity)
            while one is not None:
                found |= {(one.get("attachedToRef") or "").strip()} - {""}
                one = one.getparent()
                if one is not None and one.get("id") in self.nodes:
                    found.add(one.get("id") or "")
            self.inside[identity] = frozenset(found)
        return self.inside[identity]

    # -- what is not drawn --------------------------------------------------------------------------------------------

    def _drawn(self) -> None:
        for identity, element in self.nodes.items():
            if identity in self.picture.shapes or not self._visible(element):
                continue
            place = self._place(identity)
            self._note(
                "not-drawn",
                place,
                f"{place:en} runs but is not in the picture, so nobody sees it; draw it, or remove it.",
                f"{place:zh}会执行，但图上没有画出，没有人看得到；请画出或删除它。",
            )

    def _visible(self, element: Element) -> bool:
        """Tell whether what an element stands in is drawn, and open."""
        parent = element.getparent()
        if parent is None or local_name(parent) == "process":
            drawn = [
                one for one in (parent if parent is not None else ()) if one.get("id") in self.picture.shapes
            ]
            return bool(drawn)
        shape = self.picture.shapes.get((parent.get("id") or "").strip())
        return shape is not None and shape.expanded and self._visible(parent)

    # -- what covers what ---------------------------------------------------------------------------------------------

    def _pairs(self) -> Iterator[tuple[Shape, Shape]]:
        """Yield shapes that share columns, from left to right."""
        active: list[Shape] = []
        for shape in self.shapes:
            active = [one for one in active if one.plane == shape.plane and one.box.right > shape.box.x]
            for other in active:
                self.left -= 1
                if self.left < 0:
                    return
                yield other, shape
            active.append(shape)

    def _overlaps(self) -> None:
        told = 0
        for one, other in self._pairs():
            if not one.box.overlaps(other.box, gap=-TOUCHES):
                continue
            if self._belong(one.element, other.element):
                continue
            told += 1
            if told > MOST_TOLD:
                return
            place, under = self._place(other.element), self._place(one.element)
            self.report.warning(
                "shapes-overlap",
                place,
                f"{place:en} covers {under:en} in the picture; move one of them.",
                f"{place:zh}在图上盖住了{under:zh}；请移开其中一个。",
            )

    def _belong(self, one: str, other: str) -> bool:
        """Tell whether one is drawn in or on the other; or both sit at the border of one activity."""
        mine, theirs = self._around(one), self._around(other)
        hosts = [(self.nodes[name].get("attachedToRef") or name) for name in (one, other)]
        return one in theirs or other in mine or hosts[0] == hosts[1]

    def _containers(self) -> None:
        pools = {
            (pool.get("processRef") or "").strip().rpartition(":")[2]: pool.get("id") or ""
            for holder in children(self.root, "collaboration")
            for pool in children(holder, "participant")
        }
        for process in children(self.root, "process"):
            pool = self.picture.shapes.get(pools.get((process.get("id") or "").strip(), ""))
            for one in process:
                if pool is not None and one.get("id") in self.nodes:
                    self._outside(one.get("id") or "", pool, "its pool", "它所在的池")
            for lane in process.iter(f"{{{BPMN}}}lane"):
                shape = self.picture.shapes.get((lane.get("id") or "").strip())
                name = " ".join((lane.get("name") or "").split())[:80]
                for reference in children(lane, "flowNodeRef") if shape is not None else ():
                    identity = text_of(reference)
                    if identity in self.nodes and shape is not None:
                        self._outside(identity, shape, f'its lane "{name}"', f"它所在的泳道“{name}”")

    def _outside(self, identity: str, around: Shape, en: str, zh: str) -> None:
        shape = self.picture.shapes.get(identity)
        if shape is None or shape.plane != around.plane or around.box.holds(shape.box.centre):
            return
        place = self._place(identity)
        self._note(
            "outside-its-place",
            place,
            f"{place:en} is drawn outside {en}; move it in, or assign it to where it stands.",
            f"{place:zh}画在{zh}之外；请移入，或改为归属它所在的位置。",
        )

    # -- lines and labels ---------------------------------------------------------------------------------------------

    def _through(self) -> None:
        for identity, line in self.picture.lines.items():
            flow = self.flows.get(identity)
            if flow is None:
                continue
            ends = {(flow.get(end) or "").strip() for end in ("sourceRef", "targetRef")}
            exempt = ends | {around for end in ends for around in self._around(end)}
            for shape in self._near(line):
                host = (self.nodes[shape.element].get("attachedToRef") or "").strip()
                if shape.element in exempt or host in ends:
                    continue
                inner = shape.box.inner(TOUCHES)
                if any(inner.is_cut_by(start, end) for start, end in pairwise(line.points)):
                    place, cut = self._place(identity), self._place(shape.element)
                    self._note(
                        "flow-through-shape",
                        place,
                        f"{place:en} runs through {cut:en}, which it has nothing to do with; lead it around.",
                        f"{place:zh}的连线穿过了无关的{cut:zh}；请绕开。",
                    )
                    break

    def _near(self, line: Line) -> Iterator[Shape]:
        """Yield the shapes in the rectangle around a line."""
        xs, ys = [x for x, _ in line.points], [y for _, y in line.points]
        around = Box(min(xs), min(ys), max(max(xs) - min(xs), 1), max(max(ys) - min(ys), 1))
        for shape in self.shapes:
            self.left -= 1
            if self.left < 0:
                return
            if shape.plane == line.plane and shape.box.overlaps(around):
                yield shape

    def _labels(self) -> None:
        drawn: list[Shape | Line] = [*self.picture.shapes.values(), *self.picture.lines.values()]
        labelled = [
            (one.element, one.plane, one.label)
            for one in drawn
            if one.label is not None and (one.element in self.nodes or one.element in self.flows)
        ]
        for identity, plane, label in labelled:
            element = self.nodes.get(identity)
            if element is None:
                element = self.flows[identity]
            if not element.get("name"):
                continue
            exempt = (
                {identity} | self._around(identity) | self._around((element.get("sourceRef") or "").strip())
            )
            for shape in self.shapes:
                self.left -= 1
                if self.left < 0:
                    return
                if shape.plane != plane or shape.element in exempt:
                    continue
                if label.overlaps(shape.box, gap=-TOUCHES):
                    place, under = self._place(identity), self._place(shape.element)
                    self._note(
                        "label-covers-shape",
                        place,
                        f"The name of {place:en} is written over {under:en}; move it.",
                        f"{place:zh}的名称压在{under:zh}上；请移开。",
                    )
                    break

    # -- names --------------------------------------------------------------------------------------------------------

    def _names(self) -> None:
        leaving: dict[str, list[str]] = defaultdict(list)
        for identity, flow in self.flows.items():
            leaving[(flow.get("sourceRef") or "").strip()].append(identity)
        for identity, element in self.nodes.items():
            kind, rule = local_name(element), FLOW_NODES[local_name(element)]
            ways = leaving[identity]
            forks = kind in _DIVERGES and len(ways) > 1
            wanted = rule.is_activity or kind in _MIDDLE or forks
            if identity not in self.picture.shapes:
                continue
            if wanted and not (element.get("name") or "").strip():
                place = self._place(identity)
                self._note(
                    "without-name",
                    place,
                    f"{place:en} has no name, so its reader does not know what it is for; "
                    + ("write its question." if forks else "name it."),
                    f"{place:zh}没有名称，看图的人不知道它的用途；请"
                    + ("写出它要判断的问题。" if forks else "给它起名。"),
                )
            for way in ways if forks else ():
                if not (self.flows[way].get("name") or "").strip() and way != element.get("default"):
                    place, at = self._place(way), self._place(identity)
                    self._note(
                        "without-name",
                        place,
                        f"{place:en} leaves {at:en} without a name, so its reader does not know when it is taken; name it.",
                        f"从{at:zh}出发的{place:zh}没有名称，看图的人不知道什么时候走这条路；请给它起名。",
                    )
