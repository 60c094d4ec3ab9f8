"""Compares what expressions read with what the diagrams of a deployment write: a misspelt name is found here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dialect.findings import Report
from engine.dialect.model import Body, Node, ProcessModel
from engine.dialect.read.forms import field_keys
from engine.dialect.read.texts import Read

GIVEN = frozenset(
    {
        "case", "clock", "form", "decision", "loop", "message", "loopCounter", "nrOfInstances",
        "nrOfActiveInstances", "nrOfCompletedInstances",
    }
)  # fmt: skip
"""Names the engine itself provides."""


@dataclass(slots=True)
class Written:
    """What the processes of one deployment write: root names, and what is under `form`, `decision`, `message`."""

    roots: set[str] = field(default_factory=lambda: set(GIVEN))
    homes: dict[str, set[str]] = field(
        default_factory=lambda: {"form": set(), "decision": set(), "message": set()}
    )
    answers: dict[str, frozenset[str]] = field(default_factory=dict)
    """User task id → the answers its form asks for."""


def written_by(models: Iterable[ProcessModel], forms: Mapping[str, Mapping[str, Any]]) -> Written:
    """Return what the processes write."""
    written = Written()
    for model in models:
        for node in _all(model.body):
            for target in _targets(node):
                root, _, rest = target.partition(".")
                written.roots.add(root)
                if root in written.homes and rest:
                    written.homes[root].add(rest.partition(".")[0])
            if node.event is not None and node.event.kind == "message":
                written.homes["message"].add(node.id)
            if node.user is None:
                continue
            written.homes["form"].add(node.id)
            form = forms.get(node.user.form or "")
            if form is not None:
                keys = field_keys(form)
                written.answers[node.id] = keys
                written.roots.update(key.partition(".")[0] for key in keys)
    return written


def check_reads(report: Report, reads: Iterable[Read], written: Written) -> None:
    """Report names that nothing in the deployment writes: a warning when it looks misspelt, else a note."""
    seen: set[str] = set()
    for read in reads:
        for name in sorted(read.names - written.roots):
            if name not in seen:
                seen.add(name)
                _unknown(report, read, name, report.closest(name, written.roots))
        for path in sorted(read.paths):
            home, *rest = path.split(".")
            if path in seen or not rest or home not in written.homes:
                continue
            seen.add(path)
            if rest[0] not in written.homes[home]:
                near = report.closest(rest[0], written.homes[home])
                _unknown(report, read, f"{home}.{rest[0]}", near and f"{home}.{near}")
            elif home == "form" and len(rest) > 1 and rest[0] in written.answers:
                asked, field_path = written.answers[rest[0]], ".".join(rest[1:])
                if not any(_along(field_path, key) for key in asked):
                    near = report.closest(field_path, asked)
                    _unknown(report, read, path, near and f"form.{rest[0]}.{near}", asked=True)


def _along(path: str, key: str) -> bool:
    return path == key or path.startswith(f"{key}.") or key.startswith(f"{path}.")


def _unknown(report: Report, read: Read, name: str, near: str, *, asked: bool = False) -> None:
    place, what = read.place, read.what
    hint_en = (
        f"did you mean {near}?" if near else "make sure that whoever starts or calls the process gives it."
    )
    hint_zh = f"是否想写 {near}?" if near else "请确认启动或调用流程者会提供它。"
    if asked and not near:
        hint_en, hint_zh = "ask for it in the form or correct the name.", "请在表单中询问它,或更正名称。"
    (report.warning if near or asked else report.note)(
        "unknown-variable",
        place,
        f"The {what[0]} of {place:en} reads {name}, which nothing in this deployment writes; {hint_en}",
        f"{place:zh}的{what[1]}读取 {name},但本次部署中没有任何元素写入它;{hint_zh}",
    )


def _all(body: Body) -> Iterator[Node]:
    for node in body.nodes:
        yield node
        if node.body is not None:
            yield from _all(node.body)


def _targets(node: Node) -> Iterator[str]:
    for assignment in (*node.script, *node.inputs, *node.outputs):
        yield assignment.target
    if node.call is not None:
        for assignment in (*node.call.inputs, *node.call.outputs):
            yield assignment.target
    if node.decision is not None:
        yield node.decision.result
    if node.loop is not None and node.loop.element_variable:
        yield node.loop.element_variable
