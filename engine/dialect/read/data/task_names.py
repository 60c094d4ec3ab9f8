"""Properties that name user tasks, such as those a task is checked against: a name that nobody drew is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from engine.dialect.findings import Report
from engine.dialect.host import Host
from engine.dialect.model import Node, ProcessModel
from engine.dialect.read.context import place_of_node
from engine.dialect.read.data.shapes import nodes_of
from engine.expressions.feel.api import parse
from engine.expressions.feel.errors import ExpressionError
from engine.expressions.feel.syntax import tree as t

_LONGEST = 2_000
"""Characters of an expression that is looked at for the names it writes out."""
_PARTS = re.compile(r"[\s,，、;；]+")


def check_task_names(models: Collection[ProcessModel], host: Host, report: Callable[[str], Report]) -> None:
    """Warn of user tasks named by a property (`Meaning.of_tasks`) that are in no diagram of the deployment, and of such a
    property where it says nothing: on anything but a user task. What an expression works out is known only when it runs.
    """
    wanted = [name for name, meaning in host.properties.items() if meaning.of_tasks]
    if not wanted:
        return
    drawn = {node.id for model in models for node in nodes_of(model.body) if node.kind == "userTask"}
    for model in models:
        for node in nodes_of(model.body):
            for name in node.properties.keys() & set(wanted):
                _check(report(model.file), node, name, drawn)


def _check(report: Report, node: Node, name: str, drawn: Collection[str]) -> None:
    place = place_of_node(node)
    if node.kind != "userTask":
        report.warning(
            "property-without-effect",
            place,
            f'{place:en} has the property "{name}", which only a user task may have; it has no effect.',
            f"{place:zh}有属性“{name}”，只有用户任务才可以有；它不起作用。",
        )
        return
    for word in dict.fromkeys(_named(node.properties[name])):
        if word in drawn:
            continue
        meant = report.closest(word, drawn)
        report.warning(
            "unknown-task",
            place,
            f'{place:en} has the property {name}: "{word[:80]}" is no user task of these diagrams, so nobody is kept from it '
            "for that." + (f' Did you mean "{meant}"?' if meant else ""),
            f"{place:zh}的属性 {name}：这些流程图里没有用户任务“{word[:80]}”，因此不会据此回避任何人。"
            + (f"是否想写“{meant}”？" if meant else ""),
        )


def _named(text: str) -> Iterator[str]:
    """The names a value writes out, also in a FEEL text or list of texts."""
    if not text.startswith("="):
        yield from (part for part in _PARTS.split(text) if part)
        return
    if len(text) > _LONGEST:
        return
    try:
        tree, _ = parse(text[1:])
    except ExpressionError:
        return
    for item in tree.items if isinstance(tree, t.ListLiteral) else (tree,):
        if isinstance(item, t.Literal) and isinstance(item.value, str):
            yield from (part for part in _PARTS.split(item.value) if part)
