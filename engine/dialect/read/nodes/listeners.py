"""Reads listeners: code of another engine that is called at a moment of an element's life, and must be bound here."""

from __future__ import annotations

from collections.abc import Iterator

from engine.dialect.findings import Place
from engine.dialect.model import Need
from engine.dialect.read.context import FileContext
from engine.dialect.safe_xml import Element, local_name, text_of

_CODE = ("class", "delegateExpression", "expression", "type", "entityType")
_SCRIPTS = {"preScript": "start", "onEntry-script": "start", "postScript": "end", "onExit-script": "end"}
"""Extensions that are a script at one moment."""
_MOMENTS = {
    "creating": "create", "assigning": "assignment", "updating": "update", "completing": "complete",
    "canceling": "delete",
}  # fmt: skip
"""Camunda 8's names of the moments of a task → the names all dialects share."""


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


def read_mapping_code(context: FileContext, code: str, place: Place) -> None:
    """Ask for the code that computes what a call activity passes, which can only be bound to nothing."""
    need = Need(place.id, "listener", code[:200], "mapping")
    context.need(
        need,
        place,
        f"{place:en} lets {code[:120]} compute what is passed, which does not run here; write the mappings and bind "
        f"{need.key} to nothing.",
        f"{place:zh}由 {code[:120]} 计算传递的内容，这里不运行；请写出映射，并把 {need.key} 绑定为“无”。",
    )


def _events(listener: Element, owner: Element) -> Iterator[str]:
    """Yield the moments a listener is called at, by the names all dialects share."""
    kind = local_name(listener)
    written = (listener.get("event") or listener.get("eventType") or "").strip()
    if local_name(owner) == "sequenceFlow":
        yield "take"
    elif kind in _SCRIPTS:
        yield _SCRIPTS[kind]
    elif kind == "taskListener" and written == "all":
        yield from ("create", "assignment", "complete", "delete")
    else:
        yield _MOMENTS.get(written, written) or ("create" if kind == "taskListener" else "start")


def _asked(listener: Element) -> str:
    """Return what a listener calls, in words."""
    for code in _CODE:
        if text := (listener.get(code) or "").strip():
            return f"{code} {text}"
    for item in (listener, *listener):
        if local_name(item) in ("script", *_SCRIPTS):
            language = item.get("scriptFormat") or item.get("resource") or ""
            return " ".join(f"script {language} {text_of(item)} {' '.join(map(text_of, item))}".split())
    return "something it does not name"
