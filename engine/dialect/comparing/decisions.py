"""Compares two decision files: what is required, how it is decided, and the rows of tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.dialect import safe_xml
from engine.dialect.comparing.flattening import prefix_of, words, written
from engine.dialect.comparing.model import Change, Comparison, Row, Side, Unreadable, details_between
from engine.dialect.comparing.rows import Column, Rule, Table, compare_rows, paired_columns
from engine.dialect.refusal import Refused
from engine.dialect.safe_xml import Element, local_name, namespace

_ITEMS = frozenset(
    {
        "decision",
        "inputData",
        "businessKnowledgeModel",
        "knowledgeSource",
        "decisionService",
        "itemDefinition",
    }
)
_REQUIREMENTS = frozenset({"informationRequirement", "knowledgeRequirement", "authorityRequirement"})
_OF_THE_TOOL = frozenset({"exporter", "exporterVersion", "namespace"})


@dataclass(slots=True)
class _Item:
    id: str
    kind: str
    name: str
    says: dict[str, str] = field(default_factory=dict)
    table: Table | None = None


def compare_decisions(before: bytes, after: bytes) -> Comparison:
    """Return what differs between two DMN files; a file that cannot be read is a sentence of the comparison."""
    if before == after:
        return Comparison()
    problems: list[Unreadable] = []
    one, other = _read(before, "before", problems), _read(after, "after", problems)
    if one is None or other is None:
        return Comparison((), tuple(problems))
    return Comparison(tuple(_changes(one, other)))


def _read(content: bytes, side: Side, problems: list[Unreadable]) -> dict[str, _Item] | None:
    try:
        root = safe_xml.parse(content)
        if local_name(root).lower() != "definitions" or "/DMN/" not in namespace(root).upper():
            raise Refused(
                "not-dmn",
                f"The file holds no decisions: its outermost element is <{local_name(root)[:60]}>.",
                f"文件不是决策文件：最外层元素是 <{local_name(root)[:60]}>。",
            )
    except Refused as refused:
        problems.append(Unreadable(side, refused.en, refused.zh, refused.line))
        return None
    found: dict[str, _Item] = {"definitions": _Item("", "definitions", "", _attributes(root, _OF_THE_TOOL))}
    for element in root:
        tag = local_name(element)
        if namespace(element) != namespace(root):
            continue
        if tag not in _ITEMS:
            _put(found["definitions"].says, tag, words(element.text) or written(element))
            continue
        known = (element.get("id") or element.get("name") or tag).strip()
        while known in found:
            known += " #"
        found[known] = _item(element, known)
    return found


def _item(element: Element, known: str) -> _Item:
    item = _Item(known, local_name(element), element.get("name", "").strip(), _attributes(element))
    requires: list[str] = []
    for child in element:
        tag = local_name(child)
        if tag in _REQUIREMENTS:
            requires += [
                href for part in child if (href := (part.get("href") or "").strip().removeprefix("#"))
            ]
        elif tag == "decisionTable":
            item.table = _table(child)
            item.says |= item.table.says
        elif tag == "literalExpression":
            _put(item.says, "expression", _inner(child))
            if language := (child.get("expressionLanguage") or "").strip():
                _put(item.says, "expression language", language)
            if child.get("typeRef"):
                _put(item.says, "typeRef", child.get("typeRef").strip())
        elif tag == "variable":
            named = child.get("name", "").strip()
            kind = child.get("typeRef", "").strip()
            _put(item.says, "variable", f"{named} {kind}".strip())
        elif tag in ("description", "question", "allowedAnswers"):
            _put(item.says, tag, words(child.text))
        elif tag and tag != "extensionElements":
            _put(
                item.says, "logic" if tag not in ("typeRef",) else tag, f"{tag}: {written(child)}".strip(": ")
            )
        elif tag:
            _put(item.says, "extensionElements", written(child))
    for one in sorted(set(requires)):
        item.says[f"requires {one}"] = one
    return item


def _table(element: Element) -> Table:
    says = {"hitPolicy": (element.get("hitPolicy") or "UNIQUE").strip().upper().replace("_", " ")}
    if element.get("aggregation"):
        says["aggregation"] = element.get("aggregation").strip()
    if element.get("outputLabel"):
        says["outputLabel"] = element.get("outputLabel").strip()
    inputs, outputs, annotations, rules = list[Column](), list[Column](), list[Column](), list[Rule]()
    for child in element:
        tag, known = local_name(child), (child.get("id") or "").strip()
        if tag == "input":
            inputs.append(_input(child, known))
        elif tag == "output":
            name = (child.get("name") or "").strip()
            about = {
                "name": name,
                "label": child.get("label", "").strip(),
                "typeRef": child.get("typeRef", "").strip(),
            }
            outputs.append(Column("output", known, name, _filled(about) | _inner_texts(child)))
        elif tag == "annotation":
            annotations.append(Column("annotation", known, (child.get("name") or "").strip(), {}))
        elif tag == "rule":
            rules.append(_rule(child, known))
    return Table(says, (*inputs, *outputs, *annotations), (len(inputs), len(outputs)), tuple(rules))


def _input(element: Element, known: str) -> Column:
    about = {"label": element.get("label", "").strip()}
    for child in element:
        if local_name(child) == "inputExpression":
            about["expression"] = _inner(child)
            about["typeRef"] = child.get("typeRef", "").strip()
            about["expression language"] = child.get("expressionLanguage", "").strip()
        elif local_name(child) == "inputValues":
            about["values"] = _inner(child)
    return Column("input", known, about.get("expression", "") or about["label"], _filled(about))


def _inner_texts(element: Element) -> dict[str, str]:
    names = {"outputValues": "values", "defaultOutputEntry": "defaultValue"}
    return _filled({names[tag]: _inner(child) for child in element if (tag := local_name(child)) in names})


def _rule(element: Element, known: str) -> Rule:
    cells: dict[str, list[str]] = {"inputEntry": [], "outputEntry": [], "annotationEntry": []}
    description = ""
    for child in element:
        tag = local_name(child)
        if tag in cells:
            text = _inner(child)
            cells[tag].append("" if tag == "inputEntry" and text == "-" else text)
        elif tag == "description":
            description = words(child.text)
    return Rule(
        known,
        tuple(cells["inputEntry"]),
        tuple(cells["outputEntry"]),
        tuple(cells["annotationEntry"]),
        description,
    )


def _inner(element: Element) -> str:
    """Return the text of an expression: of its `text`, else everything it holds."""
    for child in element:
        if local_name(child) == "text":
            return words(child.text)
    return words(element.text) or " ".join(written(child) for child in element)


def _attributes(element: Element, without: frozenset[str] = frozenset()) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in sorted(element.attrib.items()):
        if name == "id" or name in without:
            continue
        if name.startswith("{"):
            prefix = prefix_of(name[1:].partition("}")[0])
            if prefix in ("modeler", "XMLSchema-instance"):
                continue
            name = f"{prefix}:{name.rpartition('}')[2]}"
        found[name] = value.strip()
    return _filled(found)


def _filled(texts: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in texts.items() if text}


def _put(found: dict[str, str], path: str, text: str) -> None:
    free, count = path, 1
    while free in found:
        count += 1
        free = f"{path} #{count}"
    found[free] = text


def _changes(before: dict[str, _Item], after: dict[str, _Item]) -> Iterator[Change]:
    for known, item in after.items():
        if known not in before:
            yield Change("added", item.id, item.kind, item.name)
            continue
        earlier = before[known]
        says, said = dict(earlier.says), dict(item.says)
        if earlier.kind != item.kind:
            says["type"], said["type"] = earlier.kind, item.kind
        rows: tuple[Row, ...] = ()
        if earlier.table is not None and item.table is not None:
            columns = paired_columns(earlier.table, item.table)
            for one, other in columns:
                path = (other or one).path(earlier.table if other is None else item.table)  # type: ignore[union-attr]
                says |= {f"{path} {name}": text for name, text in one.says.items()} if one else {}
                said |= {f"{path} {name}": text for name, text in other.says.items()} if other else {}
            rows = compare_rows(earlier.table, item.table, columns)
        details = details_between(says, said)
        if details or rows:
            yield Change(
                "changed", item.id, item.kind, item.name, details, (), rows, whole=item.kind == "definitions"
            )
    for known, item in before.items():
        if known not in after:
            yield Change("removed", item.id, item.kind, item.name)
