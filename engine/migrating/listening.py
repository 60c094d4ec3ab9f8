"""What listens beside the tokens of an instance that moves: at the borders of activities and scopes, and after event gateways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.dialect.model import EVENT_SUB_PROCESS
from engine.migrating.pairing import gate_of, renamed
from engine.migrating.verdict import Verdict, called, instant
from engine.spiff.specs.base import NodeSpec
from engine.spiff.specs.events import TriggerSpec
from engine.spiff.task import Token
from engine.spiff.workflow import Instance


def borders_before(instance: Instance, mapping: Mapping[str, str]) -> dict[UUID, frozenset[str]]:
    """Return what listens at each activity or scope root of an instance that is still on the version it comes from, by the
    names of the version it goes to.
    """
    found: dict[UUID, frozenset[str]] = {}
    for scope in instance.scopes():
        for token in (scope.task_tree, *scope.live_tokens()):
            if token.task_spec.boundaries:
                found[token.id] = frozenset(renamed(one.name, mapping) for one in token.task_spec.boundaries)
    return found


def still_there(
    before: Mapping[UUID, frozenset[str]], withdrawn: list[Token], mapping: Mapping[str, str]
) -> dict[UUID, frozenset[str]]:
    """Return the same without what was withdrawn, which the target may have as something else."""
    found = dict(before)
    for token in withdrawn:
        parent = token.parent
        if parent is not None and parent.id in found:
            found[parent.id] -= {renamed(token.task_spec.name, mapping)}
    return found


def withdraw(instance: Instance, tokens: list[Token], verdict: Verdict) -> None:
    """Take away what listens at borders and does not in the target, in the version the instance comes from."""
    for token in tokens:
        en, zh = called(token.task_spec)
        due = token.internal_data.get("due")
        when, when_zh = (
            (f", which was due at {instant(due)}", f"（原定 {instant(due)}）") if due else ("", "")
        )
        verdict.tell(
            "event-gone",
            token.task_spec,
            f"{en}{when} is withdrawn: version {verdict.target_version} has no such event there.",
            f"{zh}{when_zh}撤销：第 {verdict.target_version} 版中那里没有这个事件。",
        )
        token.cancel()


def listen(instance: Instance, borders: Mapping[UUID, frozenset[str]], verdict: Verdict) -> None:
    """Arm what listens in the target and has not in the version before. borders: what has (`borders_before`, `still_there`)."""
    none = frozenset[str]()
    for scope in instance.scopes():
        _borders_of_root(scope, borders.get(scope.task_tree.id, none), verdict)
        for token in scope.live_tokens():
            if not token.at_border and token.task_spec.boundaries:
                _borders(token, borders.get(token.id, none), verdict)
        _alternatives(scope, verdict)


def _borders(token: Token, before: frozenset[str], verdict: Verdict) -> None:
    """Arm what listens at an activity's border in the target and has not in the version before."""
    spec, data = token.task_spec, token.internal_data
    if spec.wrapper is not None or not (spec.is_activity or spec.boundaries):
        return
    if data.get("held") == "enter" and not any(child is not None for child in token.children):
        return  # its retry arms all of them
    for border in spec.boundaries:
        if border.name not in before:
            _arm(token, border, verdict)


def _borders_of_root(scope: Any, before: frozenset[str], verdict: Verdict) -> None:
    """The same of what triggers event sub-processes, unless one has taken the whole scope over."""
    live = [token for token in scope.live_tokens() if token.task_spec.bpmn_type == EVENT_SUB_PROCESS]
    handlers = {token.task_spec for token in live}
    triggers = [border for border in scope.spec.root.boundaries if isinstance(border, TriggerSpec)]
    if any(border.interrupting and border.handler in handlers for border in triggers):
        return
    for border in triggers:
        if border.name not in before:
            _arm(scope.task_tree, border, verdict)


def _arm(token: Token, border: NodeSpec, verdict: Verdict) -> None:
    child = token._add_child(border)
    border._update(child)
    if "held" in child.internal_data:
        return  # told with everything that failed
    en, zh = called(border)
    due = child.internal_data.get("due")
    when, when_zh = (f", until {instant(due)}", f"，到 {instant(due)}") if due else ("", "")
    verdict.tell("event-new", border, f"{en} begins to listen{when}.", f"{zh}开始监听{when_zh}。")


def _alternatives(scope: Any, verdict: Verdict) -> None:
    """Arm the events that follow an event-based gateway in the target only."""
    waiting: dict[str, list[Token]] = {}
    for token in scope.live_tokens():
        if "gate" in token.internal_data:
            waiting.setdefault(token.internal_data["gate"], []).append(token)
    for gate, tokens in waiting.items():
        gateway = scope.spec.task_specs[gate_of(tokens[0])]
        there = {token.task_spec.name for token in tokens}
        for flow in gateway.flows:
            if flow.target in there:
                continue
            child = scope.task_tree._add_child(scope.spec.task_specs[flow.target])
            child.internal_data.update(via=flow.id, gate=gate)
            child.set_lineage(tokens[0].lineage)
            child.task_spec._update(child)
            if "held" not in child.internal_data:
                en, zh = called(child.task_spec)
                verdict.tell("event-new", child.task_spec, f"{en} begins to wait.", f"{zh}开始等待。")
