"""Joins that can open because an instance moved: they waited for flows the target does not have."""

from __future__ import annotations

from typing import Any

from engine.migrating.joins import joins
from engine.migrating.verdict import Verdict, called
from engine.spiff.specs.gateways import InclusiveSpec, ParallelSpec, merge
from engine.spiff.task import Token
from engine.spiff.workflow import Instance


def open_joins(instance: Instance, verdict: Verdict, *, moves: bool) -> None:
    """Let joins open that waited for flows the target does not have; refuse where the instance may not move on (moves)."""
    opened: list[Any] = []
    for scope in instance.scopes():
        waiting: dict[Any, list[Token]] = {}
        for token in scope.live_tokens():
            if token.waits and isinstance(token.task_spec, ParallelSpec | InclusiveSpec):
                waiting.setdefault(token.task_spec, []).append(token)
        for spec, tokens in waiting.items():
            opened += _open(scope, spec, tokens)
    for spec in opened:
        en, zh = called(spec)
        version = verdict.target_version
        if moves:
            verdict.tell(
                "join-opens",
                spec,
                f"{en} opens with the move: in version {version} it waits for nobody else.",
                f"{zh}随迁移放行：第 {version} 版中它不再等待其他令牌。",
            )
        else:
            verdict.refuse(
                "opens",
                spec,
                f"{en} would open with the move, but the instance is suspended: resume it first.",
                f"{zh}会随迁移放行，但流程实例已挂起：请先恢复。",
            )


def _open(scope: Any, spec: Any, tokens: list[Token]) -> list[Any]:
    if not joins(spec):
        for token in tokens:
            token.go_on()
        return [spec]
    if isinstance(spec, InclusiveSpec):
        if spec.awaited(scope, spec.waiting(scope)):
            return []
        spec.open(spec.waiting(scope))
        return [spec]
    opened: list[Any] = []
    while True:
        first: dict[str, Token] = {}
        for token in tokens:
            if token.waits:
                first.setdefault(token.internal_data["via"], token)
        if len(first) < len(spec.incoming):
            return opened
        survivor = next(reversed(first.values()))
        merge(survivor, list(first.values()))
        survivor.go_on()
        opened = [spec]
