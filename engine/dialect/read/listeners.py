"""Reads listeners: code of another engine that is called at a moment of an element's life, and must be bound here."""

from __future__ import annotations

from collections.abc import Iterator

from engine.dialect.findings import Place
from engine.dialect.model import Need
from engine.dialect.read.context import FileContext
from engine.dialect.safe_xml import Element, local_name, text_of

_CODE = ("class", "delegateExpression", "expression")


def read_listener(context: FileContext, listener: Element, owner: Element, place: Place) -> None:
    """Ask for what a listener calls; owner: the element it listens to, placed at `place`."""
    for event in _events(listener, owner):
        need = Need(place.id, "listener", _asked(listener)[:200], event, context.listeners[place.id, event])
        context.listeners[place.id, event] += 1
        context.need(
            need,
            place,
            f'{place:en} has a listener for "{event}" that calls {_asked(listener)[:120]}, which does not run here; '
            f"bind {need.key} to an operation of this installation, or to nothing.",
            f"{place:zh}在“{event}”时调用监听器 {_asked(listener)[:120]}，这里不运行；请把 {need.key} 绑定到本系统的操作，"
            "或绑定为“无”。",
        )


def _events(listener: Element, owner: Element) -> Iterator[str]:
    """Yield the moments a listener is called at, by the names all dialects share."""
    written = (listener.get("event") or listener.get("eventType") or "").strip()
    if local_name(owner) == "sequenceFlow":
        yield "take"
    elif local_name(listener) == "taskListener" and written == "all":
        yield from ("create", "assignment", "complete", "delete")
    else:
        yield written or ("create" if local_name(listener) == "taskListener" else "start")


def _asked(listener: Element) -> str:
    for code in _CODE:
        if listener.get(code):
            return f"{code} {listener.get(code).strip()}"
    for item in listener:
        if local_name(item) == "script":
            language = item.get("scriptFormat") or item.get("resource") or ""
            return f"script {language} {' '.join(text_of(item).split())}".strip()
    return "something it does not name"
