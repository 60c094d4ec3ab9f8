"""What an instance holds as its page shows it: variables as a tree, failed expressions with what they read, setting one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from flask import flash, redirect, request, url_for

from admin.page import Answer, Page
from admin.show.language import brief, plain
from engine.errors import InvalidInput
from tasks.processes.steering import retry_incident, set_variables
from tasks.processes.variables import ShownRead, ShownScope, Variables, kind_of

MOST = 1_500
"""Names one page shows; whoever looks for others narrows them."""
LONG = 160
"""Characters a value shows unasked."""
MOST_TEXT = 20_000
"""Characters of one value a page holds at all; the API has all of it."""

KIND_WORDS = {
    "text": ("文本", "text"),
    "number": ("数值", "number"),
    "boolean": ("是否", "yes/no"),
    "list": ("列表", "list"),
    "context": ("组合", "context"),
    "null": ("空", "null"),
}
GIVEN = ("text", "number", "boolean", "json")
"""How a value is typed that is set by hand."""


@dataclass(frozen=True, slots=True)
class Node:
    """One name of the tree. text: of a value without parts, None where values are not shown; parts: what is inside."""

    name: str
    kind: tuple[str, str]
    text: str | None
    parts: tuple[Node, ...] = ()

    @property
    def long(self) -> bool:
        return self.text is not None and (len(self.text) > LONG or "\n" in self.text)


@dataclass(frozen=True, slots=True)
class Scope:
    """The tree of one scope: whose it is, and what is in it."""

    kind: str
    name: str
    nodes: tuple[Node, ...]


@dataclass(slots=True)
class _Left:
    names: int = MOST


def trees(data: Variables, find: str) -> tuple[list[Scope], bool]:
    """The variables of every scope, narrowed to what has `find` in its path or value; and whether some were left out."""
    left = _Left()
    found = []
    for one in data.scopes:
        nodes = tuple(_nodes(one, find.strip().lower(), left))
        if nodes or not find:
            found.append(Scope(one.scope.kind, _called(one), nodes))
    return found, left.names <= 0


def failed(reads: tuple[ShownRead, ...]) -> list[dict[str, Any]]:
    """The expressions of one incident, cut at the place meant, with what each reads: path, kind and text (None where values
    are not shown)."""
    return [{"of": one.of, **cut(one.text, one.position), "reads": list(_reads(one))} for one in reads]


def cut(text: str, position: int) -> dict[str, str]:
    """An expression in three pieces, the middle one the character meant."""
    at = position - 1 if 0 < position <= len(text) else len(text)
    return {"before": text[:at], "at": text[at : at + 1], "after": text[at + 1 :]}


def correct(page: Page, instance_id: UUID) -> Answer:
    """Set one variable a diagram reads, with a reason, and retry what failed where that is asked for."""
    form = request.form
    name = form.get("name", "").strip()
    value = typed(form.get("as", "text"), form.get("value", ""))
    set_variables(
        page.session,
        page.deps,
        page.caller,
        instance_id,
        {name: value},
        reason=form.get("reason", ""),
        at=form.get("at", "").strip()[:200] or None,
    )
    said = plain(f"已设置变量 {name}。", f"{name} was set.")
    if form.get("retry"):
        retry_incident(page.session, page.deps, page.caller, _id(form["retry"]))
        said = plain(
            f"已设置变量 {name}，并重新提交执行。", f"{name} was set; the activity will be run again."
        )
    flash(said, "done")
    return redirect(url_for("admin.instance", instance_id=instance_id), 303)


def typed(kind: str, text: str) -> Any:
    """A value as it was typed, of one of the kinds GIVEN. Raises InvalidInput for what is none of that kind."""
    stripped = text.strip()
    if kind == "text":
        return text
    if kind == "boolean" and stripped.lower() in ("true", "false", "是", "否", "yes", "no"):
        return stripped.lower() in ("true", "是", "yes")
    if kind in ("number", "json"):
        try:
            value = orjson.loads(stripped)
        except orjson.JSONDecodeError:
            value = None if kind == "number" else _refuse(kind, stripped)
        if kind == "json" or (isinstance(value, int | float) and not isinstance(value, bool)):
            return value
    return _refuse(kind, stripped)


def _refuse(kind: str, text: str) -> Any:
    words = {"number": ("数值", "a number"), "boolean": ("是或否", "yes or no"), "json": ("JSON", "JSON")}
    zh, en = words.get(kind, ("允许的类型", "of a kind there is"))
    raise InvalidInput(
        f"A variable was to be set to {text[:60]!r}, which is not {en}.",
        message_zh=f"变量的值“{text[:60]}”不是{zh}。",
    )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(
            f"The incident {text[:60]!r} was to be retried; that is no id of one.",
            message_zh="要重试的异常编号不对。",
        ) from None


def _called(one: ShownScope) -> str:
    name = one.scope.activity_name or one.scope.activity_id
    if one.scope.kind == "process":
        return one.scope.process
    if one.scope.kind == "item" and one.scope.index is not None:
        return f"{name} {brief(f'第 {one.scope.index + 1} 项', f'item {one.scope.index + 1}')}"
    return f"{name} → {one.scope.process}" if one.scope.kind == "call" else name


def _nodes(one: ShownScope, find: str, left: _Left) -> Iterator[Node]:
    if one.variables is None:
        for named in one.names:
            if find in named.path.lower() and left.names > 0:
                left.names -= 1
                yield Node(named.path, KIND_WORDS[named.kind], None)
        return
    for name in sorted(one.variables):
        node = _node(name, name, one.variables[name], find, left)
        if node is not None:
            yield node


def _node(path: str, name: str, value: Any, find: str, left: _Left) -> Node | None:
    if left.names <= 0:
        return None
    kind = kind_of(value)
    inside: list[tuple[str, Any]] = []
    if isinstance(value, Mapping):
        inside = [(str(key), part) for key, part in value.items()]
    elif isinstance(value, list | tuple):
        inside = [(str(place), part) for place, part in enumerate(value, 1)]
    matches = find in path.lower()
    left.names -= 1
    text = None if inside else _text(value)
    parts = tuple(
        node
        for key, part in inside
        if (node := _node(f"{path}.{key}", key, part, "" if matches else find, left)) is not None
    )
    if matches or parts or (text is not None and find in text.lower()):
        return Node(name, KIND_WORDS[kind], text, parts)
    left.names += 1
    return None


def _text(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return brief("是", "yes") if value else brief("否", "no")
    if isinstance(value, Mapping | list | tuple):
        return brief("（空）", "(empty)")
    text = str(value)
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]} …"


def _reads(one: ShownRead) -> Iterator[dict[str, Any]]:
    for path in one.names:
        value = None if one.values is None else one.values[path]
        text = None if one.values is None else _whole(value)
        yield {
            "path": path,
            "kind": KIND_WORDS[kind_of(value)] if one.values is not None else None,
            "text": text,
        }
    for path in one.missing:
        yield {"path": path, "kind": ("不存在", "missing"), "text": None}


def _whole(value: Any) -> str:
    if isinstance(value, Mapping | list | tuple):
        text = orjson.dumps(value).decode()
        return text if len(text) <= 400 else f"{text[:400]} …"
    return _text(value)
