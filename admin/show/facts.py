"""Filled-in forms as a person reads them: every field of a form with its label and its value in words.

A regime is content, so the pages know no field by name: labels, options and order come from the form itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from admin.show.filters import in_words
from admin.show.language import brief
from tasks.deadlines.calendar.arithmetic import SHANGHAI

SILENT = {
    "text",
    "html",
    "image",
    "separator",
    "spacer",
    "button",
    "iframe",
    "documentPreview",
    "expression",
    "table",
}
LONG = {"textarea"}

Papers = Mapping[str, tuple[str, str]]
"""Name and address of files, by the id that an answer holds."""
NO_PAPERS: Papers = {}


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value; wide values (long texts) get a line of their own, empty ones can be folded away. files: name and
    address of the files it is, where the reader may have them.
    """

    key: str
    label: str
    text: str
    wide: bool = False
    empty: bool = False
    files: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts under the heading of the form group they stand in."""

    title: str
    facts: list[Fact]


def read_facts(
    schema: Mapping[str, Any] | None, data: Mapping[str, Any], papers: Papers = NO_PAPERS
) -> list[FactGroup]:
    """Return the values of `data` under the labels of a form schema, in the form's order.

    Without a schema the keys themselves are the labels. papers: the files its reader may have.
    """
    if schema is None:
        named = [_fact({"key": key, "label": key}, key, value, papers) for key, value in data.items()]
        return [FactGroup("", named)] if named else []
    groups = [FactGroup("", [])]
    for title, path, field in _fields(schema.get("components") or [], ""):
        if title is not None and title != groups[-1].title:
            groups.append(FactGroup(title, []))
        groups[-1].facts.append(_fact(field, path, _at(data, path), papers))
    return [group for group in groups if group.facts]


def _fields(components: Any, prefix: str, title: str = "") -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for component in components:
        kind = component.get("type")
        if kind in ("group", "default"):
            inner = ".".join(part for part in (prefix, component.get("path", "")) if part)
            yield from _fields(component.get("components") or [], inner, component.get("label") or title)
        elif kind == "dynamiclist":
            yield title, ".".join(part for part in (prefix, component.get("path", "")) if part), component
        elif kind not in SILENT and component.get("key"):
            yield title, ".".join(part for part in (prefix, component["key"]) if part), component


def _at(data: Any, path: str) -> Any:
    if isinstance(data, Mapping) and path in data:
        return data[path]
    for step in path.split("."):
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def _fact(field: Mapping[str, Any], path: str, value: Any, papers: Papers) -> Fact:
    text = _text(field, value)
    wide = field.get("type") in LONG or len(text) > 40
    label = str(field.get("label") or field.get("dateLabel") or path)
    return Fact(path, label, text, wide, text == "—", _files(field, value, papers))


def _files(field: Mapping[str, Any], value: Any, papers: Papers) -> Sequence[tuple[str, str]]:
    """The files of an answer; none where one of them is kept from the reader: then only their number is told."""
    if field.get("type") != "filepicker" or not value:
        return ()
    found = [papers.get(str(one)) for one in (value if isinstance(value, list) else [value])]
    return tuple(one for one in found if one) if all(found) else ()


def _text(field: Mapping[str, Any], value: Any) -> str:
    if field.get("type") == "dynamiclist" and isinstance(value, list):
        rows = (
            brief("，", ", ").join(
                f"{fact.label}{brief('：', ': ')}{fact.text}"
                for group in read_facts(field, row)
                for fact in group.facts
            )
            for row in value
            if isinstance(row, Mapping)
        )
        return brief("；", "; ").join(rows) or "—"
    if field.get("type") == "filepicker":
        count = len(value) if isinstance(value, list) else int(bool(value))
        return brief(f"{count} 个附件", f"{count} file{'s' if count > 1 else ''}") if count else "—"
    names = {option.get("value"): option.get("label") for option in field.get("values") or []}
    if names:
        values = value if isinstance(value, list) else [value]
        return in_words([names.get(one) or one for one in values if one is not None])
    if field.get("type") == "datetime" and isinstance(value, str):
        return _moment(value)
    return in_words(value)


def _moment(value: str) -> str:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    if len(value) <= 10:
        return value
    return (at.astimezone(SHANGHAI) if at.tzinfo else at).strftime("%Y-%m-%d %H:%M")
