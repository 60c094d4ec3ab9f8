"""How a vendor's word is said in the vocabulary the readers know."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lxml import etree

from engine.dialect.read.context import SAID, attribute, child
from engine.dialect.safe_xml import Element, local_name
from engine.dialect.tables.elements import BPMN

Saying = Callable[[Element, Element], None]
"""Says what an extension element (the second) means for the element it is written in (the first)."""


def say(owner: Element, name: str, value: str | None) -> None:
    """Give an attribute of the common vocabulary, unless there is one or nothing to say."""
    if value and value.strip() and not attribute(owner, name):
        owner.set(f"{{{SAID}}}{name}", value.strip())


def add(owner: Element, name: str, **attributes: str) -> Element:
    """Add an extension element of the common vocabulary."""
    holder = child(owner, "extensionElements")
    if holder is None:
        holder = etree.SubElement(owner, f"{{{BPMN}}}extensionElements")
    return etree.SubElement(holder, f"{{{SAID}}}{name}", attributes)


def add_mappings(
    owner: Element, inputs: Iterable[tuple[str, str]], outputs: Iterable[tuple[str, str]]
) -> None:
    """Add input and output parameters: (target, value)."""
    holder = add(owner, "inputOutput")
    for name, pairs in (("inputParameter", inputs), ("outputParameter", outputs)):
        for target, value in pairs:
            etree.SubElement(holder, f"{{{SAID}}}{name}", {"name": target}).text = value


def add_properties(owner: Element, properties: Iterable[tuple[str, str]]) -> None:
    """Add properties: (name, text)."""
    holder = add(owner, "properties")
    for name, value in properties:
        etree.SubElement(holder, f"{{{SAID}}}property", {"name": name, "value": value})


def written(element: Element, *names: str) -> list[Element]:
    """Return the direct children with one of the local names, whatever their namespace."""
    return [item for item in element if local_name(item) in names]
