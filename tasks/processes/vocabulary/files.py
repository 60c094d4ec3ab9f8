"""What the files of a deployment or a draft offer to diagrams: decisions with what they read and give, forms with their fields,
processes, messages. A file that cannot be read offers nothing; the check of the draft says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from engine.dialect import SourceFile
from engine.dialect.read.data.forms import fields_of, form_data, stem
from engine.dialect.refusal import Refused
from engine.dialect.safe_xml import Element, local_name, parse, text_of
from engine.errors import RedressError

MOST_VALUES = 50
"""Options of a field that are named."""


@lru_cache(1000)
def decisions_in(content: bytes) -> tuple[dict[str, Any], ...]:
    """The decisions of a file: key, name, the names they read and the names of what they give."""
    root = _root(content)
    return tuple(
        {
            "key": one.get("id"),
            "name": one.get("name") or one.get("id"),
            "inputs": _inputs(one),
            "outputs": _outputs(one),
        }
        for one in _named(root, "decision")
        if one.get("id")
    )


def _inputs(decision: Element) -> list[str]:
    texts = (text_of(child(one, "text")) for one in _named(decision, "inputExpression"))
    return list(dict.fromkeys(text for text in texts if text))


def _outputs(decision: Element) -> list[str]:
    names = (one.get("name") or "" for one in _named(decision, "output"))
    return list(dict.fromkeys(name for name in names if name))


@lru_cache(2000)
def form_in(content: bytes, file: str) -> dict[str, Any] | None:
    """The form of a file: key, name and fields with their labels and options; None where it is none."""
    try:
        found = form_data(content)
    except (ValueError, RedressError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    key = found["id"] if isinstance(found.get("id"), str) else stem(file)
    fields = [
        {
            "key": field,
            "label": str(component.get("label") or field),
            "type": str(component.get("type") or ""),
            "values": _values(component),
        }
        for field, component in fields_of(found)
    ]
    return {"key": key, "name": _title(found) or key, "fields": fields}


def _title(form: dict[str, Any]) -> str:
    """What a form is called: its first heading that is no sentence put together when the form is shown."""
    for component in form.get("components") or ():
        text = (
            component.get("text") if isinstance(component, dict) and component.get("type") == "text" else None
        )
        if isinstance(text, str) and text.lstrip().startswith("#") and "{{" not in text:
            return text.strip().splitlines()[0].lstrip("# ").strip()[:60]
    return ""


def _values(component: Any) -> list[dict[str, str]]:
    values = component.get("values")
    return [
        {"value": str(one.get("value")), "label": str(one.get("label") or one.get("value"))}
        for one in (values if isinstance(values, list) else ())
        if isinstance(one, dict) and one.get("value") is not None
    ][:MOST_VALUES]


@lru_cache(500)
def drawn_in(content: bytes) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The processes of a diagram, (key, name) each, and the names of its messages."""
    root = _root(content)
    processes = tuple((one.get("id") or "", one.get("name") or "") for one in _named(root, "process"))
    messages = tuple(one.get("name") or "" for one in _named(root, "message") if one.get("name"))
    return tuple(pair for pair in processes if pair[0]), tuple(dict.fromkeys(messages))


def title_in(content: bytes, file: str) -> str:
    """What people call the thing in a file of a draft: the process, the decision or the form; empty where nothing says so."""
    name = file.lower()
    if name.endswith(".dmn"):
        said = [one["name"] for one in decisions_in(content) if one["name"] != one["key"]]
    elif name.endswith((".form", ".json")):
        form = form_in(content, file)
        said = [form["name"]] if form and form["name"] != form["key"] else []
    else:
        said = [called for _, called in drawn_in(content)[0] if called]
    return str(said[0]) if said else ""


def offered_by(files: Iterable[SourceFile]) -> dict[str, list[dict[str, Any]]]:
    """What files of a draft offer, by kind of thing, each marked as of the draft with the file it is in."""
    found: dict[str, list[dict[str, Any]]] = {"decisions": [], "forms": [], "processes": [], "messages": []}
    for file in files:
        name = file.name.lower()
        mark = {"draft": True, "file": file.name}
        if name.endswith(".dmn"):
            found["decisions"] += [{**one, **mark} for one in decisions_in(file.content)]
        elif name.endswith((".form", ".json")):
            form = form_in(file.content, file.name)
            found["forms"] += [{**form, **mark}] if form else []
        elif name.endswith((".bpmn", ".xml", ".bpmn2")):
            processes, messages = drawn_in(file.content)
            found["processes"] += [{"key": key, "name": said or key, **mark} for key, said in processes]
            keys = [key for key, _ in processes]
            found["messages"] += [{"name": message, "processes": keys, **mark} for message in messages]
    return found


def _root(content: bytes) -> Element | None:
    try:
        return parse(content)
    except (Refused, RedressError, ValueError):
        return None


def _named(root: Element | None, name: str) -> Iterator[Element]:
    for one in root.iter() if root is not None else ():
        if isinstance(one.tag, str) and local_name(one) == name:
            yield one


def child(element: Element, name: str) -> Element | None:
    """The first child of this local name."""
    return next((one for one in element if isinstance(one.tag, str) and local_name(one) == name), None)
