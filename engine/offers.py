"""What this installation offers to bind the needs of a diagram to, and the sentence that refuses anything else."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.deployment import ProcessDefinition, Resource
from engine.dialect.binding import may_be_nothing, split_version
from engine.dialect.listening import Moments
from engine.dialect.model import NOTHING, Need, NeedKind
from engine.ports import Operation

WORDS: dict[NeedKind, tuple[str, str]] = {
    "operation": ("operation", "操作"),
    "listener": ("listener", "监听器"),
    "process": ("process", "流程"),
    "decision": ("decision", "决策"),
}
"""Kind of need → what it is called in English and Chinese."""
LISTED = 20
"""How many names a sentence lists."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a need can be bound to: the target, its name for people, and the versions of a process."""

    target: str
    name: str
    versions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Offers:
    """Operations with their description, deployed processes with name and versions, deployed decisions."""

    operations: Mapping[str, str]
    processes: Mapping[str, Choice]
    decisions: frozenset[str] = field(default_factory=frozenset)

    def choices(self, need: Need, moments: Moments) -> list[Choice]:
        """Return everything a need can be bound to."""
        if need.kind == "process":
            return list(self.processes.values())
        if need.kind == "decision":
            return [Choice(key, key) for key in sorted(self.decisions)]
        found = [Choice(NOTHING, "不执行任何操作 nothing is run")]
        if need.kind == "operation" or moments.runs(need):
            found += [Choice(name, told) for name, told in self.operations.items()]
        return found

    def wrong(self, need: Need, target: str, moments: Moments) -> tuple[str, str] | None:
        """Return why a need cannot be bound to a target, in English and Chinese; None where it can."""
        if target == NOTHING and may_be_nothing(need):
            return None
        if need.kind == "process":
            return self._wrong_process(target)
        if need.kind == "decision":
            return None if target in self.decisions else _unknown("decision", target, self.decisions)
        if need.kind == "listener" and not moments.runs(need):
            return (
                f'the moment "{need.event}" of {need.element} cannot be run here; it can only be bound to nothing.',
                f"{need.element} 的“{need.event}”时刻在这里无法运行；只能绑定为 nothing。",
            )
        return None if target in self.operations else _unknown("operation", target, self.operations)

    def _wrong_process(self, target: str) -> tuple[str, str] | None:
        key, version = split_version(target)
        if key not in self.processes or (version is None and key != target):
            return _unknown("process", target, self.processes)
        versions = self.processes[key].versions
        if version is None or version in versions:
            return None
        there = _listed([str(one) for one in versions])
        return (
            f'version {version} of the process "{key}" is not deployed; there are {there}.',
            f"流程“{key}”的第 {version} 版没有部署；已有版本：{there}。",
        )


def read_offers(session: Session, operations: Mapping[str, Operation]) -> Offers:
    """Return what is offered now."""
    rows = session.execute(
        sa.select(ProcessDefinition.key, ProcessDefinition.name, ProcessDefinition.version).order_by(
            ProcessDefinition.key, ProcessDefinition.version.desc()
        )
    )
    processes: dict[str, Choice] = {}
    for row in rows:
        before = processes.get(row.key, Choice(row.key, row.name or row.key))
        processes[row.key] = Choice(row.key, before.name, (*before.versions, row.version))
    decisions = session.scalars(
        sa.select(sa.func.unnest(sa.func.string_to_array(Resource.key, " ")))
        .where(Resource.kind == "dmn")
        .distinct()
    )
    return Offers(
        {name: description(operation) for name, operation in operations.items()},
        processes,
        frozenset(decisions) - {""},
    )


def description(operation: Operation) -> str:
    """Return what an operation says of itself: the first paragraph of its docstring."""
    return " ".join((inspect.getdoc(operation) or "").split("\n\n")[0].split())


def _unknown(kind: NeedKind, target: str, known: Iterable[str]) -> tuple[str, str]:
    names = sorted(known)
    near = difflib.get_close_matches(target[:80], names[:1000], n=1, cutoff=0.75)
    en, zh = WORDS[kind]
    there = _listed(names)
    maybe_en = f"; did you mean {near[0]}?" if near else "."
    maybe_zh = f"；是否想写 {near[0]}？" if near else "。"
    nothing = ", and nothing" if kind == "operation" else ""
    return (
        f'the {en} "{target[:80]}" does not exist here{maybe_en} There are: {there}{nothing}.',
        f"这里没有{zh}“{target[:80]}”{maybe_zh}可选：{there}{nothing.replace(', and', '、')}。",
    )


def _listed(names: list[str]) -> str:
    more = f" … ({len(names)})" if len(names) > LISTED else ""
    return (", ".join(names[:LISTED]) or "–") + more
