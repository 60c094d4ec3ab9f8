"""The kit's test files (testCases.xsd): which model, which inputs, which results; and the values written in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import DecimalException
from pathlib import Path
from typing import Any, Final

from lxml import etree

from engine.expressions.feel.data import literals
from engine.expressions.feel.data.temporal import InvalidTemporal
from engine.expressions.feel.data.types import ANY, FeelType
from engine.expressions.feel.data.values import NUMBERS

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
SUFFIX: Final = ".xml"


class Unreadable(ValueError):
    """A file that should hold test cases does not."""


@dataclass(frozen=True, slots=True)
class Node:
    """An input, or a result that is expected. namespace: of the model it stands in, when it is another one.

    error: the result is expected to be an error, which FEEL tells as null.
    """

    name: str
    namespace: str
    element: etree._Element | None
    error: bool = False

    def value(self, declared: FeelType) -> Any:
        """The value written there; `declared` tells the type of one that does not tell its own."""
        return None if self.element is None else _value(self.element, declared)


@dataclass(frozen=True, slots=True)
class Case:
    """kind: decision, bkm or decisionService; the latter two are called by the name `invocable`. namespace: of the model
    the results stand in, when it is another one.
    """

    id: str
    kind: str
    invocable: str
    namespace: str
    inputs: tuple[Node, ...]
    results: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class TestFile:
    """model: the file name of the model, empty when it is not told."""

    __test__ = False

    path: Path
    model: str
    namespace: str
    cases: tuple[Case, ...]


def read_test_file(path: Path) -> TestFile | None:
    """The cases of a file, or None when it is XML about something else. Raises Unreadable."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except (OSError, etree.XMLSyntaxError) as problem:
        raise Unreadable(f"{path.name} cannot be read: {problem}") from None
    if _local(root) != "testCases":
        return None
    return TestFile(
        path,
        "".join("".join(map(str, one.itertext())) for one in _children(root, "modelName")).strip(),
        root.get("namespace") or "",
        tuple(_case(one, number) for number, one in enumerate(_children(root, "testCase"), 1)),
    )


def _case(element: etree._Element, number: int) -> Case:
    results = [
        Node(
            _name(one),
            one.get("namespace") or "",
            next(_children(one, "expected"), None),
            one.get("errorResult") in ("true", "1"),
        )
        for one in _children(element, "resultNode")
    ]
    return Case(
        element.get("id") or element.get("name") or f"#{number}",
        element.get("type") or "decision",
        " ".join((element.get("invocableName") or "").split()),
        element.get("namespace") or "",
        tuple(Node(_name(one), one.get("namespace") or "", one) for one in _children(element, "inputNode")),
        tuple(results),
    )


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (one for one in element if isinstance(one.tag, str) and _local(one) == name)


def _name(element: etree._Element) -> str:
    return " ".join((element.get("name") or "").split())


# -- values ---------------------------------------------------------------------------------------------------------


def _value(element: etree._Element, declared: FeelType) -> Any:
    """The value inside an input, an expected result, a component or an item: a component each entry, a list, or simple."""
    if _is_nil(element):
        return None
    fields = declared.fields or {}
    components = list(_children(element, "component"))
    if components:
        return {_name(one): _value(one, fields.get(_name(one), ANY)) for one in components}
    listed = next(_children(element, "list"), None)
    if listed is not None:
        items = declared.items or ANY
        return None if _is_nil(listed) else [_value(one, items) for one in _children(listed, "item")]
    simple = next(_children(element, "value"), None)
    return None if simple is None or _is_nil(simple) else _simple(simple, declared)


def _is_nil(element: etree._Element) -> bool:
    return element.get(_XSI + "nil") in ("true", "1")


def _boolean(text: str) -> bool:
    return text in ("true", "1")


def _number(text: str) -> Any:
    """FEEL has neither NaN nor infinities: what would be one is null."""
    made = NUMBERS.create_decimal(text)
    return made if made.is_finite() else None


_NUMBERS: Final = [
    "decimal",
    "double",
    "float",
    "integer",
    "int",
    "long",
    "short",
    "byte",
    "nonNegativeInteger",
    "positiveInteger",
    "nonPositiveInteger",
    "negativeInteger",
    "unsignedInt",
    "unsignedLong",
    "unsignedShort",
    "unsignedByte",
    "number",
]
_READERS: Final[dict[str, Callable[[str], Any]]] = {
    **dict.fromkeys(_NUMBERS, _number),
    "boolean": _boolean,
    "date": literals.parse_date,
    "dateTime": literals.parse_date_and_time,
    "date and time": literals.parse_date_and_time,
    "time": literals.parse_time,
    "duration": literals.parse_duration,
    "dayTimeDuration": literals.parse_duration,
    "yearMonthDuration": literals.parse_duration,
    "days and time duration": literals.parse_duration,
    "years and months duration": literals.parse_duration,
}
"""By the local name of an XML Schema type, or by a FEEL type; what is not here is text."""


def _simple(element: etree._Element, declared: FeelType) -> Any:
    text = "".join(map(str, element.itertext()))
    kind = (element.get(_XSI + "type") or declared.kind).rpartition(":")[2].strip()
    reader = _READERS.get(kind)
    if reader is None:
        return text
    try:
        return reader(text.strip())
    except (InvalidTemporal, DecimalException):
        # Also wrong inputs are tested.
        return text
