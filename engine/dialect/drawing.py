"""The picture of a diagram: the author's file, with ids the viewer can read.

bpmn-js takes only ids of ASCII letters, digits, `_`, `.` and `-`; an element with another id is not drawn, nor one whose
shape or edge has another id, and most modelers name those after their elements. Files with such ids are shown from a copy
in which they are escaped (`ids.drawn_id`), so that what is marked in the picture is found; and a page reads UTF-8, whatever the file is written in. Every other file is shown as it is. Stored and
downloaded are always the author's bytes.
"""

from __future__ import annotations

from lxml import etree

from engine.dialect import safe_xml
from engine.dialect.ids import drawn_id, engine_id
from engine.dialect.refusal import Refused
from engine.dialect.safe_xml import Element, local_name, namespace
from engine.dialect.tables.elements import BPMN

_DRAWN = frozenset({BPMN, "http://www.omg.org/spec/BPMN/20100524/DI"})
"""Namespaces whose elements the viewer knows by their ids: the diagram's elements, and its shapes, edges and planes."""

_WORDS = frozenset({"documentation", "text", "script"})
"""Elements whose text is the author's words and never a reference."""


def drawn(content: bytes) -> bytes:
    """Return the file as the viewer reads it; the same bytes where nothing has to change or nothing can be read."""
    try:
        text = safe_xml.text_of_file(content)
        root = safe_xml.parse_text(text)
    except Refused:
        return content
    written = {
        element.get("id") for element in root.iter(*(f"{{{one}}}*" for one in _DRAWN)) if element.get("id")
    }
    changed = {text.strip(): drawn_id(engine_id(text.strip())) for text in written}
    changed = {old: new for old, new in changed.items() if old != new}
    if not changed and text.encoding in ("utf-8", "ascii") and all(t == t.strip() for t in written):
        return content
    for element in root.iter():
        _redraw(element, changed)
    found: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return found


def _redraw(element: Element, changed: dict[str, str]) -> None:
    for attribute, value in element.attrib.items():
        if attribute == "id" and namespace(element) in _DRAWN:
            element.set("id", changed.get(value.strip(), value.strip()))
        elif attribute != "name" and not attribute.startswith("{"):
            element.set(attribute, _replaced(value, changed))
    if len(element) == 0 and element.text and local_name(element) not in _WORDS:
        element.text = _replaced(element.text, changed)


def _replaced(written: str, changed: dict[str, str]) -> str:
    text = written.strip()
    return changed.get(text) or changed.get(text.rpartition(":")[2]) or written
