"""How the elements of a diagram are drawn: where, how large, along which points, in which colour."""

from __future__ import annotations

from engine.dialect.comparing.names import split
from engine.dialect.safe_xml import Element

_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_COLOURS = frozenset({"stroke", "fill", "background-color", "border-color", "color"})


def drawings(root: Element) -> dict[str, dict[str, str]]:
    """Return id of the element → path → text of how it is drawn. The ids of shapes and edges mean nothing."""
    found: dict[str, dict[str, str]] = {}
    for element in root.iter(f"{{{_DI}}}BPMNShape", f"{{{_DI}}}BPMNEdge"):
        known = (element.get("bpmnElement") or "").strip().rpartition(":")[2]
        if not known or known in found:
            continue
        found[known] = _shape(element) if split(element)[1] == "BPMNShape" else _edge(element)
    return found


def _shape(shape: Element) -> dict[str, str]:
    drawn: dict[str, str] = {}
    for child in shape:
        if split(child)[1] == "Bounds":
            drawn["position"] = f"{_number(child.get('x'))},{_number(child.get('y'))}"
            drawn["size"] = f"{_number(child.get('width'))}×{_number(child.get('height'))}"
    if shape.get("isExpanded") is not None:
        drawn["expanded"] = shape.get("isExpanded").strip()
    if shape.get("isHorizontal") is not None:
        drawn["horizontal"] = shape.get("isHorizontal").strip()
    return drawn | _both(shape)


def _edge(edge: Element) -> dict[str, str]:
    points = [
        f"{_number(child.get('x'))},{_number(child.get('y'))}"
        for child in edge
        if split(child)[1] == "waypoint"
    ]
    return {"waypoints": " → ".join(points)} | _both(edge)


def _both(element: Element) -> dict[str, str]:
    drawn: dict[str, str] = {}
    for child in element:
        if split(child) == (_DI, "BPMNLabel"):
            for bounds in child:
                if split(bounds)[1] == "Bounds":
                    drawn["label position"] = f"{_number(bounds.get('x'))},{_number(bounds.get('y'))}"
    colours = {
        f"{name.rpartition('}')[2]} {value.strip().lower()}"
        for name, value in element.attrib.items()
        if name.startswith("{") and name.rpartition("}")[2] in _COLOURS
    }
    if colours:
        drawn["colour"] = ", ".join(sorted(colours))
    return drawn


def _number(text: str | None) -> str:
    if text is not None and text.isdecimal() and len(text) < 7 and text.isascii():
        return text.lstrip("0") or "0"
    try:
        value = round(float(text or "0"), 2)
    except (ValueError, OverflowError):
        return (text or "").strip()
    return f"{value:g}" if abs(value) < 1e6 else str(value)
