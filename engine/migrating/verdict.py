"""What is said of moving one instance to another version: whether it can be, why not, and what it would change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.dialect.ids import author_id
from engine.dialect.tables.elements import EVENT_DEFINITIONS, FLOW_NODES
from engine.errors import WrongState
from engine.ports import Move

REFUSED_FOR = (
    "ended",
    "missing",
    "elsewhere",
    "type",
    "repetition",
    "join-flow",
    "starves",
    "gateway",
    "call",
    "callee",
    "opens",
    "expression",
)
"""Why an instance cannot be moved, the `code` of a refusal. Stored data."""

TOLD_OF = (
    "timer-moved",
    "event-gone",
    "event-new",
    "event-changed",
    "task-changed",
    "clock-kept",
    "clock-begins",
    "callee-moved",
    "join-opens",
    "inputs-anew",
    "renamed",
    "unwritten",
    "unproven",
    "runs-twice",
)
"""What a move would change or leave open, the `code` of a consequence or warning. Stored data."""

_EVENTS = {kind: (en, zh) for kind, en, zh in EVENT_DEFINITIONS.values()}


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence about one element, in English and Chinese. element: the author's id; empty of the instance as a whole."""

    code: str
    element: str
    name: str
    message: str
    message_zh: str

    def to_plain(self) -> dict[str, str]:
        """Return it as JSON-ready data."""
        return {
            "code": self.code,
            "element": self.element,
            "name": self.name,
            "message": self.message,
            "message_zh": self.message_zh,
        }


@dataclass(slots=True)
class Verdict:
    """Whether one instance can be moved to another version of its process.

    refusals: every reason why it cannot. consequences: what the move changes beside the version. warnings: what may go wrong
    later. version, target_version: from where to where; definition_id, target_id: the same by id.
    """

    instance_id: UUID
    business_key: str
    process_key: str
    status: str
    definition_id: UUID
    target_id: UUID
    version: int
    target_version: int
    refusals: list[Reason] = field(default_factory=list)
    consequences: list[Reason] = field(default_factory=list)
    warnings: list[Reason] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the instance can be moved."""
        return not self.refusals

    def refuse(self, code: str, spec: Any, message: str, message_zh: str) -> None:
        """Add a reason against it, once."""
        _add(self.refusals, code, spec, message, message_zh)

    def tell(self, code: str, spec: Any, message: str, message_zh: str) -> None:
        """Add a consequence, once."""
        _add(self.consequences, code, spec, message, message_zh)

    def warn(self, code: str, spec: Any, message: str, message_zh: str) -> None:
        """Add a warning, once."""
        _add(self.warnings, code, spec, message, message_zh)


@dataclass(frozen=True, slots=True)
class Migrated:
    """An instance that was moved: the verdict it was moved by, and the move the rooms above were told."""

    verdict: Verdict
    move: Move


class MigrationRefused(WrongState):
    """The instance cannot be moved to this version; nothing of it was changed."""

    def __init__(self, verdict: Verdict) -> None:
        reasons = verdict.refusals
        more = f" And {len(reasons) - 1} more reason(s)." if len(reasons) > 1 else ""
        more_zh = f"另有 {len(reasons) - 1} 条原因。" if len(reasons) > 1 else ""
        super().__init__(
            f"Moving instance {verdict.instance_id} of case {verdict.business_key} from version {verdict.version} to "
            f"version {verdict.target_version} was refused: {reasons[0].message}{more}",
            id=str(verdict.instance_id),
            state=verdict.status,
            message_zh=f"没有把 {verdict.business_key} 的流程实例从第 {verdict.version} 版迁移到第 "
            f"{verdict.target_version} 版：{reasons[0].message_zh}{more_zh}",
            refusals=[reason.to_plain() for reason in reasons],
        )
        self.verdict = verdict


def called(spec: Any) -> tuple[str, str]:
    """Return how sentences call an element, in English and Chinese: its kind, its name and its id."""
    english, chinese = kind_of(spec)
    identity, name = author_id(spec.bpmn_id), spec.bpmn_name
    if not name or name == identity:
        return f"the {english} '{identity}'", f"{chinese}“{identity}”"
    return f"the {english} '{name}' ({identity})", f"{chinese}“{name}”（{identity}）"


def kind_of(spec: Any) -> tuple[str, str]:
    """Return the kind of an element in words."""
    rule = FLOW_NODES.get(spec.bpmn_type)
    english, chinese = (rule.en, rule.zh) if rule else (spec.bpmn_type, spec.bpmn_type)
    if spec.event.kind in _EVENTS:
        en, zh = _EVENTS[spec.event.kind]
        return f"{en} {english}", f"{zh}{chinese}"
    return english, chinese


def _add(reasons: list[Reason], code: str, spec: Any, message: str, message_zh: str) -> None:
    element, name = (author_id(spec.bpmn_id), spec.bpmn_name) if spec is not None else ("", "")
    reason = Reason(code, element, name, message[:1].upper() + message[1:], message_zh)
    if reason not in reasons:
        reasons.append(reason)


def instant(text: str | None) -> str:
    """Return an instant as people read it; — where there is none."""
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M") if text else "—"
