"""The sections of the support table, in the order of the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.dialect.support.drawing import (
    ARTIFACTS,
    COLLABORATION,
    DATA,
    DEFINITIONS,
    LANES,
    PEOPLE,
)
from engine.dialect.support.events import event_rows
from engine.dialect.support.nodes import FLOWS, LOOPS, NODES
from engine.dialect.support.rows import Row
from engine.dialect.support.vendors import vendor_sections
from engine.dialect.support.writing import ATTRIBUTES


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the page and its rows; `matrix`: event rows, shown as kinds against positions."""

    en: str
    zh: str
    rows: tuple[Row, ...]
    matrix: bool = False


SECTIONS: tuple[Section, ...] = (
    Section("Flow nodes", "流程节点", NODES),
    Section("Events", "事件", tuple(event_rows()), matrix=True),
    Section("Repetition", "重复", LOOPS),
    Section("Sequence flows", "顺序流", FLOWS),
    Section("Data", "数据", DATA),
    Section("Artifacts and documentation", "制品与说明", ARTIFACTS),
    Section("Lanes", "泳道", LANES),
    Section("Collaboration, conversation, choreography", "协作、会话与编排", COLLABORATION),
    Section("People", "人员", PEOPLE),
    Section("Definitions", "定义", DEFINITIONS),
    Section("Attributes and ways of writing", "属性与写法", ATTRIBUTES),
    *(Section(en, zh, rows) for en, zh, rows in vendor_sections()),
)


def all_rows() -> Iterator[Row]:
    """Yield every row of every section."""
    for section in SECTIONS:
        yield from section.rows
