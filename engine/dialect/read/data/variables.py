"""Compares what expressions read with what the diagrams of a deployment write: a misspelt name is found here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dialect.findings import Place, Report, where
from engine.dialect.model import EVERY_ENTRY, HOMES, Node, ProcessModel
from engine.dialect.read.data.forms import field_keys
from engine.dialect.read.data.shapes import Known, caught_by, nodes_of
from engine.dialect.read.data.texts import Read, spot_of
from engine.expressions.dmn import Decision, DecisionModel

GIVEN = HOMES | {"loopCounter", "nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances"}
"""Names the engine itself provides."""


@dataclass(slots=True)
class Written:
    """What the processes of one deployment write: root names, and what is under each home."""

    roots: set[str] = field(default_factory=lambda: set(GIVEN))
    asked: set[str] = field(default_factory=set)
    """Root names of the fields of all forms: what a misspelt name may have meant."""
    homes: dict[str, set[str]] = field(
        default_factory=lambda: {
            "form": set(),
            "decision": set(),
            "result": set(),
            "message": set(),
            "signal": set(),
        }
    )
    items: dict[str, set[str]] = field(default_factory=dict)
    """Activity → what its own repetition gives to each item: never what its collection is called."""
    elsewhere: bool = False
    """Whether a process is called that is no part of the deployment, and what it writes comes back."""


def written_by(models: Collection[ProcessModel], forms: Mapping[str, Mapping[str, Any]]) -> Written:
    """Return what the processes write."""
    written = Written()
    fields = roots_of(models, forms)
    own = {model.key for model in models}
    written.asked.update(name for names in fields.values() for name in names)
    for model in models:
        for node in nodes_of(model.body):
            for target in targets_of_node(node):
                root, _, rest = target.partition(".")
                written.roots.add(root)
                if root in written.homes and rest:
                    written.homes[root].add(rest.partition(".")[0])
            if node.loop is not None:
                written.items[node.id] = set(
                    filter(None, (node.loop.element_variable, node.loop.index_variable))
                )
            if node.event is not None and node.event.kind in ("message", "signal"):
                written.homes[node.event.kind].add(node.id)
            if node.call is not None and node.call.process not in own:
                comes_back = any(one.target == "*" for one in node.call.outputs)
                written.elsewhere |= node.call.shares or comes_back
            if node.operation:
                written.homes["result"].add(node.id)
            if node.user is None and node.kind != "startEvent":
                continue
            written.homes["form"].add(node.id)
            for key in form_keys(model, node):
                asked = fields.get(key, set())
                written.roots |= asked if node.spread == EVERY_ENTRY else asked & set(node.spread)
    return written


def roots_of(models: Iterable[ProcessModel], forms: Mapping[str, Mapping[str, Any]]) -> dict[str, set[str]]:
    """Return the root names of the fields of each form that processes use: each form is looked at once."""
    used = {key for model in models for node in nodes_of(model.body) for key in form_keys(model, node)}
    return {key: {name.partition(".")[0] for name in field_keys(forms[key])} for key in used if key in forms}


def form_keys(model: ProcessModel, node: Node) -> list[str]:
    """Return the keys of the forms whose answers a node may get: a process is started with its own start form too."""
    named = [node.user.form] if node.user is not None and node.user.form else []
    if node.kind == "startEvent":
        named += [model.properties.get("form.start", ""), f"{model.key}_start"]
    return [key for key in dict.fromkeys(named) if key]


def asked(model: ProcessModel, tables: Mapping[str, DecisionModel]) -> Iterator[Decision]:
    """Yield the decisions that rule tasks of a process ask over its own variables. A rule task with an input mapping
    gives its decision names of its own.
    """
    for node in nodes_of(model.body):
        if node.decision is not None and not node.inputs and node.decision.decision in tables:
            yield tables[node.decision.decision].decisions[node.decision.decision]


def asked_by(model: ProcessModel, tables: Mapping[str, DecisionModel]) -> Iterator[Read]:
    """Yield the decisions a process asks as readers of its variables."""
    for decision in asked(model, tables):
        paths = frozenset(path for path in decision.paths if "." in path)
        yield Read(place_of_decision(decision), ("logic", "逻辑"), frozenset(), paths, "")


def place_of_decision(decision: Decision) -> Place:
    """Return where a decision stands in its file."""
    return Place(decision.line, decision.id, decision.name, "decision", "决策")


def check_reads(report: Report, reads: Iterable[Read], written: Written, known: Known) -> None:
    """Report names that nothing in the deployment writes: a warning when it looks misspelt, else a note."""
    seen: set[str] = set()
    hyphened = _hyphened(written)
    for read in reads:
        meant = [name for name in hyphened if name in read.text and _alone(name).search(read.text)]
        for name in meant:
            _subtracted(report, read, name)
        parts = {part for name in meant for part in re.split(r"[.-]", name)}
        for name in sorted(read.names - written.roots - parts):
            if name not in seen:
                seen.add(name)
                own = written.items.get(read.place.id, set()) if read.what[0] == "collection" else set()
                _unknown(
                    report,
                    read,
                    name,
                    name,
                    report.closest(name, (written.roots | written.asked) - own),
                    elsewhere=written.elsewhere,
                )
        for path in sorted(read.paths):
            if path not in seen and not any(path.startswith(one.partition("-")[0]) for one in meant):
                seen.add(path)
                _check_path(report, read, path, written, known)


def _check_path(report: Report, read: Read, path: str, written: Written, known: Known) -> None:
    """Report a path of which a part is not there, as far as forms, tables and nodes tell."""
    home, *rest = path.split(".")
    if not rest:
        return
    if home in written.homes and rest[0] not in written.homes[home]:
        near = report.closest(rest[0], written.homes[home])
        _unknown(
            report, read, path, f"{home}.{rest[0]}", near and f"{home}.{near}", elsewhere=written.elsewhere
        )
        return
    parts = path.split(".")
    for length in range(1, len(parts)):
        prefix, inner = ".".join(parts[:length]), ".".join(parts[length:])
        if prefix in known.below and not known.holds(prefix, inner):
            near = report.closest(inner, known.below[prefix])
            _unknown(report, read, path, path, near and f"{prefix}.{near}", asked=True)
            return


def _alone(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])")


def _unknown(
    report: Report,
    read: Read,
    path: str,
    name: str,
    near: str,
    *,
    asked: bool = False,
    elsewhere: bool = False,
) -> None:
    place, what, spot = read.place, read.what, spot_of(read, path)
    who_en = "whoever starts or calls the process" + (", or a process that is called," if elsewhere else "")
    who_zh = "启动或调用流程者" + ("，或被调用的流程" if elsewhere else "")
    hint_en = f"did you mean {near}?" if near else f"make sure that {who_en} gives it."
    hint_zh = f"是否想写 {near}？" if near else f"请确认{who_zh}会提供它。"
    if asked and not near:
        hint_en, hint_zh = (
            "ask for it in the form, give it in the table, or correct the name.",
            "请在表单中询问它，在决策表中给出它，或更正名称。",
        )
    (report.warning if near or asked else report.note)(
        "unknown-variable",
        place,
        f"The {what[0]} of {place:en} reads {name}, which nothing in this deployment writes{where(spot)[0]}; "
        f"{hint_en}",
        f"{place:zh}的{what[1]}读取 {name}，但本次部署中没有任何元素写入它{where(spot)[1]}；{hint_zh}",
        spot,
    )


def _hyphened(written: Written) -> list[str]:
    """Names with a hyphen, which FEEL reads as subtractions, as an author would write them."""
    below = (f"{home}.{name}" for home, names in written.homes.items() for name in names)
    return sorted(name for name in (*written.roots, *below) if "-" in name)


def _subtracted(report: Report, read: Read, name: str) -> None:
    place, what, spot = read.place, read.what, spot_of(read, name)
    home, _, key = name.rpartition(".")
    advice_en = (
        f'write get value({home}, "{key}"), or rename it with "_".' if home else 'rename it with "_" instead.'
    )
    advice_zh = f'请写 get value({home}, "{key}")，或改用“_”命名。' if home else "请改用“_”命名。"
    report.warning(
        "read-as-subtraction",
        place,
        f"The {what[0]} of {place:en} holds {name}, which FEEL reads as a subtraction{where(spot)[0]}; {advice_en}",
        f"{place:zh}的{what[1]}中的 {name} 会被 FEEL 读作减法{where(spot)[1]}；{advice_zh}",
        spot,
    )


def targets_of_node(node: Node) -> Iterator[str]:
    """Yield the paths a node writes or that only it and its inside see, but not what it learns."""
    for assignment in (*node.script, *node.inputs, *node.outputs):
        yield assignment.target
    if node.call is not None:
        for assignment in (*node.call.inputs, *node.call.outputs):
            yield assignment.target
    yield from caught_by(node)
    if node.decision is not None:
        yield node.decision.result
    yield from filter(None, (node.result, node.initiator))
    if node.loop is not None:
        loop = node.loop
        yield from filter(None, (loop.element_variable, loop.index_variable, loop.output_collection))
