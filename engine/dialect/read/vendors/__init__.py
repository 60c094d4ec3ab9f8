"""Says what vendors wrote in the one vocabulary the readers know (Camunda 7's), before anything is read.

Each file holds one vendor: a function for each of its extension elements (and attributes) that mean behaviour. What they
say is kept beside the original in a namespace of our own, so that findings go on naming what the author wrote.
"""

from __future__ import annotations

from engine.dialect.read.vendors import flowable, jbpm, spiffworkflow, zeebe
from engine.dialect.read.vendors.saying import Saying
from engine.dialect.safe_xml import Element, local_name, namespace
from engine.dialect.tables.camunda import FAMILY
from engine.dialect.tables.elements import BPMN
from engine.dialect.tables.spiffworkflow import SPIFFWORKFLOW
from engine.dialect.tables.vendors import JBPM
from engine.dialect.tables.zeebe import ZEEBE

_SAYINGS: dict[str, dict[str, Saying]] = {
    ZEEBE: zeebe.SAYINGS,
    SPIFFWORKFLOW: spiffworkflow.SAYINGS,
    **dict.fromkeys(FAMILY, flowable.SAYINGS),
}


def translate_vendors(root: Element) -> None:
    """Say every known vendor's extensions below `root` in the vocabulary the readers know."""
    found: list[tuple[Saying, Element, Element]] = []
    for element in root.iter():
        space = namespace(element)
        if space == BPMN:
            if any(name.startswith(f"{{{JBPM}}}") for name in element.attrib):
                jbpm.translate(element)
            continue
        holder = element.getparent()
        if holder is None or local_name(holder) != "extensionElements" or namespace(holder) != BPMN:
            continue
        saying = _SAYINGS.get(space, {}).get(local_name(element))
        if saying is not None:
            found.append((saying, holder.getparent(), element))
    for saying, owner, element in found:
        saying(owner, element)
